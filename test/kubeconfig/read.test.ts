import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import { userError } from '../helpers/user-error.ts';

const file = '/home/ada/.kube/config';
const secret = 'eyJhbGciOi-secret-token';

const example = `# of the team
apiVersion: v1
kind: Config
current-context: blue
users:
  - name: red
    user:
      exec:
        command: aws
        args:
          - eks
          - get-token
  - user: &someone
      token: ${secret}
    name: blue
clusters:
  - { name: red, cluster: { server: https://red } }
contexts:
  - name: blue
    context: { cluster: red, user: blue }
`;

test('entries come in the order of the file, each with its content and its line', () => {
  const { entries, currentContext } = readKubeconfig(example, file);
  assert.deepEqual(
    entries.map(({ section, name, line }) => [section, name, line]),
    [
      ['users', 'red', 6],
      ['users', 'blue', 13],
      ['clusters', 'red', 17],
      ['contexts', 'blue', 19],
    ],
  );
  assert.deepEqual(entries[1]?.content, { token: secret });
  assert.deepEqual(entries[2]?.content, { server: 'https://red' });
  assert.deepEqual(currentContext, { name: 'blue', line: 4 });
});

test('a field of an entry has its own line; one that is not there has that of the entry', () => {
  const [red, , , blue] = readKubeconfig(example, file).entries;
  assert.equal(red?.lineOf('exec', 'command'), 9);
  assert.equal(red?.lineOf('exec', 'args', 1), 12);
  assert.equal(red?.lineOf('exec', 'env'), 6);
  assert.equal(red?.lineOf('exec', 'command', 'deeper'), 6);
  assert.equal(blue?.lineOf('user'), 20);
});

for (const [what, change] of [
  ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\ufeff${text}`],
  ['a document mark', (text: string) => `---\n${text.slice(text.indexOf('\n') + 1)}`],
] as const) {
  test(`lines and contents are the same with ${what}`, () => {
    const flat = (text: string) =>
      readKubeconfig(text, file).entries.map(({ section, name, content, line, lineOf }) => [
        section,
        name,
        content,
        line,
        lineOf('exec', 'args', 1),
        lineOf('server'),
      ]);
    assert.deepEqual(flat(change(example)), flat(example));
  });
}

test('JSON is read, with lines', () => {
  const text = JSON.stringify(
    { kind: 'Config', users: [{ name: 'a', user: { token: secret } }], clusters: null },
    undefined,
    2,
  );
  const [entry] = readKubeconfig(text, file).entries;
  assert.deepEqual(
    [entry?.name, entry?.content, entry?.line, entry?.lineOf('token')],
    ['a', { token: secret }, 4, 7],
  );
});

test('aliases and merge keys are resolved, and their fields found', () => {
  const text = `clusters:
- &a { name: a, cluster: &c { server: https://a } }
- { name: b, cluster: { <<: *c, tls-server-name: b } }
- { name: c, cluster: *c }
- *a
`;
  const { entries } = readKubeconfig(text, file);
  assert.deepEqual(
    entries.map(({ name, content }) => [name, content]),
    [
      ['a', { server: 'https://a' }],
      ['b', { server: 'https://a', 'tls-server-name': 'b' }],
      ['c', { server: 'https://a' }],
      ['a', { server: 'https://a' }],
    ],
  );
  assert.deepEqual([entries[2]?.lineOf('server'), entries[3]?.line], [2, 5]);
});

for (const [what, text] of [
  ['nothing', ''],
  ['blanks', ' \n\n'],
  ['a byte order mark', '\ufeff'],
  ['a comment', '# nothing yet\n'],
  ['a document mark', '---\n'],
  ['null', 'null\n'],
  ['an empty map', '{}'],
  ['lists that are null', 'clusters: null\ncontexts:\nusers: ~\ncurrent-context: ""\n'],
  ['an entry that is null', 'users:\n-\n- null\n'],
] as const) {
  test(`a file with ${what} has no entries`, () => {
    const { entries, currentContext } = readKubeconfig(text, file);
    assert.deepEqual([entries, currentContext], [[], undefined]);
  });
}

const bomb = `a: &a [x]\n${[...'bcdefghijklm'].map(name => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)}, `.repeat(10)}]`).join('\n')}\n`;

for (const [what, text, fault] of [
  ['broken YAML', `users:\n- name: a\n  user: {token: "${secret}\n`, /is not YAML \(line \d/],
  ['a token where a key should be', `users: []\n"${secret}`, /is not YAML \(line \d/],
  ['a key twice', 'users: []\nusers: []\n', /has a field twice \(line 2\)/],
  ['a list', '- a\n', /is not a kubeconfig/],
  ['a text', secret, /is not a kubeconfig/],
  [
    'two documents',
    `kind: Config\n---\nusers: [{name: a, user: {token: ${secret}}}]\n`,
    /several YAML documents/,
  ],
  ['a map for a list', `users: {token: ${secret}}\n`, /"users" that is not a list/],
  ['a text for an entry', `users:\n- ${secret}\n`, /something else than an entry under "users" \(line 2\)/],
  ['a number for a name', 'users:\n- user: {}\n  name: 12\n', /a user whose name is not a text \(line 2\)/],
  ['a text for a content', `users:\n- user: ${secret}\n  name: a\n`, /a user that is not a map \(line 2\)/],
  ['an alias that leads nowhere', 'users: *a\n', /./],
  ['aliases that multiply', bomb, /aliases/],
] as const) {
  test(`${what} is refused with the file and the reason, and nothing of its content`, () => {
    assert.throws(
      () => readKubeconfig(text, file),
      error => {
        userError('KUBECONFIG_INVALID', new RegExp(`^${file} .*${fault.source}`))(error);
        assert.ok(!String(error).includes('secret'), String(error));
        return true;
      },
    );
  });
}
