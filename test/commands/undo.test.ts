import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { edit } from '../../source/kubeconfig/edit.ts';
import { changeKubeconfigs } from '../../source/kubeconfig/write.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

const secret = 'a-token-that-nobody-may-see';
const text = `current-context: zero
users:
- name: me
  user:
    token: ${secret}
`;

/** `~/.kube/config`, changed by this program once for each name. */
async function setUp(t: TestContext, ...names: string[]) {
  const home = await temporaryHome(t);
  const file = home.path('.kube', 'config');
  await fs.mkdir(path.dirname(file));
  await fs.writeFile(file, text, { mode: 0o600 });
  const change = (name: string, target = file) =>
    changeKubeconfigs(
      [target],
      layouts => layouts.map(layout => edit(layout, [{ kind: 'current-context', name }])),
      { paths: home.paths },
    );
  for (const name of names) await change(name);
  const undo = (...args: string[]) => runProgram(['undo', ...args], { env: home.env });
  const content = () => fs.readFile(file, 'utf8');
  return { home, file, change, undo, content };
}

const withContext = (name: string) => text.replace('zero', name);

describe('dkp-auth undo', { concurrency: true }, () => {
  it('puts back what the file was before the last change, one change each time, until there is none', async t => {
    const { home, undo, content } = await setUp(t, 'one', 'two');
    const { code, stdout, stderr } = await undo();
    assert.deepEqual([code, stderr], [0, '']);
    assertPlain(stdout);
    assert.match(stdout, /^Put back: ~\/\.kube\/config as it was at \d{4}-\d\d-\d\dT[\d:.]+Z\.\n/);
    assert.match(stdout, /^-current-context: two\n\+current-context: one$/m);
    assert.doesNotMatch(stdout, new RegExp(secret));
    assert.equal(await content(), withContext('one'));
    assert.equal((await undo()).code, 0);
    assert.equal(await content(), text);
    assert.deepEqual(await fs.readdir(home.path('.kube')), ['config']);
    const before = await contentsOf(home);
    assertRefused(await undo(), { exit: 1, message: /has changed no kubeconfig that it keeps a copy of/ });
    assert.deepEqual(await contentsOf(home), before);
  });

  it('of a file that is named says where there is no copy of that one', async t => {
    const { home, undo, content } = await setUp(t, 'one');
    await fs.writeFile(home.path('other'), text);
    assertRefused(await undo('~/other'), { exit: 1, message: /There is no copy of .*\/other to put back/ });
    assertRefused(await undo('~/missing'), { exit: 1, message: /There is no copy of .*\/missing/ });
    assert.equal(await content(), withContext('one'));
  });

  it('takes the file that was changed last, of those of kubectl and our own', async t => {
    const { home, undo, content, change } = await setUp(t, 'one');
    const own = home.path('kube', 'red.yaml');
    await fs.mkdir(path.dirname(own));
    await fs.writeFile(own, text);
    await change('two', own);
    const { path: undone } = jsonOf<{ path: string }>(await undo('--json'));
    assert.equal(undone, own);
    assert.deepEqual([await fs.readFile(own, 'utf8'), await content()], [text, withContext('one')]);
  });

  it('tells in one document which file, which copy and what changed', async t => {
    const { file, undo } = await setUp(t, 'one');
    const document = jsonOf(await undo('--json', '~/.kube/config'));
    assert.deepEqual(Object.keys(document), ['path', 'takenAt', 'diff']);
    assert.equal(document['path'], file);
    assert.ok(Math.abs(Date.parse(String(document['takenAt'])) - Date.now()) < 600_000);
    assert.match(String(document['diff']), /\n-current-context: one\n\+current-context: zero\n/);
    assert.doesNotMatch(String(document['diff']), new RegExp(secret));
  });

  it('with --dry-run only tells', async t => {
    const { home, undo } = await setUp(t, 'one');
    const before = await contentsOf(home);
    const { code, stdout } = await undo('--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /^Nothing was changed\. This would be put back: ~\/\.kube\/config as it was at /);
    assert.match(stdout, /^\+current-context: zero$/m);
    assert.equal(jsonOf(await undo('--dry-run', '--json'))['dryRun'], true);
    assert.deepEqual(await contentsOf(home), before);
  });

  it('leaves a file that somebody else has changed since, unless forced, and then keeps what they made', async t => {
    const { home, file, undo, content } = await setUp(t, 'one');
    await fs.appendFile(file, '# by hand\n');
    const before = await contentsOf(home);
    const refusal = {
      exit: 4,
      message: /config was changed by somebody else since/,
      hint: /--force; what is there now is then kept/,
    };
    assertRefused(await undo(), refusal);
    assertRefused(await undo('--dry-run'), refusal);
    const { error } = jsonOf<{ error: { code: string } }>(await undo('--json'));
    assert.equal(error.code, 'KUBECONFIG_CHANGED');
    assert.deepEqual(await contentsOf(home), before);
    assert.equal((await undo('--force')).code, 0);
    assert.equal(await content(), text);
    assert.equal((await undo()).code, 0);
    assert.equal(await content(), `${withContext('one')}# by hand\n`);
  });
});
