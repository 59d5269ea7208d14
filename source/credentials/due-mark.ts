import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import { hasGnuTar } from '../system/archiver.ts';
import { processFilesTellTime } from '../system/clock.ts';
import type { Paths } from '../system/paths.ts';
import { leaveDatedNote } from '../system/private-file.ts';
import { freshBetween, type Renewable } from './lifetime.ts';

/**
 * A file that is as old as a profile's stored token will be when that is due: source/token.sh compares it with the time
 * without starting a program that tells the time.
 *
 * Format: `callers/PROFILE.due`, holding the two Unix seconds of `freshBetween` with a space between them and a newline,
 * by which it is known of which token it is; modified in the second before the latter.
 */
export function dueMarkFile(paths: Paths, profile: ProfileName): string {
  return path.join(paths.callers, `${profile}.due`);
}

/**
 * Leaves the mark of a token that was stored a moment ago; `now` in Unix seconds. Never fails: without a mark, or with that
 * of another token, the script has the time told.
 */
export function leaveDueMark(paths: Paths, profile: ProfileName, token: Renewable, now: number): void {
  const [from, due] = freshBetween(token);
  // The script takes a time after the token was stored for one from which it is good.
  if (now < from || !processFilesTellTime() || !hasGnuTar()) return;
  leaveDatedNote(dueMarkFile(paths, profile), `${from} ${due}\n`, due - 1);
}
