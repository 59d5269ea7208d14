import type { Profile } from '../profiles/profile.ts';
import { makePrivateFolder, modifiedAt, replaceFile, setModifiedAt } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { clusterTextIn, clusterTextOf } from './caller-cluster.ts';
import { noteServed } from './callers.ts';
import { type Credential, credentialFile } from './credential.ts';
import { formatSpellings, readSpellings, spellingsFile } from './spellings.ts';

export type ServedCall = {
  readonly paths: Paths;
  readonly profile: Profile;
  /** When the profile had been written before it was read, in milliseconds since the epoch. */
  readonly profileWritten: number | undefined;
  readonly credential: Credential;
  /** What the caller said; it was found to name the bound cluster. */
  readonly execInfo: string;
};

/**
 * After a call that needed a second look was served: settles what raised the doubt, so that the next one like it is served
 * by source/token.sh. Nothing here may fail the call.
 */
export async function easeNextCall(call: ServedCall): Promise<void> {
  const { paths, profile, credential } = call;
  noteServed(paths, profile.name, process.ppid);
  // What is stored of the cluster is not what the profile says now: every call keeps coming here until the next token.
  if (credential.cluster !== clusterTextOf(profile.cluster)) return;
  await Promise.all([learnSpelling(call), vouchForProfile(call)]).catch(() => undefined);
}

async function learnSpelling({ paths, profile, credential, execInfo }: ServedCall): Promise<void> {
  const caller = clusterTextIn(execInfo);
  const { cluster } = credential;
  if (caller === undefined || caller === cluster) return;
  const known = readSpellings(paths, profile.name, cluster);
  if (known.includes(caller)) return;
  await makePrivateFolder(paths.callers);
  const content = formatSpellings(cluster, caller, known);
  await replaceFile(spellingsFile(paths, profile.name), content, { secret: true });
}

/** A profile that is newer than its token is compared with it each time; this one was, and still fits. */
async function vouchForProfile({ paths, profile, profileWritten = 0 }: ServedCall): Promise<void> {
  const file = credentialFile(paths, profile.name);
  const stored = await modifiedAt(file);
  // The profile's time has fractions of a millisecond.
  if (stored !== undefined && stored < profileWritten)
    await setModifiedAt(file, Math.ceil(profileWritten + 1));
}
