import { isDeepStrictEqual } from 'node:util';
import { copyState, forgetState } from '../credentials/profile-state.ts';
import { changeKubeconfigs, type Written } from '../kubeconfig/write.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { createProfile, profileTaken, readProfile, releaseProfile } from '../profiles/registry.ts';
import type { Paths } from '../system/paths.ts';
import { writtenAt } from '../system/survey.ts';
import { renameEntries } from './kubeconfig-entries.ts';

export type ChangeContext = {
  readonly paths: Paths;
  readonly signal: AbortSignal;
  /** For the person, on stderr. */
  readonly onNotice: (message: string) => void;
};

export type Renamed = {
  readonly profile: Profile;
  readonly written: readonly Written[];
  /** Kubeconfigs that are not there any more. */
  readonly missing: readonly string[];
};

/**
 * Calls a profile otherwise. The old name goes last: whenever this is ended in the middle, kubeconfigs name a profile that is
 * there, and the same said again goes on.
 * @throws UserError PROFILE_TAKEN, KUBECONFIG_CONFLICT, LOCKED, IO
 */
export async function renameProfile(
  profile: Profile,
  to: ProfileName,
  context: ChangeContext,
): Promise<Renamed> {
  const { paths } = context;
  const from = profile.name;
  const renamed: Profile = { ...profile, name: to };
  const isNew = await createProfile(paths, renamed);
  const taken = isNew ? undefined : ((await readProfile(paths, to)) ?? renamed);
  if (taken !== undefined && !isBegun(taken, profile)) throw profileTaken(taken);
  const { there, missing } = await sortByPresence(profile.kubeconfigs);
  let written: Written[];
  try {
    // What a profile of this name may have left long ago is not this one's.
    if (isNew) await forgetState(paths, to);
    await copyState(paths, from, to);
    written = await changeKubeconfigs(
      there,
      layouts => layouts.map(layout => renameEntries(layout, from, to)),
      context,
    );
  } catch (error) {
    if (isNew) {
      await forgetState(paths, to).catch(() => undefined);
      await releaseProfile(paths, to).catch(() => undefined);
    }
    throw error;
  }
  await forgetState(paths, from);
  await releaseProfile(paths, from);
  return { profile: renamed, written, missing };
}

/** What an earlier run has left that was ended: the same profile under both names. */
function isBegun(existing: Profile, profile: Profile): boolean {
  return isDeepStrictEqual({ ...existing, name: profile.name }, profile);
}

export async function sortByPresence(files: readonly string[]) {
  const there: string[] = [];
  const missing: string[] = [];
  for (const file of files) ((await writtenAt(file)) === undefined ? missing : there).push(file);
  return { there, missing };
}
