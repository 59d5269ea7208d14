import { voiceOf } from './commands/voice.ts';
import { asksToDebug } from './debug-flags.ts';
import { cancelled } from './errors.ts';
import { type EarlyScreen, openEarlyScreen } from './system/early-screen.ts';
import { canAsk } from './system/streams.ts';
import { describeTerminal } from './system/terminal.ts';
import { drainInput } from './system/terminal-guard.ts';
import type { FirstPlace } from './wizard/first-frame.ts';
import { liveSizeOf } from './wizard/parts/live-size-of.ts';
import { marksFor } from './wizard/parts/marks.ts';
import type { Painted } from './wizard/parts/paint.ts';
import { reflowedBy } from './wizard/parts/reflow.ts';

/** Smaller windows show what there is room for, in ways of their own. */
const [fewestRows, fewestColumns] = [4, 10];

/**
 * Draws a frame before what draws the others is loaded, where a person sits at a terminal that can show it.
 * @param frameFor gives undefined, or throws, where it is not certain how the frame looks
 * @returns undefined where nothing was drawn
 */
export async function showEarly(
  frameFor: (place: FirstPlace) => Painted | undefined | Promise<Painted | undefined>,
): Promise<EarlyScreen | undefined> {
  const { env } = process;
  if (asksToDebug(env) || voiceOf({}, { env }) !== 'screen') return undefined;
  const { stdin, stderr } = process;
  if (!canAsk({ stdin, stderr })) return undefined;
  if ((stderr.rows || 0) < fewestRows || (stderr.columns || 0) < fewestColumns) return undefined;
  try {
    const { unicode, color, reflows } = describeTerminal(env, { stdin, stderr });
    const frame = await frameFor({ ...liveSizeOf(stderr), marks: marksFor(unicode), color });
    if (frame === undefined) return undefined;
    return openEarlyScreen(pictureOf(frame, reflows), { stdin, stderr }, () => void leave());
  } catch {
    return undefined;
  }
}

function pictureOf({ lines, texts, cursor }: Painted, reflows: boolean) {
  const { length } = lines;
  const toCursor =
    cursor === undefined ? '' : `\u001b[${length - cursor.y}A\u001b[${cursor.x + 1}G\u001b[?25h`;
  return {
    bytes: `${lines.join('\n')}\n${toCursor}`,
    rowsAbove: (columns: number) =>
      (cursor?.y ?? length) + (reflows ? reflowedBy(texts, cursor, columns) : 0),
  };
}

/** As what is about to be loaded leaves, without it. */
async function leave(): Promise<void> {
  const { message, exitCode } = cancelled();
  await drainInput(process.stdin);
  process.stderr.write(`dkp-auth: ${message}\n`, () => process.exit(exitCode));
}
