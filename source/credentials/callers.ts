import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { Paths } from '../system/paths.ts';
import { modifiedAtNow, noteNow, readPrivateFileNow } from '../system/private-file.ts';

/**
 * A word of whom a profile's cached token was given to, left by this program and by source/token.sh alike. client-go runs
 * its plugin again when a server answers 401: the same parent process that asks again within seconds says that the token
 * was of no use to it.
 *
 * Format: one file for each slot, `callers/PROFILE.SLOT` with SLOT = the parent's process id modulo 64, holding the process
 * id in 10 columns and a newline; when it was served is when the file was written. The latest caller of a slot replaces the
 * one before, in place: a file that is emptied first is flushed to the disk when it is closed, which takes longer than the
 * rest of a call. A word that is lost or torn only means that a rejected token is noticed one call later.
 */
export function traceFile(paths: Paths, profile: ProfileName, parent: number): string {
  return path.join(paths.callers, `${profile}.${parent % slots}`);
}

const slots = 64;
/** For how long a second call of the same parent means that the server rejected the first one's token. Seconds. */
export const askedAgainSeconds = 10;

/** Every file that a profile's callers can have left. */
export const traceFiles = (paths: Paths, profile: ProfileName): string[] =>
  Array.from({ length: slots }, (_, slot) => traceFile(paths, profile, slot));

export const formatTrace = (parent: number): string => `${String(parent).padStart(10)}\n`;

/** @returns undefined when the text is none */
export function parseTrace(content: string): number | undefined {
  const found = /^ *([1-9]\d*)\n$/.exec(content);
  return found === null ? undefined : Number(found[1]);
}

/** Leaves word that a profile's cached token was given to a child of this process now. */
export function noteServed(paths: Paths, profile: ProfileName, parent: number): void {
  noteNow(traceFile(paths, profile, parent), formatTrace(parent));
}

/** The Unix second in which a child of this process was last given the profile's token, as far as anybody knows. */
export function lastServed(paths: Paths, profile: ProfileName, parent: number): number | undefined {
  try {
    const trace = traceFile(paths, profile, parent);
    if (parseTrace(readPrivateFileNow(trace) ?? '') !== parent) return undefined;
    return Math.floor(modifiedAtNow(trace) / 1000);
  } catch {
    return undefined;
  }
}

/**
 * Whether the same parent was given the profile's token a moment ago. A time ahead of now counts too: the clock was set
 * back. `now` in Unix seconds.
 */
export function isAskedAgain(paths: Paths, profile: ProfileName, parent: number, now: number): boolean {
  const second = lastServed(paths, profile, parent);
  return second !== undefined && Math.floor(now) - second < askedAgainSeconds;
}
