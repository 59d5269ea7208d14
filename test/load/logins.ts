import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { readCredential } from '../../source/credentials/credential.ts';
import type { Demo, DemoCluster, DemoUser } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimsIn } from '../demo/helpers.ts';
import type { Home } from '../helpers/home.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { startProgram } from '../helpers/program.ts';

export type Logins = { readonly done: number; readonly milliseconds: number };

/** At the platform's token service, which keys a login by the second in which it began; or at its issuer, which does not. */
export type Door = 'portal' | 'issuer';

/**
 * So many logins of one machine, some at once, each of a person and a cluster of the demo under a profile of its own; asserts that
 * each profile holds its own person's token, and that no two hold the same.
 */
export async function logInOften(
  demo: Demo,
  home: Home,
  { count, atOnce, door }: { readonly count: number; readonly atOnce: number; readonly door: Door },
): Promise<Logins> {
  const users = demo.document.users
    .filter(({ identityProvider }) => identityProvider === 'corporate')
    .slice(0, atOnce);
  const clusters = demo.document.clusters.filter(
    ({ audience }) => (audience === 'kube-apiserver') === (door === 'portal'),
  );
  assert.ok(users.length > 1 && clusters.length > 0);
  const portalFile = home.path('portal.yaml');
  await writeFile(portalFile, portalFileOf(demo, clusters));
  const of = <T>(items: readonly T[], number: number) => items[number % items.length] as T;
  const plan = Array.from({ length: count }, (_, number) => ({
    profile: `login-${number}`,
    user: of(users, number),
    cluster: of(clusters, Math.floor(number / users.length)),
  }));
  const begun = performance.now();
  const waiting = [...plan];
  // One login of a person at a time: at an issuer with Dex's ways the later of two ends the earlier.
  const work = async (user: DemoUser) => {
    const mine = () =>
      waiting.splice(
        Math.max(
          0,
          waiting.findIndex(each => each.user === user),
        ),
        1,
      )[0];
    for (let left = plan.filter(each => each.user === user).length; left > 0; left -= 1) {
      const next = mine();
      if (next === undefined) return;
      const which = ['--cluster', next.cluster.name, '--profile', next.profile, '--method', '2'];
      const how = ['--idp', 'corporate', '--sign-in-now', '--timeout', '120'];
      const args =
        door === 'portal'
          ? loginArguments(demo, ...which, ...how)
          : [
              ...['login', '--portal-file', portalFile, ...which, ...how],
              ...['--sign-in', 'browser', '--credential-store', 'file', '--no-browser'],
            ];
      const program = startProgram(args, { env: home.env, longestMs: 120_000 });
      await demo.signIn(await program.address(), next.user);
      const ended = await program.ended;
      assert.equal(ended.code, 0, `${next.profile}: ${ended.stderr}`);
    }
  };
  await Promise.all(users.map(work));
  const milliseconds = performance.now() - begun;
  const tokens = new Set<string>();
  for (const { profile, user, cluster } of plan) {
    const credential = await readCredential(home.paths, parseProfileName(profile));
    assert.equal(credential?.server, cluster.server, profile);
    assert.equal(claimsIn(credential?.token ?? '')['email'], user.email, profile);
    tokens.add(credential?.token ?? '');
  }
  assert.equal(tokens.size, count, 'two profiles hold the same token');
  return { done: plan.length, milliseconds };
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
