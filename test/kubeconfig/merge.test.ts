import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { EntryUser, KubeconfigEntry } from '../../source/kubeconfig/entry.ts';
import { layOut } from '../../source/kubeconfig/layout.ts';
import { mergeEntries } from '../../source/kubeconfig/merge.ts';
import { normalizeServerUrl } from '../../source/portal/server-url.ts';
import { type ProfileName, parseProfileName } from '../../source/profiles/profile-name.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

const file = '/home/ada/.kube/config';
const nobodys = () => false;
const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const plugin = (name: string): EntryUser => ({
  kind: 'exec',
  command: '/opt/dkp-auth-token',
  args: ['--profile', name],
});

const entry = (name: string, server: string, more: Partial<KubeconfigEntry> = {}): KubeconfigEntry => ({
  profile: parseProfileName(name),
  server,
  ca,
  user: plugin(name),
  ...more,
});

function put(
  text: string | undefined,
  entries: KubeconfigEntry[],
  isKnown: (name: ProfileName) => boolean = nobodys,
) {
  const rules = { onConflict: 'fail', forNew: file, isKnown, setCurrent: undefined } as const;
  return mergeEntries([layOut(text ?? '', file)], entries, rules).layouts[0]?.text ?? '';
}

test('a new kubeconfig has a cluster, a context and a user of its own for each profile', () => {
  const text = put(undefined, [
    entry('red', 'https://red:6443'),
    entry('blue', 'https://blue/dkp/api-server', { ca: undefined }),
  ]);
  const exec = (name: string) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/opt/dkp-auth-token',
    args: ['--profile', name],
    interactiveMode: 'IfAvailable',
    provideClusterInfo: true,
    installHint: parse(text).users[0].user.exec.installHint,
  });
  assert.deepEqual(parse(text), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'red',
        cluster: {
          server: 'https://red:6443',
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        },
      },
      { name: 'blue', cluster: { server: 'https://blue/dkp/api-server' } },
    ],
    contexts: [
      { name: 'red', context: { cluster: 'red', user: 'red' } },
      { name: 'blue', context: { cluster: 'blue', user: 'blue' } },
    ],
    users: [
      { name: 'red', user: { exec: exec('red') } },
      { name: 'blue', user: { exec: exec('blue') } },
    ],
  });
});

test('the token method writes the token and, in a comment, until when it is good', () => {
  const token: EntryUser = { kind: 'token', token: 'a.b.c', expiresAt: 1_800_000_000 };
  const text = put(undefined, [entry('red', 'https://red', { user: token })]);
  assert.deepEqual(parse(text).users, [{ name: 'red', user: { token: 'a.b.c' } }]);
  assert.match(
    text,
    /# This token is good until 2027-01-15T08:00:00\.000Z; then run dkp-auth login again\.\n +token: /,
  );
  const later = put(
    text,
    [entry('red', 'https://red', { user: { ...token, token: 'd.e.f', expiresAt: 1_900_000_000 } })],
    () => true,
  );
  assert.match(later, /# This token is good until 2030-03-17/);
  assert.doesNotMatch(later, /2027-01-15/);
});

test('changing from the token method to the plugin takes the token and its comment out', () => {
  const token: EntryUser = { kind: 'token', token: 'a.b.c', expiresAt: 1_800_000_000 };
  const text = put(undefined, [entry('red', 'https://red', { user: token })]);
  const changed = put(text, [entry('red', 'https://red')], () => true);
  assert.doesNotMatch(changed, /a\.b\.c|This token is good/);
  assert.equal(parse(changed).users[0].user.exec.args[1], 'red');
});

test('writing the same again changes no byte', () => {
  const entries = [entry('red', 'https://red'), entry('blue', 'https://blue')];
  const first = put(undefined, entries);
  assert.equal(
    put(first, entries, () => true),
    first,
  );
  assert.equal(put(first, entries), first);
});

const others = `# written by hand
apiVersion: v1
kind: Config
preferences: { colors: true } # nice
current-context: old
extensions:
  - name: mine
    extension: { a: 1 }
clusters:
  # the old one
  - name: old
    cluster:
      server: https://old.example.com
      proxy-url: http://proxy
      insecure-skip-tls-verify: true
contexts:
  - name: old
    context: { cluster: old, user: old, namespace: kube-system }
users:
  - name: old
    user:
      username: "007"
      password: 'yes'
`;

test('what else is in a file stays: comments, order, unknown fields, quotes, the current context', () => {
  const text = put(others, [entry('red', 'https://red')]);
  for (const line of others.trim().split('\n')) assert.ok(text.includes(line.trim()), line);
  const { clusters, contexts, users, ...rest } = parse(text);
  const before = parse(others);
  assert.deepEqual(
    [clusters[0], contexts[0], users[0]],
    [before.clusters[0], before.contexts[0], before.users[0]],
  );
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Config',
    preferences: { colors: true },
    'current-context': 'old',
    extensions: before.extensions,
  });
  assert.equal(users[1].name, 'red');
  assert.equal(put(text, [entry('red', 'https://red')]), text);
});

