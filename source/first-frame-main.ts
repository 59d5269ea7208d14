import { readFileSync } from 'node:fs';
import { voiceOf } from './commands/voice.ts';
import { asksToDebug } from './debug-flags.ts';
import { cancelled } from './errors.ts';
import { type EarlyScreen, openEarlyScreen } from './system/early-screen.ts';
import { assertOwn } from './system/ownership.ts';
import { type Paths, pathsOf } from './system/paths.ts';
import { readPrivateFileNow } from './system/private-file.ts';
import { settingsFile } from './system/settings-file.ts';
import { canAsk } from './system/streams.ts';
import { describeTerminal } from './system/terminal.ts';
import { drainInput } from './system/terminal-guard.ts';
import { firstFrame } from './wizard/first-frame.ts';
import { interruptedFile, isRecent } from './wizard/interrupted-file.ts';
import { liveSizeOf } from './wizard/parts/live-size-of.ts';
import { marksFor } from './wizard/parts/marks.ts';
import type { Painted } from './wizard/parts/paint.ts';
import { reflowedBy } from './wizard/parts/reflow.ts';

/**
 * Draws the wizard's first question before the wizard is loaded, where it is certain how it will look.
 * @returns undefined where it is not, and nothing was drawn
 */
export function showFirstFrame(): EarlyScreen | undefined {
  const { env } = process;
  if (asksToDebug(env) || voiceOf({}, { env }) !== 'screen') return undefined;
  const { stdin, stderr } = process;
  if (!canAsk({ stdin, stderr })) return undefined;
  try {
    const loginLinks = loginLinksFor(pathsOf(env));
    if (loginLinks === undefined || (stderr.rows || 0) < fewestRows || (stderr.columns || 0) < fewestColumns)
      return undefined;
    const { unicode, color, reflows } = describeTerminal(env, { stdin, stderr });
    const frame = firstFrame(loginLinks, { ...liveSizeOf(stderr), marks: marksFor(unicode), color });
    return openEarlyScreen(pictureOf(frame, reflows), { stdin, stderr }, () => void leave());
  } catch {
    return undefined;
  }
}

/** Smaller windows show what there is room for, in ways of their own. */
const [fewestRows, fewestColumns] = [4, 10];

/**
 * The login links that are offered first, the latest first.
 * @returns undefined where something else may come first, or it is not said plainly
 */
function loginLinksFor(paths: Paths): string[] | undefined {
  if (mayGoOn(paths)) return undefined;
  const { portals = [], screenReader } = JSON.parse(settingsText(paths)) as {
    portals?: { loginLink: string; lastUsed: number }[];
    screenReader?: unknown;
  };
  const isPlain = portals.every(
    ({ loginLink, lastUsed }) =>
      typeof loginLink === 'string' && /^[\x21-\x7e]+$/.test(loginLink) && typeof lastUsed === 'number',
  );
  if (screenReader || !isPlain) return undefined;
  return [...portals].sort((a, b) => b.lastUsed - a.lastUsed).map(({ loginLink }) => loginLink);
}

function settingsText(paths: Paths): string {
  assertOwn(settingsFile(paths));
  try {
    return readFileSync(settingsFile(paths), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  }
}

/** Whether a wizard was left of late, which the first question then offers to go on with. */
function mayGoOn(paths: Paths): boolean {
  try {
    const left: { leftAt?: unknown } = JSON.parse(readPrivateFileNow(interruptedFile(paths)) ?? '{}');
    return typeof left.leftAt === 'number' && isRecent(left.leftAt, Date.now());
  } catch {
    return false;
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

/** As the wizard leaves, without it. */
async function leave(): Promise<void> {
  const { message, exitCode } = cancelled();
  await drainInput(process.stdin);
  process.stderr.write(`dkp-auth: ${message}\n`, () => process.exit(exitCode));
}
