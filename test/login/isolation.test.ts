import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeIsolation, isolationOf } from '../../source/login/isolation.ts';
import type { Choice, LoginOptions } from '../../source/login/options.ts';
import { outcomeDocument } from '../../source/login/summary.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { globalLink, sampleCluster, samplePlan, samplePortal } from '../helpers/wizard.ts';

function choice(name: string, more: Partial<Choice>): Choice {
  return { cluster: sampleCluster(name), profile: parseProfileName(name), signIn: 'portal', ...more };
}

const dex = (name: string, client: string) =>
  choice(name, { signIn: 'browser', audience: { kind: 'dex-client', client } });
const page = (name: string, ...audiences: string[]) => choice(name, { signIn: 'page', audiences });

const cases: readonly [string, readonly Choice[], readonly string[]][] = [
  ['an audience each', [dex('a', 'a'), dex('b', 'b')], ['audience', 'audience']],
  [
    'an audience that two share',
    [dex('a', 'x'), dex('b', 'x'), dex('c', 'c')],
    ['separate', 'separate', 'audience'],
  ],
  [
    'no audience of their own',
    [
      choice('a', { signIn: 'device', audience: { kind: 'shared' } }),
      choice('b', { signIn: 'device', audience: { kind: 'resource', resource: 'https://b' } }),
    ],
    ['separate', 'audience'],
  ],
  [
    "the platform's login",
    [choice('a', { audiences: ['kube-apiserver'] }), choice('b', {})],
    ['separate', 'separate'],
  ],
  ['a page with tokens of its own', [choice('a', {}), page('b', 'b')], ['separate', 'audience']],
  ['a page with the tokens of all', [page('a', 'kube-apiserver')], ['separate']],
  ['a page that tells nothing', [choice('a', { signIn: 'page' })], ['separate']],
];

describe('how far apart tokens are', () => {
  for (const [what, choices, expected] of cases) {
    test(`with ${what}`, () => {
      assert.deepEqual(
        choices.map(each => isolationOf(each, choices)),
        expected,
      );
    });
  }

  test('is told in one sentence, of several clusters only', () => {
    assert.equal(describeIsolation([dex('a', 'a')]), undefined);
    assert.match(describeIsolation([dex('a', 'a'), dex('b', 'b')]) ?? '', /^Isolated/);
    assert.match(
      describeIsolation([dex('a', 'x'), dex('b', 'x')]) ?? '',
      /^Separate tokens, but these clusters would accept each other's; .* dkp-auth admin dex-client$/,
    );
    assert.match(
      describeIsolation([dex('a', 'x'), dex('b', 'x'), dex('c', 'c')]) ?? '',
      /^Separate tokens, but a, b would accept each other's;/,
    );
    const stock: Choice = { ...dex('a', 'a'), audience: { kind: 'shared' } };
    assert.match(
      describeIsolation([stock, dex('c', 'c')]) ?? '',
      /^Separate tokens, but other clusters may accept the token of a;/,
    );
  });

  test('stands with each profile in the JSON outcome', () => {
    const choices = [dex('a', 'x'), dex('b', 'x'), dex('c', 'c')];
    const options: LoginOptions = {
      portal: samplePortal(parseLoginLink(globalLink), { kind: 'system' }),
      identityProvider: undefined,
      choices,
      allClusters: false,
      method: '2',
      output: undefined,
      setCurrent: undefined,
      signInTime: 'none',
    };
    const plan = samplePlan({ kind: 'plan', options });
    const nothing = { kubeconfig: '', context: '', token: undefined, failure: undefined };
    const profiles = plan.profiles.map(profile => ({ profile, ...nothing }));
    assert.deepEqual(
      outcomeDocument({ options, plan, written: [], profiles }, {}).profiles.map(({ name, isolation }) => [
        name,
        isolation,
      ]),
      [
        ['a', 'separate'],
        ['b', 'separate'],
        ['c', 'audience'],
      ],
    );
  });
});
