import type { Profile } from '../profiles/profile.ts';
import type { Paths } from '../system/paths.ts';
import { type Credential, readCredential } from './credential.ts';

/** The stored credential, if it is this profile's own: for its server, from its issuer, of its account. */
export async function storedCredential(paths: Paths, profile: Profile): Promise<Credential | undefined> {
  const credential = await readCredential(paths, profile.name);
  if (credential === undefined) return undefined;
  const belongs =
    credential.server === profile.cluster.server &&
    credential.issuer === profile.issuer &&
    (profile.account === undefined || credential.subject === profile.account.subject);
  return belongs ? credential : undefined;
}
