import { type Streams, write } from './streams.ts';

/** More than terminals take; none of our addresses comes near. */
const longestBase64 = 74_000;
/** GNU screen drops longer strings. */
const screenPiece = 250;

const esc = '\u001b';
const stringEnd = `${esc}\\`;

/**
 * The sequence that asks a terminal to put a text on its clipboard (OSC 52). Nothing tells whether it did: the text
 * must stand on the screen as well.
 * @returns undefined where it cannot work
 */
export function clipboardSequence(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { TERM: term = '', TMUX: tmux, STY: screen } = env;
  if (term === '' || term === 'dumb' || term === 'linux') return undefined;
  // Neither knows it, and both say who they are.
  if (env['TERM_PROGRAM'] === 'Apple_Terminal' || env['VTE_VERSION']) return undefined;
  const data = Buffer.from(text, 'utf8').toString('base64');
  if (data.length > longestBase64) return undefined;
  const sequence = `${esc}]52;c;${data}\u0007`;
  // Which of the two tmux takes is a setting of its owner's: set-clipboard or allow-passthrough.
  if (tmux) return `${sequence}${esc}Ptmux;${sequence.replaceAll(esc, esc + esc)}${stringEnd}`;
  if (!screen) return sequence;
  const pieces = sequence.match(new RegExp(`[^]{1,${screenPiece}}`, 'g')) ?? [];
  return pieces.map(piece => `${esc}P${piece}${stringEnd}`).join('');
}

export async function copyToClipboard(text: string, { env, stderr }: Streams): Promise<void> {
  const sequence = clipboardSequence(text, env);
  if (sequence !== undefined) await write(stderr, sequence);
}
