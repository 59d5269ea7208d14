import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Change, editKubeconfig } from '../../source/kubeconfig/edit.ts';
import { userError } from '../helpers/user-error.ts';

const file = '/home/ada/.kube/config';
const edit = (text: string | undefined, ...changes: Change[]) => editKubeconfig(text, file, changes);
const user = (name: string, content: object = { token: 'new' }): Change => ({
  kind: 'set',
  section: 'users',
  name,
  content: { ...content },
});

const kubectls = `apiVersion: v1
clusters:
- cluster:
    server: https://red # the old one
  name: red
# below
contexts:
- context:
    cluster: red
    namespace: "007"
    user: red
  name: red
current-context: red
kind: Config
preferences: {}
users:
- name: red
  user:
    # how it was
    token: old
`;

test('an entry is added below the others of its list, in their style', () => {
  assert.equal(
    edit(kubectls, user('blue', { exec: { command: 'x', args: ['a', 'b'] } })),
    `${kubectls}- name: blue
  user:
    exec:
      command: x
      args:
      - a
      - b
`,
  );
  assert.equal(
    edit(kubectls, { kind: 'set', section: 'clusters', name: 'blue', content: { server: 'https://blue' } }),
    kubectls.replace('  name: red\n#', '  name: red\n- name: blue\n  cluster:\n    server: https://blue\n#'),
  );
});

test('of a context only what changed is written', () => {
  const set = (content: object): Change => ({
    kind: 'set',
    section: 'contexts',
    name: 'red',
    content: { ...content },
  });
  assert.equal(
    edit(kubectls, set({ cluster: 'red', namespace: '007', user: 'blue' })),
    kubectls.replace('    user: red', '    user: blue'),
  );
  assert.equal(
    edit(kubectls, set({ cluster: 'red', user: 'red', extensions: [] })),
    kubectls.replace('    namespace: "007"\n    user: red\n', '    user: red\n    extensions: []\n'),
  );
  assert.equal(edit(kubectls, set({ user: 'red', namespace: '007', cluster: 'red' })), kubectls);
});

test('a comment behind a value stays when the value changes', () => {
  const cluster: Change = {
    kind: 'set',
    section: 'clusters',
    name: 'red',
    content: { server: 'https://new' },
  };
  assert.equal(edit(kubectls, cluster), kubectls.replace('https://red', 'https://new'));
});

test('a user is written anew, with what was said beside it', () => {
  assert.equal(
    edit(kubectls, { ...user('red'), comment: ' good until noon' } as Change),
    kubectls.replace('    # how it was\n    token: old\n', '    # good until noon\n    token: new\n'),
  );
});

test('entries are taken out with the comments that belong to them', () => {
  const text = kubectls.replace(
    'contexts:',
    '- cluster:\n    server: https://b\n  name: b\n  # of b\ncontexts:',
  );
  assert.equal(edit(text, { kind: 'remove', section: 'clusters', name: 'b' }), kubectls);
  assert.equal(
    edit(kubectls, { kind: 'remove', section: 'users', name: 'red' }),
    kubectls.replace(/users:[\s\S]*/, 'users: []\n'),
  );
});

test('an entry is renamed, contexts that name it are not', () => {
  assert.equal(
    edit(kubectls, { kind: 'rename', section: 'users', name: 'red', to: 'yes' }),
    kubectls.replace('users:\n- name: red', 'users:\n- name: "yes"'),
  );
});

test('the current context is set', () => {
  const set: Change = { kind: 'current-context', name: 'b: c' };
  assert.equal(edit(kubectls, set), kubectls.replace('current-context: red', 'current-context: "b: c"'));
  assert.equal(
    edit('kind: Config\ncurrent-context:\n# end\n', set),
    'kind: Config\ncurrent-context: "b: c"\n# end\n',
  );
  assert.equal(edit('kind: Config', set), 'kind: Config\ncurrent-context: "b: c"');
});

test('several changes at once', () => {
  const text = edit(
    kubectls,
    user('one'),
    user('two'),
    user('red'),
    { kind: 'rename', section: 'users', name: 'red', to: 'three' },
    { kind: 'remove', section: 'contexts', name: 'red' },
    { kind: 'set', section: 'contexts', name: 'c', content: { cluster: 'red', user: 'three' } },
  );
  const { users, contexts, ...rest } = parse(text);
  assert.deepEqual(
    users.map(({ name }: { name: string }) => name),
    ['three', 'one', 'two'],
  );
  assert.deepEqual(contexts, [{ name: 'c', context: { cluster: 'red', user: 'three' } }]);
  const { users: _, contexts: __, ...before } = parse(kubectls);
  assert.deepEqual(rest, before);
});

