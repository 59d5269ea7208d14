import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import type { EntryUser, KubeconfigEntry } from '../../source/kubeconfig/entry.ts';
import { putIntoContext } from '../../source/kubeconfig/into-context.ts';
import { layOut } from '../../source/kubeconfig/layout.ts';
import { userError } from '../helpers/user-error.ts';

const exec: EntryUser = { kind: 'exec', command: '/bin/dkp-auth-token', args: ['--profile', 'prod'] };
const entry = (user: EntryUser = exec): KubeconfigEntry => ({
  profile: 'prod' as never,
  server: 'https://prod.example.com',
  ca: undefined,
  user,
});

type Config = {
  contexts: { name: string; context: Record<string, string> }[];
  users: { name: string; user: Record<string, unknown> }[];
};

const put = (text: string, context = 'admin@prod', user?: EntryUser) => {
  const { layouts } = putIntoContext(layOut(text, 'file'), context, entry(user));
  return layouts[0]?.text ?? '';
};
const userOf = (config: Config, context: string) =>
  config.contexts.find(({ name }) => name === context)?.context['user'];
const contentOf = (config: Config, user: string | undefined) =>
  config.users.find(({ name }) => name === user)?.user;

/** A kubeconfig with one context, whose user is this. */
const withUser = (user: string, more = '') => `# made by the platform
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: https://PROD.example.com:443/}
- name: other
  cluster: {server: https://other.example.com}
contexts:
- name: admin@prod   # keep
  context: {cluster: prod, user: admin, namespace: web}
${more}users:
- name: admin
  user: ${user}
current-context: admin@prod
`;

describe('a context that is there already', () => {
  const filled = {
    'with a token': '{token: old}',
    'with a token file': '{tokenFile: /var/token}',
    'with nothing': '{}',
    "with the platform's plugin": '{exec: {command: konvoy-async-plugin, args: [-auth-url=https://x/]}}',
    "with the platform's plugin by its path": '{exec: {command: /opt/konvoy-async-plugin, args: []}}',
    'that asks us': '{exec: {command: dkp-auth, args: [token, --profile, before]}}',
  };
  for (const [what, user] of Object.entries(filled)) {
    it(`has its user filled in place: one ${what}`, () => {
      const before = withUser(user);
      const after = put(before);
      const config: Config = parse(after);
      assert.equal(userOf(config, 'admin@prod'), 'admin');
      assert.deepEqual(Object.keys(contentOf(config, 'admin') ?? {}), ['exec']);
      const asked = contentOf(config, 'admin')?.['exec'] as { args?: string[] } | undefined;
      assert.deepEqual(asked?.args, ['--profile', 'prod']);
      assert.ok(after.startsWith(before.slice(0, before.indexOf('users:'))), after);
      assert.equal(put(after), after, 'the same again changes nothing');
    });
  }

  it('keeps whom its user acts as', () => {
    const config: Config = parse(put(withUser('{token: old, as: jane, as-groups: [x]}')));
    const { exec: _exec, ...rest } = contentOf(config, 'admin') ?? {};
    assert.deepEqual(rest, { as: 'jane', 'as-groups': ['x'] });
  });

  it('gets a token with the moment it ends beside it', () => {
    const after = put(withUser('{token: old}'), 'admin@prod', {
      kind: 'token',
      token: 'new',
      expiresAt: 1e9,
    });
    assert.match(
      after,
      /# This token is good until 2001-09-09T01:46:40\.000Z; then run dkp-auth login again\.\n +token: new/,
    );
  });

  const kept = {
    'a client certificate': '{client-certificate-data: AA, client-key-data: BB}',
    'a password': '{username: a, password: b}',
    "another's plugin": '{exec: {command: aws, args: [eks, get-token]}}',
    'an auth provider': '{auth-provider: {name: gcp}}',
  };
  for (const [what, user] of Object.entries(kept)) {
    it(`gets a user of its own where its user has ${what}`, () => {
      const before = withUser(user);
      const config: Config = parse(put(before));
      assert.equal(userOf(config, 'admin@prod'), 'prod');
      assert.deepEqual(contentOf(config, 'admin'), (parse(before) as Config).users[0]?.user);
      assert.deepEqual(Object.keys(contentOf(config, 'prod') ?? {}), ['exec']);
      assert.equal(put(put(before)), put(before));
    });
  }

  it('gets a user of its own where its user serves another cluster, and is the only one repointed', () => {
    const more = [
      '- {name: admin@other, context: {cluster: other, user: admin}}\n',
      '- {name: again, context: {cluster: prod, user: admin}}\n',
    ].join('');
    const before = withUser('{token: old}', more);
    const config: Config = parse(put(before));
    assert.deepEqual(
      config.contexts.map(({ name, context }) => [name, context['user'], context['namespace']]),
      [
        ['admin@prod', 'prod', 'web'],
        ['admin@other', 'admin', undefined],
        ['again', 'admin', undefined],
      ],
    );
    assert.deepEqual(contentOf(config, 'admin'), { token: 'old' });
  });

  it('stays with its user where that serves several contexts of the one cluster', () => {
    const config: Config = parse(
      put(withUser('{token: old}', '- {name: again, context: {cluster: prod, user: admin}}\n')),
    );
    assert.equal(userOf(config, 'admin@prod'), 'admin');
    assert.deepEqual(config.users.length, 1);
  });

  it('gets a name that nobody has, not even a context whose user is missing', () => {
    const taken = withUser(
      '{username: a}',
      '- {name: gone, context: {cluster: other, user: prod-2}}\n',
    ).replace('current-context', '- {name: prod, user: {token: x}}\ncurrent-context');
    const config: Config = parse(put(taken));
    assert.equal(userOf(config, 'admin@prod'), 'prod-3');
    assert.deepEqual(contentOf(config, 'prod'), { token: 'x' });
  });

  it('is left alone when it is no longer what it was', () => {
    const text = withUser('{token: old}');
    assert.throws(
      () => put(text, 'gone'),
      userError('KUBECONFIG_CONFLICT', /context "gone" of file is no longer/),
    );
    const moved = text.replace('PROD.example.com', 'evil.example.com');
    assert.throws(() => put(moved), userError('KUBECONFIG_CONFLICT'));
  });
});
