import type { ProfileName } from '../profiles/profile-name.ts';
import { profileLock } from '../profiles/registry.ts';
import { removeFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { readPrivateFileNow } from '../system/private-file.ts';
import { traceFiles } from './callers.ts';
import { readCredential, removeCredential, writeCredential } from './credential.ts';
import { doorFile } from './door.ts';
import { flightLock, readFlightRecord, recordFile, startedFile, writeFlightRecord } from './flight-record.ts';
import { rejectionsFile } from './rejection.ts';
import { spellingsFile } from './spellings.ts';

/**
 * Takes what is known of a profile to another name: its token, the pauses after failures, who was told of a rejection, and
 * how callers write its cluster. What the other name has already is newer, and stays.
 * @throws UserError IO
 */
export async function copyState(paths: Paths, from: ProfileName, to: ProfileName): Promise<void> {
  const credential = await readCredential(paths, from);
  if (credential !== undefined && (await readCredential(paths, to)) === undefined) {
    await writeCredential(paths, to, { ...credential, profile: to });
  }
  const { login, renewal } = await readFlightRecord(paths, from);
  if ((login ?? renewal) !== undefined && readPrivateFileNow(recordFile(paths, to)) === undefined) {
    await writeFlightRecord(paths, to, { version: 1, login, renewal });
  }
  for (const fileOf of [rejectionsFile, spellingsFile]) {
    const content = readPrivateFileNow(fileOf(paths, from));
    if (content === undefined || readPrivateFileNow(fileOf(paths, to)) !== undefined) continue;
    await replaceFile(fileOf(paths, to), content, { secret: true });
  }
}

/**
 * Forgets a profile's token, and with it everything else that is kept under its name; the profile itself stays. Another
 * process that is getting a token for it finds its lock lost, and keeps none.
 * @returns whether there was a token
 * @throws UserError IO
 */
export async function forgetState(paths: Paths, profile: ProfileName): Promise<boolean> {
  const hadToken = await removeCredential(paths, profile);
  const files = [recordFile, flightLock, startedFile, rejectionsFile, spellingsFile, doorFile, profileLock];
  await Promise.all(
    [...files.map(fileOf => fileOf(paths, profile)), ...traceFiles(paths, profile)].map(removeFile),
  );
  return hadToken;
}
