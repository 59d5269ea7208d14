import path from 'node:path';
import * as v from 'valibot';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { readPrivateFile, removeFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import type { IdToken } from './id-token.ts';

const credentialSchema = v.object({
  version: v.literal(1),
  profile: v.string(),
  /** The API server the token was obtained for. */
  server: v.string(),
  /** A JSON Web Token; nothing else may ever reach the ExecCredential. */
  token: v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)),
  /** Unix seconds. */
  expiresAt: v.pipe(v.number(), v.integer()),
  issuer: v.string(),
  subject: v.string(),
});

/** A token, the profile and API server it belongs to, and whose it is. */
export type Credential = v.InferOutput<typeof credentialSchema>;

/** What is stored of a checked token. */
export function credentialOf(profile: Pick<Profile, 'name' | 'cluster'>, token: IdToken): Credential {
  return {
    version: 1,
    profile: profile.name,
    server: profile.cluster.server,
    token: token.token,
    expiresAt: token.expiresAt,
    issuer: token.account.issuer,
    subject: token.account.subject,
  };
}

function credentialFile(paths: Paths, profile: ProfileName): string {
  return path.join(paths.credentials, `${profile}.json`);
}

/**
 * The stored credential, or undefined when there is none or what is there was damaged: a lost credential costs a
 * login, so it is never a reason to fail.
 * @throws UserError STORE_INVALID when others could have read or written the file
 */
export async function readCredential(paths: Paths, profile: ProfileName): Promise<Credential | undefined> {
  const content = await readPrivateFile(credentialFile(paths, profile));
  if (content === undefined) return undefined;
  try {
    const result = v.safeParse(credentialSchema, JSON.parse(content));
    return result.success && result.output.profile === profile ? result.output : undefined;
  } catch {
    return undefined;
  }
}

export async function writeCredential(
  paths: Paths,
  profile: ProfileName,
  credential: Credential,
): Promise<void> {
  await replaceFile(credentialFile(paths, profile), `${JSON.stringify(credential)}\n`, {
    secret: true,
  });
}

/** @returns whether there was one */
export async function removeCredential(paths: Paths, profile: ProfileName): Promise<boolean> {
  return removeFile(credentialFile(paths, profile));
}
