import path from 'node:path';
import { UserError } from '../errors.ts';
import { createFile, listFolder, readPrivateFile, removeFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { formatProfile, type Profile, parseProfile, sameAccount } from './profile.ts';
import { isProfileName, type ProfileName } from './profile-name.ts';

const extension = '.json';

function profileFile(paths: Paths, name: ProfileName): string {
  return path.join(paths.profiles, `${name}${extension}`);
}

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
  const profiles = await Promise.all(names.map(name => readProfile(paths, name)));
  return profiles.filter(profile => profile !== undefined);
}

/**
 * The invariant: a name is never bound to a second cluster, nor, once pinned, to a second account.
 * @throws UserError PROFILE_TAKEN, WRONG_ACCOUNT
 */
export function assertMayBind(existing: Profile, wanted: Profile): void {
  if (!isBoundTo(existing, wanted.cluster.server, installationOf(wanted))) throw profileTaken(existing);
  if (existing.account && wanted.account && !sameAccount(existing.account, wanted.account)) {
    throw new UserError(
      'WRONG_ACCOUNT',
      `The profile "${existing.name}" belongs to ${existing.account.label}, not to ${wanted.account.label}.`,
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
  return URL.canParse(address) ? new URL(address).origin : address;
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
 * Binds a name to its cluster. A new name is taken by exclusive creation, so of two processes that want it, one wins.
 * @returns whether the name is new; an existing binding to the same cluster is brought up to date
 * @throws UserError PROFILE_TAKEN, WRONG_ACCOUNT
 */
export async function claimProfile(paths: Paths, profile: Profile): Promise<'created' | 'updated'> {
  const file = profileFile(paths, profile.name);
  if (await createFile(file, formatProfile(profile))) return 'created';
  const existing = await readProfile(paths, profile.name);
  if (existing === undefined) {
    throw new UserError('LOCKED', `The profile "${profile.name}" is being changed by another process.`, {
      hint: 'Try again.',
    });
  }
  assertMayBind(existing, profile);
  const account = existing.account ?? profile.account;
  const kubeconfigs = [...new Set([...existing.kubeconfigs, ...profile.kubeconfigs])];
  await replaceFile(file, formatProfile({ ...profile, ...(account && { account }), kubeconfigs }));
  return 'updated';
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
