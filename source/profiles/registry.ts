import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.ts';
import { createFile, listFolder, readPrivateFile, removeFile, replaceFile } from '../system/files.ts';
import { mapLimited } from '../system/limited.ts';
import { assertOwn } from '../system/ownership.ts';
import type { Paths } from '../system/paths.ts';
import { parseUrl } from '../url.ts';
import { formatProfile, type Profile, parseProfile, sameAccount, toldApart } from './profile.ts';
import { isProfileName, type ProfileName } from './profile-name.ts';

const extension = '.json';
/** The texts of thousands of profiles are not all to be in memory at once. */
const readAtOnce = 16;

export function profileFile(paths: Paths, name: ProfileName): string {
  return path.join(paths.profiles, `${name}${extension}`);
}

/** Held while a profile that exists is changed. */
export const profileLock = (paths: Paths, name: ProfileName) =>
  path.join(paths.state, 'locks', `profile-${name}.lock`);

export async function readProfile(paths: Paths, name: ProfileName): Promise<Profile | undefined> {
  const file = profileFile(paths, name);
  const content = await readPrivateFile(file);
  if (content === undefined) return undefined;
  const profile = parseProfile(content, file);
  if (profile.name !== name) {
    throw new UserError('STORE_INVALID', `${file} holds the profile "${profile.name}".`, {
      hint: 'Profile files must not be copied or renamed by hand. Remove it and run dkp-auth login again.',
    });
  }
  return profile;
}

export async function listProfileNames(paths: Paths): Promise<ProfileName[]> {
  const files = await listFolder(paths.profiles);
  return files
    .filter(file => file.endsWith(extension))
    .map(file => file.slice(0, -extension.length))
    .filter(isProfileName);
}

export async function listProfiles(paths: Paths): Promise<Profile[]> {
  const names = await listProfileNames(paths);
  const profiles = await mapLimited(names, readAtOnce, name => readProfile(paths, name));
  return profiles.filter(profile => profile !== undefined);
}

/**
 * The profiles that can be read. One spoilt file is no reason to keep somebody from their other clusters: its name stays
 * taken, since a name is claimed by creating that very file.
 */
export async function listReadableProfiles(
  paths: Paths,
): Promise<{ readonly profiles: readonly Profile[]; readonly spoilt: readonly ProfileName[] }> {
  const spoilt: ProfileName[] = [];
  const read = (name: ProfileName) =>
    readProfile(paths, name).catch(error => {
      if (!(error instanceof UserError) || error.code !== 'STORE_INVALID') throw error;
      spoilt.push(name);
    });
  const found = await mapLimited(await listProfileNames(paths), readAtOnce, read);
  return { profiles: found.filter(profile => profile !== undefined), spoilt };
}

/**
 * The invariant: a name is never bound to a second cluster, nor, once pinned, to a second account.
 * @throws UserError PROFILE_TAKEN, WRONG_ACCOUNT
 */
export function assertMayBind(existing: Profile, wanted: Profile): void {
  if (!isBoundTo(existing, wanted.cluster.server, installationOf(wanted))) throw profileTaken(existing);
  if (existing.account && wanted.account && !sameAccount(existing.account, wanted.account)) {
    const [owner, other] = toldApart(existing.account, wanted.account);
    throw new UserError(
      'WRONG_ACCOUNT',
      `The profile "${existing.name}" belongs to ${owner}, not to ${other}.`,
      { hint: 'Sign in with that account, or choose another profile name for this one.' },
    );
  }
}

/**
 * Whether a profile is for this API server as this installation knows it. The address alone is not enough: any portal
 * can list any address, with a certificate authority of its choice.
 */
export function isBoundTo(profile: Profile, server: string, installation: string): boolean {
  return profile.cluster.server === server && originOf(installationOf(profile)) === originOf(installation);
}

/** What says where a profile's cluster is known from: the login link, or the issuer where there is none. */
export function installationOf({ portal, issuer }: Pick<Profile, 'portal' | 'issuer'>): string {
  return portal.loginLink ?? issuer;
}

