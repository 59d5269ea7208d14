import { credentialOf, writeCredential } from '../../source/credentials/credential.ts';
import type { Demo, DemoUser } from '../../source/demo/index.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import type { Home } from './home.ts';

/** A profile for a cluster of the demo, as a login that signs in later leaves it. */
export async function boundProfile(
  { paths }: Pick<Home, 'paths'>,
  demo: Demo,
  name: string,
  cluster: string,
  more: Partial<Profile> = {},
): Promise<Profile> {
  const { clusterHostname: hostname, server, ca } = demo.cluster(cluster);
  const profile: Profile = {
    version: 1,
    name: parseProfileName(name),
    cluster: { name: cluster, hostname, server, ca },
    issuer: demo.document.issuer,
    portal: { loginLink: demo.document.loginLinks.global, ca: demo.document.ca },
    identityProvider: 'corporate',
    signIn: 'portal',
    kubeconfigs: [],
    ...more,
  };
  await claimProfile(paths, profile);
  return profile;
}

export type KeptToken = { readonly user?: DemoUser; readonly secondsLeft?: number; readonly server?: string };

/** Stores a token for a profile, and pins its account, as a login does. */
export async function keepToken(
  { paths }: Pick<Home, 'paths'>,
  demo: Demo,
  profile: Profile,
  { user = demo.user('ada'), secondsLeft = 3600, server = profile.cluster.server }: KeptToken = {},
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + secondsLeft;
  const subject = `subject of ${user.login}`;
  const { issuer } = profile;
  const token = demo.mint({
    iss: issuer,
    sub: subject,
    aud: 'kube-apiserver',
    email: user.email,
    groups: user.groups,
    iat: issuedAt,
    exp: expiresAt,
  });
  const account = { issuer, subject, label: user.email };
  await claimProfile(paths, { ...profile, account });
  const credential = credentialOf(
    { ...profile, cluster: { ...profile.cluster, server } },
    { token, account, groups: [], audience: ['kube-apiserver'], issuedAt, expiresAt },
  );
  await writeCredential(paths, profile.name, credential);
  return token;
}