const data = parse(kubectls) as Record<string, unknown>;
const styles: [string, string][] = [
  ['as kubectl writes it', kubectls],
  ['with Windows line ends', kubectls.replaceAll('\n', '\r\n')],
  ['with a byte order mark', `\ufeff${kubectls}`],
  ['without a last line end', kubectls.trimEnd()],
  ['with a document mark', `---\n${kubectls}`],
  ['with a document end', `${kubectls}...\n`],
  [
    'with lists further in',
    kubectls.replace(/^(- | {2,}|# h)/gm, '  $1').replace('preferences: {}\n  ', 'preferences: {}\n'),
  ],
  ['in JSON', `${JSON.stringify(data, undefined, 2)}\n`],
  ['in JSON with tabs', JSON.stringify(data, undefined, '\t')],
  ['in JSON on one line', JSON.stringify(data)],
  [
    'with entries in flow style',
    `clusters: [{name: red, cluster: {server: 'https://red'}}]\ncontexts: [ ]\nusers:\n- {name: red, user: {token: old}} # c\n- { name: b, user: {} }\n`,
  ],
  [
    'with a comma behind the last',
    'clusters: [ {name: red, cluster: {server: x}}, ]\nusers:\n  [\n    {name: red, user: {token: a}},\n  ]\n',
  ],
  [
    'with dashes on lines of their own',
    'clusters:\n-\n  name: red\n  cluster:\n    server: x\nusers:\n  -   name: red\n      user:   {token: x}\n',
  ],
  ['with lists that are null', 'kind: Config\nclusters: null\ncontexts: ~\nusers:\n'],
  ['with empty lists', 'kind: Config\nclusters: []\ncontexts: []\nusers: [] # none yet\n'],
  [
    'with anchors',
    'x: &x {a: 1}\nclusters:\n- name: red\n  cluster: &c\n    server: a\n- name: b\n  cluster:\n    <<: *c\n- name: c\n  cluster: *c\nusers:\n- &u\n  name: red\n  user: {token: a}\n',
  ],
  [
    'with a text of several lines',
    'extensions:\n- name: x\n  extension: |\n    users:\n    - a\n\n  # c\nusers:\n- name: red\n  user:\n    token: >-\n      a\n      b\n\n# end\n',
  ],
  ['with nothing', ''],
  ['with a comment', '# mine'],
  ['with an empty map', '{}\n'],
  ['with null', '---\nnull\n'],
];

type Named = { name: string };

for (const [style, text] of styles) {
  test(`a file ${style}: entries are added, changed, taken out and renamed, and all else stays`, () => {
    const before = parse(text, { merge: true }) ?? {};
    const names = (value: Record<string, Named[] | undefined>, list: string) =>
      (value[list] ?? []).map(({ name }) => name);
    const added = edit(
      text,
      user('new', { token: 'a\u2028: #b' }),
      { kind: 'set', section: 'clusters', name: 'new', content: { server: 'https://new' } },
      { kind: 'set', section: 'contexts', name: 'new', content: { cluster: 'new', user: 'new' } },
      { kind: 'current-context', name: 'new' },
    );
    const after = parse(added, { merge: true });
    for (const list of ['clusters', 'contexts', 'users']) {
      assert.deepEqual(names(after, list), [...names(before, list), 'new'], list);
      assert.deepEqual(after[list].slice(0, -1), before[list] ?? []);
    }
    assert.deepEqual(after.users.at(-1), { name: 'new', user: { token: 'a\u2028: #b' } });
    assert.equal(after['current-context'], 'new');
    if (text.startsWith('\ufeff')) assert.ok(added.startsWith('\ufeff'));
    if (text.includes('\r')) assert.doesNotMatch(added, /[^\r]\n/);
    if (style.includes('JSON')) assert.deepEqual(JSON.parse(added), after);
    for (const line of text.split(/\r?\n/)) {
      const shown = line
        .trim()
        .replace(/(\[ ?\]|null|~|\s*[\]}]+)$/, '')
        .trim();
      if (!/current-context|^(\{\}|null|users:.*)$/.test(line.trim())) assert.ok(added.includes(shown), line);
    }
    for (const name of names(before, 'users')) {
      const changed = edit(text, user(name));
      assert.deepEqual(parse(changed, { merge: true }), {
        ...before,
        users: before.users.map((one: Named) => (one.name === name ? { name, user: { token: 'new' } } : one)),
      });
      const removed = edit(text, { kind: 'remove', section: 'users', name });
      assert.deepEqual(parse(removed, { merge: true }), {
        ...before,
        users: before.users.filter((one: Named) => one.name !== name),
      });
      const renamed = edit(text, { kind: 'rename', section: 'users', name, to: 'other' });
      assert.deepEqual(parse(renamed, { merge: true }), {
        ...before,
        users: before.users.map((one: Named) => (one.name === name ? { ...one, name: 'other' } : one)),
      });
    }
    const again = edit(added, { kind: 'remove', section: 'users', name: 'new' });
    assert.deepEqual(parse(again, { merge: true }).users, before.users ?? []);
  });
}

test('nothing to change is nothing changed', () => {
  for (const [, text] of styles) assert.equal(edit(text), text);
});

for (const [what, text, change] of [
  [
    'what another entry takes its content from',
    'users:\n- {name: a, user: &u {token: x}}\n- {name: b, user: *u}\n',
    user('a'),
  ],
  [
    // The other entry would take the content of the first then, and nothing but the comparison of all entries says so.
    'what another entry takes its content from, where another anchor has the name too,',
    'users:\n- {name: z, user: &u {token: z}}\n- {name: a, user: &u {token: x}}\n- {name: b, user: *u}\n',
    user('a'),
  ],
  [
    'what an alias stands for',
    'users:\n- &a {name: a, user: {token: x}}\nclusters:\n- *a\n',
    { kind: 'remove', section: 'users', name: 'a' },
  ],
  ['an entry that is an alias', 'x: &a {name: a, user: {token: x}}\nusers:\n- *a\n', user('a')],
  ['a list that is an alias', 'x: &a []\nusers: *a\nclusters: *a\n', user('a')],
] satisfies [string, string, Change][]) {
  test(`${what} is not changed`, () => {
    let result: string | undefined;
    try {
      result = edit(text, change);
    } catch (error) {
      userError('KUBECONFIG_INVALID', /no entry can be changed/)(error);
      return;
    }
    assert.equal(what, 'a list that is an alias');
    assert.deepEqual(parse(result), { x: [], users: [{ name: 'a', user: { token: 'new' } }], clusters: [] });
  });
}

test('two entries of one name, which kubectl refuses, are left to the person', () => {
  const text = 'users:\n- {name: a, user: {}}\n- {name: a, user: {}}\n';
  assert.throws(() => edit(text, user('a')), userError('KUBECONFIG_INVALID', /two users named "a"/));
});