function originOf(address: string): string {
  return parseUrl(address)?.origin ?? address;
}

export function profileTaken(existing: Profile): UserError {
  const { name, cluster } = existing;
  return new UserError(
    'PROFILE_TAKEN',
    `The profile name "${name}" is taken by the cluster ${cluster.name} (${cluster.server}) of ${originOf(installationOf(existing))}.`,
    { hint: 'A profile serves one cluster, always. Choose another name.' },
  );
}

/**
 * Binds a name to its cluster. A new name is taken by exclusive creation, so of two processes that want it, one wins; an
 * existing one is changed under its lock, so that of two logins that pin an account, one does.
 * @returns whether the name is new; an existing binding to the same cluster is brought up to date
 * @throws UserError PROFILE_TAKEN, WRONG_ACCOUNT, LOCKED
 */
export async function claimProfile(paths: Paths, profile: Profile): Promise<'created' | 'updated'> {
  assertOwn(paths.profiles);
  const { name } = profile;
  const file = profileFile(paths, name);
  const isNew = (await readProfile(paths, name)) === undefined;
  if (isNew && (await createFile(file, formatProfile(profile)))) return 'created';
  await updateProfile(paths, profile);
  return 'updated';
}

/**
 * Brings a profile that exists up to date, as `claimProfile` does; one that was removed meanwhile stays away.
 * @throws UserError UNKNOWN_PROFILE, PROFILE_TAKEN, WRONG_ACCOUNT, LOCKED
 */
export async function updateProfile(paths: Paths, profile: Profile): Promise<void> {
  const { name } = profile;
  // Most renewals change nothing, and a folder that may only be read is no fault then.
  if ((await updateOf(paths, profile)) === undefined) return;
  const { withLock } = await import('../system/lock.ts');
  await withLock(
    profileLock(paths, name),
    async lease => {
      const update = await updateOf(paths, profile);
      await lease.confirm();
      if (update !== undefined) await replaceFile(profileFile(paths, name), update);
    },
    { what: `the profile "${name}"` },
  );
}

/** What the file of an existing profile has to become; undefined when it is that already. */
async function updateOf(paths: Paths, profile: Profile): Promise<string | undefined> {
  const existing = await readProfile(paths, profile.name);
  if (existing === undefined) {
    throw new UserError(
      'UNKNOWN_PROFILE',
      `There is no profile "${profile.name}" on this machine any more.`,
      {
        hint: 'It was removed, or renamed, a moment ago. Run dkp-auth status to see what there is.',
      },
    );
  }
  assertMayBind(existing, profile);
  const account = existing.account ?? profile.account;
  const callers = profile.callers ?? existing.callers;
  const kubeconfigs = [...new Set([...existing.kubeconfigs, ...profile.kubeconfigs])];
  const settings = { ...(account && { account }), ...(callers && { callers }) };
  const update = formatProfile({ ...profile, ...settings, kubeconfigs });
  return isDeepStrictEqual(parseProfile(update, ''), existing) ? undefined : update;
}

/** @returns whether the name was free */
export async function createProfile(paths: Paths, profile: Profile): Promise<boolean> {
  return createFile(profileFile(paths, profile.name), formatProfile(profile));
}

/** Takes back a name that this process has just claimed. */
export async function releaseProfile(paths: Paths, name: ProfileName): Promise<void> {
  await removeFile(profileFile(paths, name));
}

/** @throws UserError UNKNOWN_PROFILE */
export function findProfile(profiles: readonly Profile[], name: ProfileName): Profile {
  const profile = profiles.find(candidate => candidate.name === name);
  if (profile !== undefined) return profile;
  throw new UserError('UNKNOWN_PROFILE', `There is no profile "${name}" on this machine.`, {
    hint:
      profiles.length === 0
        ? 'Run dkp-auth login first.'
        : `Known: ${profiles.map(each => each.name).join(', ')}.`,
  });
}
