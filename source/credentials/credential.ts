import path from 'node:path';
import { type Profile, renewsAlone } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { makePrivateFolder, modifiedAt, removeFile, replaceFile } from '../system/files.ts';
import { assertOwn } from '../system/ownership.ts';
import type { Paths } from '../system/paths.ts';
import { readPrivateFileNow } from '../system/private-file.ts';
import { clusterTextOf } from './caller-cluster.ts';
import { type Credential, formatCredential, parseCredential } from './credential-file.ts';
import { dueMarkFile, leaveDueMark } from './due-mark.ts';
import type { IdToken } from './id-token.ts';

export type { Credential } from './credential-file.ts';

/** What is stored of a checked token. */
export function credentialOf(
  profile: Pick<Profile, 'name' | 'cluster' | 'signIn' | 'client' | 'signedOut'>,
  token: IdToken,
): Credential {
  return {
    version: 1,
    profile: profile.name,
    server: profile.cluster.server,
    cluster: clusterTextOf(profile.cluster),
    token: token.token,
    issuedAt: Math.floor(token.issuedAt),
    expiresAt: token.expiresAt,
    renewable: renewsAlone(profile),
    issuer: token.account.issuer,
    subject: token.account.subject,
  };
}

export function credentialFile(paths: Paths, profile: ProfileName): string {
  return path.join(paths.credentials, `${profile}.json`);
}

/**
 * The stored credential, or undefined when there is none or what is there was damaged: a lost credential costs a
 * login, so it is never a reason to fail.
 * @throws UserError STORE_INVALID when others could have read or written the file
 */
export async function readCredential(paths: Paths, profile: ProfileName): Promise<Credential | undefined> {
  const content = readPrivateFileNow(credentialFile(paths, profile));
  return content === undefined ? undefined : parseCredential(content, profile);
}

/** When the stored credential was written, in milliseconds since the epoch. */
export async function credentialStoredAt(paths: Paths, profile: ProfileName): Promise<number | undefined> {
  return modifiedAt(credentialFile(paths, profile));
}

export async function writeCredential(
  paths: Paths,
  profile: ProfileName,
  credential: Credential,
): Promise<void> {
  assertOwn(paths.credentials);
  await replaceFile(credentialFile(paths, profile), formatCredential(credential), { secret: true });
  // Where source/token.sh leaves word of whom it served; without the folder it leaves none.
  await makePrivateFolder(paths.callers);
  leaveDueMark(paths, profile, credential, Date.now() / 1000);
}

/** @returns whether there was one */
export async function removeCredential(paths: Paths, profile: ProfileName): Promise<boolean> {
  const wasThere = await removeFile(credentialFile(paths, profile));
  await removeFile(dueMarkFile(paths, profile));
  return wasThere;
}
