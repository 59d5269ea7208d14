import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/home.ts';
import { runKubectl } from '../helpers/kubectl.ts';
import { mergeInto, sampleEntry } from '../kubeconfig/sample.ts';

const corpus = path.join(import.meta.dirname, '..', 'kubeconfig', 'corpus');
const merger = path.join(import.meta.dirname, '..', 'kubeconfig', 'merger.ts');
const corpusFiles = await fs.readdir(corpus);
const run = promisify(execFile);

type View = Record<'clusters' | 'contexts' | 'users', { name: string }[] | null> & {
  'current-context': string;
};

async function view(...files: string[]): Promise<View> {
  const env = { KUBECONFIG: files.join(path.delimiter), HOME: '/nonexistent' };
  const { code, stdout, stderr } = await runKubectl(['config', 'view', '--raw', '-o', 'json'], { env });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as View;
}

const merge = (folder: string, files: readonly string[], ...names: string[]) =>
  run(process.execPath, [
    '--import',
    'tsx',
    merger,
    path.join(folder, 'state'),
    files.join(path.delimiter),
    ...names,
  ]);

const without = (config: View, names: readonly string[]) => {
  const rest = (list: { name: string }[] | null) => (list ?? []).filter(({ name }) => !names.includes(name));
  const { clusters, contexts, users } = config;
  return { ...config, clusters: rest(clusters), contexts: rest(contexts), users: rest(users) };
};

describe('what kubectl reads after a merge', () => {
  for (const name of corpusFiles) {
    it(`of ${name} is what it read before, and ours`, async t => {
      const folder = await temporaryFolder(t);
      const file = path.join(folder, name);
      await fs.copyFile(path.join(corpus, name), file);
      const before = await view(file);
      const [text = ''] = mergeInto([await fs.readFile(file, 'utf8')], [sampleEntry('red')]).texts;
      await fs.writeFile(file, text);
      const after = await view(file);
      assert.deepEqual(without(after, ['red']), without(before, []));
      assert.equal(
        after.users?.some(user => user.name === 'red'),
        true,
      );
      assert.equal(
        after.contexts?.some(context => context.name === 'red'),
        true,
      );
    });
  }

  it('of a list of files is the same whichever of them an entry is in, and each was written where kubectl writes', async t => {
    const folder = await temporaryFolder(t);
    const files = ['missing', 'first', 'second'].map(name => path.join(folder, name));
    const [missing = '', first = '', second = ''] = files;
    const [ours = ''] = mergeInto(
      [''],
      [
        sampleEntry('blue', {
          user: { kind: 'exec', command: '/old/dkp-auth-token', args: ['--profile', 'blue'] },
        }),
      ],
    ).texts;
    await fs.copyFile(path.join(corpus, 'eks.yaml'), first);
    await fs.writeFile(second, ours);
    const env = { KUBECONFIG: files.join(path.delimiter), HOME: folder };
    assert.equal(
      (await runKubectl(['config', 'set-cluster', 'kubectls', '--server=https://k'], { env })).code,
      0,
    );
    const kubectls = await Promise.all([first, second].map(file => fs.readFile(file, 'utf8')));
    const taker = kubectls.findIndex(text => text.includes('kubectls'));
    const order = [first, second];
    await merge(folder, [order[taker] ?? '', ...files.filter(file => file !== order[taker])], 'red', 'blue');
    const texts = await Promise.all(order.map(file => fs.readFile(file, 'utf8')));
    assert.match(texts[taker] ?? '', /name: red/);
    assert.match(texts[1] ?? '', /command: \/opt\/dkp-auth-token/, 'what is there is changed where it is');
    await assert.rejects(fs.access(missing));
    assert.deepEqual(
      (await view(...files)).contexts
        ?.map(({ name }) => name)
        .sort()
        .at(-1),
      'red',
    );
  });
});

describe('at once with kubectl', () => {
  it('twenty merges and kubectl config set-context in a loop lose no entry of either', {
    timeout: 300_000,
  }, async t => {
    const folder = await temporaryFolder(t);
    const file = path.join(folder, 'config');
    await fs.copyFile(path.join(corpus, 'k3s.yaml'), file);
    const env = { KUBECONFIG: file, HOME: folder };
    const names = Array.from({ length: 20 }, (_, index) => `ours-${index}`);
    let isOver = false;
    const merges = Promise.all(names.map(name => merge(folder, [file], name))).finally(() => {
      isOver = true;
    });
    const written: string[] = [];
    let refused = 0;
    while (!isOver) {
      const name = `kubectls-${written.length}`;
      const { code, stderr } = await runKubectl(
        ['config', 'set-context', name, '--cluster=default', `--user=${name}`],
        { env },
      );
      if (code === 0) written.push(name);
      else {
        refused += 1;
        assert.match(stderr, /\.lock: file exists/);
      }
    }
    await merges;
    t.diagnostic(`kubectl wrote ${written.length} contexts, and found the lock ${refused} times`);
    const { contexts, users } = await view(file);
    assert.ok(written.length > 0);
    assert.deepEqual(contexts?.map(({ name }) => name).sort(), ['default', ...names, ...written].sort());
    assert.deepEqual(users?.map(({ name }) => name).sort(), ['default', ...names].sort());
    assert.equal(
      (await fs.readdir(folder)).some(name => name.endsWith('.lock') || name.endsWith('.tmp')),
      false,
    );
  });
});
