import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { editKubeconfig } from '../../source/kubeconfig/edit.ts';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { runKubectl } from '../helpers/kubectl.ts';
import { mergeInto, sampleEntry } from '../kubeconfig/sample.ts';

/** Names that YAML, a shell or kubectl could take for something else. */
const names = [
  'a: b',
  'a #b',
  '- a',
  '? a',
  '&a',
  '*a',
  '!!str a',
  '{a: b}',
  '[a, b]',
  '| a',
  '>',
  '%YAML',
  '@a',
  '`id`',
  '$(id)',
  '$HOME',
  '; rm -rf /',
  'a && b',
  'a\\nb',
  "it's",
  '"quoted"',
  ' leading and trailing ',
  'a\tb',
  'a\nb',
  'null',
  '~',
  'yes',
  'y',
  'off',
  '0x1f',
  '1e3',
  '012',
  '1_000',
  '190:20:30',
  '2026-11-24',
  '.inf',
  '<<',
  '=',
  '---',
  '...',
  'Grüße 世界 🙂',
  '\u00e9 and e\u0301',
  '\u202eabc',
  '\u2028',
  '\ufeffa',
  'arn:aws:eks:eu-west-1:123456789012:cluster/prod',
  'gke_project_europe-west1-b_prod',
  'user@corp.example/api-prod-example-com:6443',
];

type View = Record<'clusters' | 'contexts' | 'users', { name: string }[]> & { 'current-context': string };

/** kubectl on one file, and the file as kubectl reads it. */
function kubectlOn(file: string) {
  const env = { KUBECONFIG: file, HOME: '/nonexistent' };
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runKubectl(args, { env });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const view = async () => JSON.parse(await run('config', 'view', '--raw', '-o', 'json')) as View;
  return { run, view };
}

const contentOf = (name: string) =>
  [
    ['clusters', { server: 'https://example.com', 'tls-server-name': name }],
    ['users', { username: name, password: name }],
    ['contexts', { cluster: name, user: name, namespace: name }],
  ] as const;
const sorted = (list: readonly { name: string }[]) =>
  list.toSorted((one, other) => (one.name < other.name ? -1 : 1));
const expected = (kind: string, index: number, all: readonly string[] = names) =>
  sorted(all.map(name => ({ name, [kind]: contentOf(name)[index]?.[1] })));

describe('a name with signs of YAML or of a shell', { concurrency: true }, () => {
  const changes = names.flatMap(name =>
    contentOf(name).map(([section, content]) => ({ kind: 'set' as const, section, name, content })),
  );
  const own = 'users:\n- name: zero\n  user: {}\n';
  for (const [style, text] of [
    ['a new file', undefined],
    ['block style', 'kind: Config\nclusters: []\ncontexts: []\nusers: []\n'],
    ['JSON', '{"kind": "Config", "clusters": [], "contexts": [], "users": []}\n'],
    ['CRLF', 'kind: Config\r\nclusters:\r\ncontexts:\r\nusers:\r\n'],
  ] as const) {
    it(`that is written into ${style} is read by kubectl letter by letter`, async t => {
      const file = path.join(await temporaryFolder(t), 'config');
      await fs.writeFile(file, editKubeconfig(text, file, changes));
      const { view } = kubectlOn(file);
      const { clusters, contexts, users } = await view();
      assert.deepEqual(sorted(clusters), expected('cluster', 0));
      assert.deepEqual(sorted(users), expected('user', 1));
      assert.deepEqual(sorted(contexts), expected('context', 2));
    });
  }

  it('that an entry is renamed to, and that is made current, is found by kubectl', async t => {
    const file = path.join(await temporaryFolder(t), 'config');
    const { run, view } = kubectlOn(file);
    for (const to of names) {
      const renamed = editKubeconfig(own, file, [
        { kind: 'rename', section: 'users', name: 'zero', to },
        { kind: 'current-context', name: to },
      ]);
      await fs.writeFile(file, renamed);
      const { users, 'current-context': current } = await view();
      assert.deepEqual([users.map(({ name }) => name), current], [[to], to]);
    }
    assert.equal(await run('config', 'current-context'), `${names.at(-1)}\n`);
  });

  it('that kubectl wrote is read letter by letter, and outlives a merge', async t => {
    const file = path.join(await temporaryFolder(t), 'config');
    const { run, view } = kubectlOn(file);
    const written = names.filter(name => !/^-/.test(name));
    for (const name of written) {
      await run('config', 'set-context', `--cluster=${name}`, `--user=${name}`, '--', name);
    }
    const before = await view();
    const text = await fs.readFile(file, 'utf8');
    const read = readKubeconfig(text, file).entries.map(({ name, content }) => [name, content]);
    assert.deepEqual(read.toSorted(), written.map(name => [name, { cluster: name, user: name }]).toSorted());
    await fs.writeFile(file, mergeInto([text], [sampleEntry('red')]).texts[0] ?? '');
    const after = await view();
    assert.deepEqual(
      after.contexts.filter(({ name }) => name !== 'red'),
      before.contexts,
    );
    for (const name of written) {
      await run('config', 'use-context', '--', name);
      assert.equal((await view())['current-context'], name);
    }
  });
});
