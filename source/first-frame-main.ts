import { readFileSync } from 'node:fs';
import { showEarly } from './show-early.ts';
import type { EarlyScreen } from './system/early-screen.ts';
import { assertOwn } from './system/ownership.ts';
import { type Paths, pathsOf } from './system/paths.ts';
import { readPrivateFileNow } from './system/private-file.ts';
import { settingsFile } from './system/settings-file.ts';
import { firstFrame } from './wizard/first-frame.ts';
import { interruptedFile, isRecent } from './wizard/interrupted-file.ts';

/**
 * Draws the wizard's first question before the wizard is loaded, where it is certain how it will look.
 * @returns undefined where it is not, and nothing was drawn
 */
export function showFirstFrame(): Promise<EarlyScreen | undefined> {
  return showEarly(place => {
    const loginLinks = loginLinksFor(pathsOf(process.env));
    return loginLinks && firstFrame(loginLinks, place);
  });
}

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
