import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import { jotDown, readJotting } from '../system/jotting.ts';
import type { Paths } from '../system/paths.ts';

/** Who asks again within this time has found the token wanting. Seconds. */
const againSeconds = 10;
const slots = 64;

// token.sh writes the same file: the parent's number and the second.
const fileOf = (paths: Paths, profile: ProfileName) =>
  path.join(paths.state, 'callers', `${profile}.${process.ppid % slots}`);

/** When this process's parent was given the profile's token last, in Unix seconds, if that was a moment ago. */
export async function servedJustNow(paths: Paths, profile: ProfileName): Promise<number | undefined> {
  const [, parent, second] =
    /^(\d{1,10}) (\d{1,12})\n$/.exec((await readJotting(fileOf(paths, profile))) ?? '') ?? [];
  const elapsed = Date.now() / 1000 - Number(second);
  return Number(parent) === process.ppid && elapsed > -1 && elapsed < againSeconds + 1
    ? Number(second)
    : undefined;
}

export function noteServed(paths: Paths, profile: ProfileName): Promise<void> {
  return jotDown(fileOf(paths, profile), `${process.ppid} ${Math.floor(Date.now() / 1000)}\n`);
}