test('fields that a person added to an entry of ours stay where they are not ours', () => {
  const text = put(undefined, [entry('red', 'https://red')]).replace(
    '- name: red\n',
    '- name: red\n    note: mine\n',
  );
  assert.match(put(text, [entry('red', 'https://red')]), /note: mine/);
});

test('a file in JSON, which is YAML too, can be merged into', () => {
  const json = JSON.stringify(parse(others), undefined, 2);
  const merged = parse(put(json, [entry('red', 'https://red')]));
  assert.deepEqual(
    merged.users.map((user: { name: string }) => user.name),
    ['old', 'red'],
  );
  assert.equal(merged['current-context'], 'old');
});

for (const [what, text] of [
  ['an empty file', ''],
  ['a file of comments', '# nothing yet\n'],
  ['empty lists', 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n'],
  [
    'lists that are null, as kubectl writes them',
    'apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\n',
  ],
  ['a document mark', '---\napiVersion: v1\nkind: Config\n'],
] as const) {
  test(`${what} is a kubeconfig to begin with`, () => {
    const { clusters, contexts, users } = parse(put(text, [entry('red', 'https://red')]));
    assert.deepEqual([clusters.length, contexts.length, users.length], [1, 1, 1]);
  });
}

for (const [what, text, fault] of [
  ['broken YAML', 'clusters: [', /is not YAML/],
  ['a list', '- a\n- b\n', /is not a kubeconfig/],
  ['a text', 'hello', /is not a kubeconfig/],
  ['two documents', 'apiVersion: v1\n---\napiVersion: v1\n', /several YAML documents/],
  ['a map for the clusters', 'clusters: {a: b}\n', /"clusters" that is not a list/],
  ['a text for the users', 'users: none\n', /"users" that is not a list/],
  ['a key twice', 'users: []\nusers: []\n', /has a field twice/],
] as const) {
  test(`${what} is refused, and the file is named and left alone`, () => {
    assert.throws(
      () => put(text, [entry('red', 'https://red')]),
      userError(
        'KUBECONFIG_INVALID',
        new RegExp(`^${file} .*${fault.source}.*\\nThe file was left as it is`),
      ),
    );
  });
}

const named = (cluster: string, context: string, user: string) =>
  `clusters:\n${cluster}\ncontexts:\n${context}\nusers:\n${user}\n`;

const foreign: [string, string, RegExp][] = [
  [
    'a cluster at another address',
    named('- {name: red, cluster: {server: https://other}}', '[]', '[]').replaceAll('\n[]', ' []'),
    /a cluster "red" for https:\/\/other/,
  ],
  [
    'a context for something else',
    named('[]', '- {name: red, context: {cluster: old, user: old}}', '[]').replaceAll('\n[]', ' []'),
    /a context "red" for something else/,
  ],
  [
    "somebody's client certificate",
    'users:\n- {name: red, user: {client-certificate-data: AAAA}}\n',
    /a user "red" that this program did not write/,
  ],
  ["somebody's token", 'users:\n- {name: red, user: {token: abc}}\n', /did not write/],
  [
    'a plugin of another program, though its last argument is the name',
    'users:\n- {name: red, user: {exec: {command: aws, args: [eks, get-token, --cluster-name, red]}}}\n',
    /did not write/,
  ],
  ['a plugin with no arguments', 'users:\n- {name: red, user: {exec: {command: x}}}\n', /did not write/],
  [
    "another profile's plugin",
    'users:\n- {name: red, user: {exec: {command: dkp-auth, args: [token, --profile, blue]}}}\n',
    /did not write/,
  ],
];

for (const [what, text, fault] of foreign) {
  test(`an entry of the same name that is not ours is refused: ${what}`, () => {
    assert.throws(() => put(text, [entry('red', 'https://red')]), userError('KUBECONFIG_CONFLICT', fault));
  });
}

test('a user that this program wrote is known again by the profile its plugin is asked for', () => {
  const moved = put(undefined, [entry('red', 'https://red')]).replace(
    '/opt/dkp-auth-token',
    '/old/place/dkp-auth-token',
  );
  assert.equal(
    parse(put(moved, [entry('red', 'https://red')])).users[0].user.exec.command,
    '/opt/dkp-auth-token',
  );
});

test('nothing is put where one of several entries is refused', () => {
  const text = 'users:\n- {name: blue, user: {token: abc}}\n';
  assert.throws(
    () => put(text, [entry('red', 'https://red'), entry('blue', 'https://blue')]),
    userError('KUBECONFIG_CONFLICT'),
  );
});

const shared = (one: string, two: string) => `clusters:
- {name: a, cluster: {server: https://a}}
- {name: b, cluster: {server: https://b}}
contexts:
- name: a
  context: {cluster: a, user: ${one}}
- name: b
  context: {cluster: b, user: ${two}}
users:
- {name: default-profile, user: {token: abc}}
`;

for (const [what, text] of [
  ['plainly', shared('default-profile', 'default-profile')],
  ['in other quotes', shared('default-profile', '"default-profile"')],
  ['through a YAML alias', shared('&u default-profile', '*u ')],
  [
    'through an alias of the whole context',
    `${shared('default-profile', 'x').replace('context: {cluster: b, user: x}', 'context: &c {cluster: b, user: default-profile}')}`,
  ],
  [
    'through a merged map',
    shared('default-profile', 'x')
      .replace('context: {cluster: a', 'context: &c {cluster: a')
      .replace('context: {cluster: b, user: x}', 'context: {<<: *c, cluster: b}'),
  ],
  [
    'with a cluster that is defined elsewhere',
    'contexts:\n- {name: a, context: {cluster: a, user: u}}\n- {name: b, context: {cluster: b, user: u}}\n',
  ],
] as const) {
  test(`a document in which one user serves two clusters is refused: ${what}`, () => {
    assert.throws(
      () => put(text, [entry('red', 'https://red')]),
      userError(
        'KUBECONFIG_SHARED_USER',
        /the user "[\w-]+" serves two clusters: .* and .*\n.*a user of its own/,
      ),
    );
  });
}

test('two entries of one profile for two clusters are refused', () => {
  assert.throws(
    () => put(undefined, [entry('red', 'https://one'), entry('red', 'https://two')]),
    error => userError('KUBECONFIG_CONFLICT')(error),
  );
});

test('several contexts of one cluster may share its user', () => {
  const text = `clusters:
- {name: a, cluster: {server: https://a}}
- {name: same, cluster: {server: https://a}}
contexts:
- {name: one, context: {cluster: a, user: u}}
- {name: two, context: {cluster: a, user: u, namespace: x}}
- {name: three, context: {cluster: same, user: u}}
users: []
`;
  assert.equal(parse(put(text, [entry('red', 'https://red')])).contexts.length, 4);
});

test('whatever a portal and a machine call things, the kubeconfig says it back exactly', () => {
  const servers = fc
    .webUrl({ validSchemes: ['https'], withQueryParameters: false })
    .map(url => normalizeServerUrl(url) ?? 'https://x');
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'a: b',
      '- x',
      '\n  exec: {command: evil}',
      '*alias',
      '&a !!tag',
      '# comment',
      '"',
      "'",
      '$HOME',
      '`id`',
      '| ',
      'null',
      '~',
      '0x1f',
      'yes',
      '\u2028',
      '\ud83d',
    ),
  );
  const cases = fc.record({
    server: servers,
    ca: fc.option(hostile, { nil: undefined }),
    command: hostile,
    token: hostile,
    isToken: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ server, ca: pem, command, token, isToken }) => {
      const user: EntryUser = isToken
        ? { kind: 'token', token, expiresAt: 1 }
        : { kind: 'exec', command, args: ['--profile', 'red'] };
      const written = parse(put(undefined, [entry('red', server, { ca: pem, user })]));
      assert.equal(written.clusters[0].cluster.server, server);
      const data: string | undefined = written.clusters[0].cluster['certificate-authority-data'];
      assert.equal(
        (data && Buffer.from(data, 'base64').toString()) || undefined,
        pem?.toWellFormed() || undefined,
      );
      assert.equal(written.users.length, 1);
      if (isToken) assert.deepEqual(written.users[0].user, { token: token.toWellFormed() });
      else assert.equal(written.users[0].user.exec.command, command.toWellFormed());
    }),
  );
});

for (const [what, waiting] of [
  ['user', 'contexts:\n- {name: other, context: {cluster: elsewhere, user: red}}\n'],
  ['cluster', 'contexts:\n- {name: other, context: {cluster: red, user: somebody}}\n'],
] as const) {
  test(`a ${what} that a context of somebody's waits for is not put under that name`, () => {
    assert.throws(
      () => put(waiting, [entry('red', 'https://red')]),
      userError('KUBECONFIG_CONFLICT', /a context "other" that waits for a cluster or user of this name/),
    );
  });
}
