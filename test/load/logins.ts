import assert from 'node:assert/strict';
import { readCredential } from '../../source/credentials/credential.ts';
import type { Demo } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimsIn } from '../demo/helpers.ts';
import type { Home } from '../helpers/home.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { startProgram } from '../helpers/program.ts';

export type Logins = { readonly done: number; readonly milliseconds: number };

/**
 * So many logins of one machine, some at once, each of a person and a cluster of the demo under a profile of its own; asserts that
 * each profile holds its own person's token, and that no two hold the same.
 */
export async function logInOften(demo: Demo, home: Home, count: number, atOnce: number): Promise<Logins> {
  const users = demo.document.users.filter(({ identityProvider }) => identityProvider === 'corporate');
  const clusters = demo.document.clusters.filter(({ audience }) => audience === 'kube-apiserver');
  assert.ok(users.length > 1 && clusters.length > 1);
  const of = <T>(items: readonly T[], number: number) => items[number % items.length] as T;
  const plan = Array.from({ length: count }, (_, number) => ({
    profile: `login-${number}`,
    user: of(users, number),
    cluster: of(clusters, Math.floor(number / users.length)),
  }));
  const begun = performance.now();
  const waiting = [...plan];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const which = ['--cluster', next.cluster.name, '--profile', next.profile, '--method', '2'];
      const args = loginArguments(demo, '--idp', 'corporate', ...which, '--sign-in-now', '--timeout', '120');
      const program = startProgram(args, { env: home.env, longestMs: 120_000 });
      await demo.signIn(await program.address(), next.user);
      const ended = await program.ended;
      assert.equal(ended.code, 0, `${next.profile}: ${ended.stderr}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
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
