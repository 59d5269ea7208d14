import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { temporaryHome } from '../helpers/home.ts';
import type { LoginDocument } from '../helpers/login-document.ts';
import { assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

const token = 'a-token-that-nobody-may-see';
const own = `# mine
apiVersion: v1
kind: Config
current-context: work   # today
clusters:
- name: work
  cluster: { server: https://work.example.com }
contexts:
- name: work
  context: { cluster: work, user: work }
users:
- name: work
  user: { token: ${token} }   # by hand
`;
/** With entries of the name that the profile has. */
const taken = own.replaceAll('work', 'mgmt');

type Kubeconfig = {
  'current-context'?: string;
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { token?: string; exec?: { command: string; args: string[] } } }[];
};
const read = async (file: string) => parse(await fs.readFile(file, 'utf8')) as Kubeconfig;
const namesIn = ({ contexts }: Kubeconfig) => contexts.map(({ name }) => name);
const copiesIn = async (folder: string) => (await fs.readdir(folder)).filter(name => name.endsWith('.bak'));

describe('dkp-auth login --merge', { concurrency: 4 }, () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo(smallestPortal);
  });
  after(() => demo.close());

  /** A home whose `~/.kube/config` holds a text, and logins as `mgmt` there. */
  async function setUp(t: TestContext, text?: string) {
    const home = await temporaryHome(t);
    const folder = home.path('.kube');
    const file = path.join(folder, 'config');
    await fs.mkdir(folder);
    if (text !== undefined) await fs.writeFile(file, text, { mode: 0o600 });
    const flags = ['--cluster', 'kubernetes-cluster', '--profile', 'mgmt', '--method', '1'];
    const login = (args: readonly string[], env: Record<string, string> = {}) =>
      runProgram(loginArguments(demo, ...flags, '--sign-in-later', ...args), {
        env: { ...home.env, ...env },
      });
    return { home, folder, file, login };
  }

  it('writes into the kubeconfig that kubectl uses, and leaves all that was there, the current context too', async t => {
    const { home, folder, file, login } = await setUp(t, own);
    const ended = await login(['--merge', '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const { files, commands } = jsonOf<LoginDocument>(ended);
    const [backup = '', ...others] = await copiesIn(folder);
    assert.deepEqual(others, []);
    const copy = path.join(folder, backup);
    assert.deepEqual(files, [{ path: file, action: 'update', currentContext: 'work', backup: copy }]);
    assert.equal(await fs.readFile(copy, 'utf8'), own);
    const lines = (await fs.readFile(file, 'utf8')).split('\n');
    assert.deepEqual(
      own.split('\n').filter(line => !lines.includes(line)),
      [],
    );
    const config = await read(file);
    assert.deepEqual([config['current-context'], namesIn(config)], ['work', ['work', 'mgmt']]);
    assert.match(commands.repeat, / --merge( |$)/);
    assert.deepEqual(
      (await home.files()).filter(name => name.startsWith('kube/')),
      [],
    );
  });

  it('makes its context the current one when asked, and that alone is another line', async t => {
    const { file, login } = await setUp(t, own);
    assert.equal((await login(['--merge', '--set-current', 'mgmt'])).code, 0);
    const text = await fs.readFile(file, 'utf8');
    assert.match(text, /^current-context: mgmt {3}# today$/m);
  });

  it('twice is the same as once, and keeps no second copy', async t => {
    const { folder, file, login } = await setUp(t, own);
    assert.equal((await login(['--merge'])).code, 0);
    const once = await fs.readFile(file, 'utf8');
    const again = await login(['--merge']);
    assert.equal(again.code, 0);
    assert.equal(await fs.readFile(file, 'utf8'), once);
    assert.equal((await copiesIn(folder)).length, 1);
  });

  it('makes the file where there is none', async t => {
    const { folder, file, login } = await setUp(t);
    const { files } = jsonOf<LoginDocument>(await login(['--merge', '--json']));
    assert.deepEqual(files, [{ path: file, action: 'create', currentContext: 'mgmt' }]);
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await copiesIn(folder), []);
  });

  it('follows KUBECONFIG: the first file of the list that is there takes what is new', async t => {
    const { home, file, login } = await setUp(t, own);
    const [missing, first, second] = ['missing', 'first', 'second'].map(name => home.path(name));
    const list = [missing, first, second].join(path.delimiter);
    await fs.writeFile(first ?? '', own.replaceAll('work', 'first'));
    await fs.writeFile(second ?? '', own.replaceAll('work', 'second'));
    const kept = await contentsOf({ folder: path.dirname(file) });
    const ended = await login(['--merge', '--json'], { KUBECONFIG: list });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(
      jsonOf<LoginDocument>(ended).files.map(each => [each.path, each.action]),
      [[first, 'update']],
    );
    assert.deepEqual(namesIn(await read(first ?? '')), ['first', 'mgmt']);
    assert.deepEqual(namesIn(await read(second ?? '')), ['second']);
    await assert.rejects(fs.access(missing ?? ''));
    assert.deepEqual(await contentsOf({ folder: path.dirname(file) }), kept);
  });

  it('writes into the last file of a KUBECONFIG of which none is there', async t => {
    const { home, login } = await setUp(t);
    const [one, other] = [home.path('one'), home.path('other')];
    const ended = await login(['--merge'], { KUBECONFIG: [one, other].join(path.delimiter) });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(namesIn(await read(other)), ['mgmt']);
    await assert.rejects(fs.access(one));
  });

  it('brings an entry of ours up to date in the file of the list where it is', async t => {
    const { home, login } = await setUp(t);
    const [first, second] = [home.path('first'), home.path('second')];
    const KUBECONFIG = [first, second].join(path.delimiter);
    await fs.writeFile(second, own);
    assert.equal((await login(['--merge', '--portable'], { KUBECONFIG })).code, 0);
    await fs.writeFile(first, own.replaceAll('work', 'first'));
    const ended = await login(['--merge'], { KUBECONFIG });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(namesIn(await read(first)), ['first']);
    const ours = (await read(second)).users.at(-1);
    assert.ok(path.isAbsolute(ours?.user.exec?.command ?? ''), 'it was changed where it is');
  });

  it('with --portable names the plugin without its folder, and with its folder otherwise', async t => {
    const { file, login } = await setUp(t, own);
    const command = async () => (await read(file)).users.at(-1)?.user.exec?.command;
    assert.equal((await login(['--merge', '--portable'])).code, 0);
    assert.equal(await command(), 'dkp-auth-token');
    assert.equal((await login(['--merge'])).code, 0);
    assert.match((await command()) ?? '', /^\/.*\/dkp-auth-token$/);
  });

  for (const flags of [[], ['--on-conflict', 'fail']]) {
    it(`refuses a name that somebody else's entry has${flags.length > 0 ? ' when told so' : ''}`, async t => {
      const { home, login } = await setUp(t, taken);
      const before = await contentsOf(home);
      assertRefused(await login(['--merge', ...flags]), {
        exit: 4,
        message: /config already has a cluster "mgmt" for https:\/\/mgmt\.example\.com/,
        hint: /--on-conflict rename or replace/,
      });
      assert.deepEqual(await contentsOf(home), before);
    });
  }

  it('with --on-conflict rename takes another name in the file; the profile keeps its own', async t => {
    const { file, login } = await setUp(t, taken);
    const ended = await login(['--merge', '--on-conflict', 'rename', '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const [profile] = jsonOf<LoginDocument>(ended).profiles;
    assert.deepEqual([profile?.name, profile?.context], ['mgmt', 'mgmt-2']);
    const config = await read(file);
    assert.deepEqual(config.contexts.at(-1), {
      name: 'mgmt-2',
      context: { cluster: 'mgmt-2', user: 'mgmt-2' },
    });
    assert.equal(config.users[0]?.user.token, token);
    assert.deepEqual(config.users[1]?.user.exec?.args, ['--profile', 'mgmt']);
  });

  it('with --on-conflict replace takes the place of what has the name, and keeps it in the copy', async t => {
    const { folder, file, login } = await setUp(t, taken);
    const ended = await login(['--merge', '--on-conflict', 'replace']);
    assert.equal(ended.code, 0, ended.stderr);
    const config = await read(file);
    assert.deepEqual(namesIn(config), ['mgmt']);
    assert.deepEqual(
      config.clusters.map(({ cluster }) => cluster.server),
      [demo.cluster('kubernetes-cluster').server],
    );
    assert.deepEqual(config.users[0]?.user.token, undefined);
    const [copy = ''] = await copiesIn(folder);
    assert.equal(await fs.readFile(path.join(folder, copy), 'utf8'), taken);
  });

  it('with --on-conflict replace leaves what another context uses too', async t => {
    const other = taken.replace('users:', '- name: other\n  context: { cluster: mgmt, user: mgmt }\nusers:');
    const { home, login } = await setUp(t, other);
    const before = await contentsOf(home);
    assertRefused(await login(['--merge', '--on-conflict', 'replace']), {
      exit: 4,
      message: /cannot be replaced: the context "other"/,
    });
    assert.deepEqual(await contentsOf(home), before);
  });

  it('with --dry-run shows the change as a diff without credentials, and changes nothing', async t => {
    const { home, login } = await setUp(t, own);
    const before = await contentsOf(home);
    const ended = await login(['--merge', '--dry-run']);
    assert.equal(ended.code, 0, ended.stderr);
    assertPlain(ended.stdout);
    assert.match(ended.stdout, /^Nothing was changed\. This would be written:\n {2}~\/\.kube\/config \(/);
    assert.match(ended.stdout, /^\+- name: mgmt$/m);
    assert.match(ended.stdout, /^ {3}user: \{ token: "\(hidden\)" \}/m);
    assert.doesNotMatch(ended.stdout, new RegExp(token));
    assert.deepEqual(await contentsOf(home), before);
    const json = await login(['--merge', '--dry-run', '--json']);
    const document = jsonOf<LoginDocument & { dryRun: boolean }>(json);
    const [planned, ...others] = document.files;
    assert.deepEqual([document.dryRun, planned?.action, others.length], [true, 'update', 0]);
    assert.ok(ended.stdout.includes(planned?.diff ?? 'no diff'));
    assert.doesNotMatch(json.stdout, new RegExp(token));
    assert.deepEqual(await contentsOf(home), before);
  });

  it('with --dry-run, where all is as it should be, says so and shows no change', async t => {
    const { login } = await setUp(t, own);
    assert.equal((await login(['--merge'])).code, 0);
    const ended = await login(['--merge', '--dry-run']);
    assert.match(ended.stdout, /^Nothing would change:\n/);
    assert.doesNotMatch(ended.stdout, /^[+-]/m);
  });
});
