import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { readCredential } from '../../source/credentials/credential.ts';
import type { Demo, DemoCluster, DemoUser } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimsIn } from '../demo/helpers.ts';
import type { Home } from '../helpers/home.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { type Ended, startProgram } from '../helpers/program.ts';

export type Logins = {
  readonly done: number;
  readonly milliseconds: number;
  /** How often the token service gave a login's place to others for so long that it had to be said again. */
  readonly again: number;
};

/** At the platform's token service, which keys a login by the second in which it began; or at its issuer, which does not. */
export type Door = 'portal' | 'issuer';

export type HowOften = {
  /** The most logins. */
  readonly count: number;
  readonly atOnce: number;
  readonly door: Door;
  /** None is begun later, in milliseconds. */
  readonly forMs?: number;
};

type Planned = { readonly profile: string; readonly user: DemoUser; readonly cluster: DemoCluster };

const mostAgain = 3;

/**
 * So many logins of one machine, some at once, each of a person and a cluster of the demo under a profile of its own; asserts that
 * each profile holds its own person's token, and that no two hold the same.
 */
export async function logInOften(
  demo: Demo,
  home: Home,
  { count, atOnce, door, forMs = Number.POSITIVE_INFINITY }: HowOften,
): Promise<Logins> {
  const users = demo.document.users.slice(0, atOnce);
  const clusters = demo.document.clusters.filter(
    ({ audience }) => (audience === 'kube-apiserver') === (door === 'portal'),
  );
  assert.ok(users.length === atOnce && clusters.length > 0, 'the demo is too small');
  const portalFile = home.path('portal.yaml');
  await writeFile(portalFile, portalFileOf(demo, clusters));
  const done: Planned[] = [];
  let begunLogins = 0;
  let again = 0;
  const begun = performance.now();

  async function logIn({ profile, user, cluster }: Planned): Promise<Ended> {
    const which = ['--cluster', cluster.name, '--profile', profile, '--method', '2'];
    const how = ['--idp', user.identityProvider, '--sign-in-now', '--timeout', '120'];
    const args =
      door === 'portal'
        ? loginArguments(demo, ...which, ...how)
        : [
            ...['login', '--portal-file', portalFile, ...which, ...how],
            ...['--sign-in', 'browser', '--credential-store', 'file', '--no-browser'],
          ];
    const program = startProgram(args, { env: home.env, longestMs: 120_000 });
    // Without an address it has ended, and says why.
    const address = await program.address().catch(() => undefined);
    if (address !== undefined) await demo.signIn(address, user);
    return program.ended;
  }

  /** One login of a person at a time: at an issuer with Dex's ways the later of two ends the earlier. */
  async function work(user: DemoUser): Promise<void> {
    for (let mine = 0; begunLogins < count && performance.now() - begun < forMs; mine += 1) {
      const profile = `login-${begunLogins}`;
      begunLogins += 1;
      const planned = { profile, user, cluster: clusters[mine % clusters.length] as DemoCluster };
      let ended = await logIn(planned);
      for (let left = mostAgain; left > 0 && /Other logins keep taking/.test(ended.stderr); left -= 1) {
        again += 1;
        ended = await logIn(planned);
      }
      assert.equal(ended.code, 0, `${profile}: ${ended.stderr}`);
      done.push(planned);
    }
  }
  await Promise.all(users.map(work));
  const milliseconds = performance.now() - begun;
  const tokens = new Set<string>();
  for (const { profile, user, cluster } of done) {
    const credential = await readCredential(home.paths, parseProfileName(profile));
    assert.equal(credential?.server, cluster.server, profile);
    assert.equal(claimsIn(credential?.token ?? '')['email'], user.email, profile);
    tokens.add(credential?.token ?? '');
  }
  assert.ok(done.length >= atOnce, 'fewer logins than persons');
  assert.equal(tokens.size, done.length, 'two profiles hold the same token');
  return { done: done.length, milliseconds, again };
}

function portalFileOf({ document }: Demo, clusters: readonly DemoCluster[]): string {
  const { issuer, ca, clients } = document;
  return stringify({
    apiVersion: 'dkp-auth/v1',
    kind: 'PortalFile',
    issuer,
    ca,
    client: { id: clients.public },
    clusters: clusters.map(({ name, server, ca: own, audience }) => ({
      name,
      server,
      ca: own,
      audience: { dexClient: audience },
    })),
  });
}
