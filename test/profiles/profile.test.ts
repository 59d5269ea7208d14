import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatProfile,
  type Profile,
  parseProfile,
  renewsAlone,
  sameAccount,
} from '../../source/profiles/profile.ts';
import { account, sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const full = sampleProfile('prod', 'https://api.example.com', {
  cluster: { name: 'Prod', server: 'https://api.example.com', ca: 'PEM', hostname: 'api.example.com' },
  portal: { loginLink: 'https://dkp.example.com/token/landing/', ca: 'PEM' },
  identityProvider: 'ldap',
  account: account('ada'),
  kubeconfigs: ['/home/ada/.kube/dkp-auth/prod.yaml'],
});

test('a profile written out is read back the same', () => {
  assert.deepEqual(parseProfile(formatProfile(full), 'prod.json'), full);
  const bare = sampleProfile('prod', 'https://api.example.com');
  assert.deepEqual(parseProfile(formatProfile(bare), 'prod.json'), bare);
});

test('a profile holds no secret', () => assert.doesNotMatch(formatProfile(full), /token":|refresh|password/));

const damaged: [string, unknown][] = [
  ['an empty file', ''],
  ['half a file', formatProfile(full).slice(0, 200)],
  ['binary', '\u0000\u0001\u0002'],
  ['another kind of JSON', '[]'],
  ['null', 'null'],
  ['another version', { ...full, version: 2 }],
  ['a name that is none', { ...full, name: '../x' }],
  ['a second cluster', { ...full, cluster: [full.cluster, full.cluster] }],
  ['no cluster', { ...full, cluster: undefined }],
  ['an unknown way to sign in', { ...full, signIn: 'telepathy' }],
  ['a wrong type', { ...full, kubeconfigs: 'prod.yaml' }],
  ['an account that is only a name', { ...full, account: 'ada' }],
];

for (const [what, content] of damaged) {
  test(`${what} is not a profile, and the file is named`, () => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    assert.throws(
      () => parseProfile(text, '/c/prod.json'),
      userError('STORE_INVALID', /^\/c\/prod\.json is not a profile/),
    );
  });
}

test('an account is its issuer and subject together; the label is for people', () => {
  assert.ok(sameAccount(account('ada', 'ada@a'), account('ada', 'renamed@a')));
  assert.ok(!sameAccount(account('ada'), account('eve')));
  assert.ok(!sameAccount(account('ada'), { ...account('ada'), issuer: 'https://other.example.com/dex' }));
});

test('tokens are renewed without the person where a login leaves a session, and for machines', () => {
  const client: NonNullable<Profile['client']> = {
    id: 'dkp-auth',
    scopes: [],
    extraParameters: {},
    tokenKind: 'id-token',
    flags: [],
    listen: [],
    credentialStore: 'auto',
  };
  const none: typeof client = { ...client, credentialStore: 'none' };
  const renews = (more: Partial<Profile>) =>
    renewsAlone(sampleProfile('prod', 'https://api.example.com', more));
  assert.ok(!renews({}) && !renews({ signIn: 'page' }));
  assert.ok(renews({ signIn: 'browser', client: client }));
  assert.ok(!renews({ signIn: 'browser', client: none }));
  assert.ok(renews({ signIn: 'client-credentials', client: none }));
});
