import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import { removeFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';

/**
 * Before it the callers of source/token.sh wait while the one of them that found the token over first, and became
 * `dkp-auth token`, gets another one. That script makes the file: its process id in 10 columns, a space, the second (Unix
 * time) in 11 columns, and a newline. It only spares the others a Node each; what holds is the flight's lock.
 */
export const doorFile = (paths: Paths, profile: ProfileName): string =>
  path.join(paths.callers, `${profile}.door`);

/** Lets those that wait go on: there is a token, or something for them to be told. Never fails. */
export async function openDoor(paths: Paths, profile: ProfileName): Promise<void> {
  await removeFile(doorFile(paths, profile)).catch(() => undefined);
}
