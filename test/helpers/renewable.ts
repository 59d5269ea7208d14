import fs from 'node:fs/promises';
import path from 'node:path';
import { credentialOf, writeCredential } from '../../source/credentials/credential.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import type { Session } from '../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile, readProfile } from '../../source/profiles/registry.ts';
import { type RotatingIssuer, startRotatingIssuer } from '../credentials/rotating-issuer.ts';
import { fakeClientId } from './fake-issuer.ts';
import { type Home, temporaryHome } from './home.ts';

export type Renewable = {
  readonly home: Home;
  readonly profile: Profile;
  readonly rotating: RotatingIssuer;
  readonly session: Session;
  /** Stores a token with this much of its life left, out of an hour. */
  keep(secondsLeft: number): Promise<string>;
  /** The token that is stored. */
  stored(): Promise<string | undefined>;
  /** Requests for a new token that came to the issuer. */
  refreshes(): number;
};

export const subject = 'ada';

/** A profile that renews at an issuer with Dex's ways, as a login by browser leaves it. */
export async function renewableProfile(
  test: { after(run: () => Promise<void>): void },
  { reuseMs = 0, more = {} }: { reuseMs?: number; more?: Partial<Profile> } = {},
): Promise<Renewable> {
  const home = await temporaryHome(test);
  const rotating = await startRotatingIssuer(test, reuseMs);
  const { issuer } = rotating;
  const name = parseProfileName('prod');
  const session = rotating.login(subject, ['prod-client']);
  const profile: Profile = {
    version: 1,
    name,
    cluster: { name: 'prod', server: 'https://prod.example.com', hostname: 'prod.example.com' },
    issuer: issuer.url,
    portal: { ca: issuer.ca },
    signIn: 'browser',
    client: {
      id: fakeClientId,
      scopes: [],
      extraParameters: {},
      tokenKind: 'id-token',
      flags: [],
      listen: [],
      credentialStore: 'file',
    },
    audience: { kind: 'dex-client', client: 'prod-client' },
    account: session.account,
    kubeconfigs: [],
    ...more,
  };
  await claimProfile(home.paths, profile);
  const sessions = openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));
  await keepSession(sessions, session);
  const file = path.join(home.paths.credentials, 'prod.json');
  return {
    home,
    profile: (await readProfile(home.paths, name)) ?? profile,
    rotating,
    session,
    async keep(secondsLeft) {
      const expiresAt = Math.floor(Date.now() / 1000) + secondsLeft;
      const token = issuer.keys.sign({
        iss: issuer.url,
        sub: subject,
        aud: 'prod-client',
        iat: expiresAt - 3600,
        exp: expiresAt,
      });
      const { account } = session;
      const checked = { token, account, groups: [], audience: [], issuedAt: expiresAt - 3600, expiresAt };
      await writeCredential(home.paths, name, credentialOf(profile, checked));
      return token;
    },
    async stored() {
      const content = await fs.readFile(file, 'utf8').catch(() => undefined);
      return content === undefined ? undefined : (JSON.parse(content) as { token: string }).token;
    },
    refreshes: () => issuer.requestsTo('/token').length,
  };
}
