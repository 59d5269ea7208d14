import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import type { LoginDocument } from '../helpers/login-document.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { type Ended, jsonOf, runProgram, startProgram } from '../helpers/program.ts';

const later = '--sign-in-later';
const one = (name: string, cluster = 'kubernetes-cluster') => [
  ...['--cluster', cluster, '--profile', name, '--method', '2', later],
];

describe('what dkp-auth login writes', { concurrency: 4 }, () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  const login = (home: Home, ...args: string[]) =>
    runProgram(loginArguments(demo, ...args), { env: home.env });
  const bare = (home: Home, ...args: string[]) => runProgram(['login', ...args], { env: home.env });
  /** A login that is refused and leaves the home as it was. */
  async function refused(home: Home, args: readonly string[], expected: Parameters<typeof assertRefused>[1]) {
    const kept = await contentsOf(home);
    const ended = await runProgram(args, { env: home.env });
    assertRefused(ended, expected);
    assert.equal(ended.stdout, '');
    assert.deepEqual(await contentsOf(home), kept);
    return ended;
  }

  const three = ['--cluster', 'kubernetes-cluster', '--cluster', 'red-lab', '--cluster', 'blue-prod'];
  const names = ['mgmt', 'lab', 'blue'];
  const threeNamed = [
    ...three,
    ...['--profile', 'kubernetes-cluster=mgmt', '--profile', 'red-lab=lab', '--profile', 'blue-prod=blue'],
    later,
  ];
  const nameOf = ({ name }: { name: string }) => name;

  it('by Method 1 writes one file with a cluster, a context and a user for each cluster', async t => {
    const home = await temporaryHome(t);
    const ended = await login(home, ...threeNamed, '--method', '1', '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const document = jsonOf<LoginDocument>(ended);
    const file = home.path('kube', `127.0.0.1-${demo.document.port}.yaml`);
    assert.deepEqual(document.files, [{ path: file, action: 'create', currentContext: 'mgmt' }]);
    assert.equal(document.loginLink, demo.document.loginLinks.global);
    assert.deepEqual(
      document.profiles.map(
        ({ name, cluster, server, signedIn, account, expiresAt, kubeconfig, context, error }) => {
          assert.deepEqual(
            [signedIn, account, expiresAt, kubeconfig, error],
            [false, null, null, file, null],
          );
          return [name, cluster, server, context];
        },
      ),
      [
        ['mgmt', 'kubernetes-cluster', demo.cluster('kubernetes-cluster').server, 'mgmt'],
        ['lab', 'red-lab', demo.cluster('red-lab').server, 'lab'],
        ['blue', 'blue-prod', demo.cluster('blue-prod').server, 'blue'],
      ],
    );
    const { clusters, contexts, users } = parse(await fs.readFile(file, 'utf8'));
    for (const list of [clusters, contexts, users]) assert.deepEqual(list.map(nameOf), names);
    for (const { name, context } of contexts) assert.deepEqual(context, { cluster: name, user: name });
    for (const { name, user } of users) assert.deepEqual(user.exec.args, ['--profile', name]);
    assert.deepEqual((await fs.readdir(home.paths.profiles)).sort(), ['blue.json', 'lab.json', 'mgmt.json']);
    assert.equal(await home.mode('kube', path.basename(file)), '600');
    assert.equal(await home.mode('kube'), '700');
  });

  it('by Method 2 writes a file for each cluster that is enough by itself', async t => {
    const home = await temporaryHome(t);
    const ended = await login(home, ...threeNamed, '--method', '2', '--json');
    const document = jsonOf<LoginDocument>(ended);
    assert.deepEqual(
      document.files,
      names.map(name => ({
        path: home.path('kube', `${name}.yaml`),
        action: 'create',
        currentContext: name,
      })),
    );
    for (const name of names) {
      const config = parse(await fs.readFile(home.path('kube', `${name}.yaml`), 'utf8'));
      assert.equal(config['current-context'], name);
      for (const list of [config.clusters, config.contexts, config.users])
        assert.deepEqual(list.map(nameOf), [name]);
      assert.equal(await home.mode('kube', `${name}.yaml`), '600');
    }
  });

  for (const method of ['1', '2']) {
    it(`run twice with Method ${method} changes no byte of the kubeconfigs and profiles`, async t => {
      const home = await temporaryHome(t);
      const run = async () => {
        const ended = await login(home, ...threeNamed, '--method', method, '--json');
        assert.equal(ended.code, 0, ended.stderr);
        const { 'config/settings.json': _, ...files } = await contentsOf(home);
        return { files, actions: jsonOf<LoginDocument>(ended).files.map(({ action }) => action) };
      };
      const first = await run();
      const second = await run();
      assert.deepEqual(second.files, first.files);
      assert.deepEqual([...new Set([...first.actions, ...second.actions])], ['create', 'update']);
    });
  }

  it('leaves nothing readable by others under a umask of 000', async t => {
    const home = await temporaryHome(t);
    const before = process.umask(0);
    const running = login(home, ...threeNamed, '--method', '2');
    process.umask(before);
    assert.equal((await running).code, 0);
    for (const file of await home.files()) assert.equal(await home.mode(file), '600', file);
    for (const folder of ['config', 'config/profiles', 'state', 'kube'])
      assert.equal(await home.mode(folder), '700', folder);
  });

  it('writes to --output: a file for Method 1, a folder for Method 2, a file for one cluster', async t => {
    const home = await temporaryHome(t);
    const filesOf = async (...args: string[]) => {
      const ended = await login(home, ...args, '--json');
      assert.equal(ended.code, 0, ended.stderr);
      return jsonOf<LoginDocument>(ended).files.map(file => path.relative(home.folder, file.path));
    };
    assert.deepEqual(await filesOf(...threeNamed, '--method', '1', '--output', '~/one/config'), [
      'one/config',
    ]);
    assert.deepEqual(
      await filesOf(...threeNamed, '--method', '2', '--output', home.path('many')),
      names.map(name => `many/${name}.yaml`),
    );
    assert.deepEqual(await filesOf(...one('mgmt'), '--output', '~/single.yaml'), ['single.yaml']);
    assert.equal(await home.mode('one', 'config'), '600');
    await refused(home, loginArguments(demo, ...threeNamed, '--method', '2', '--output', '~/x.yaml'), {
      exit: 2,
      message: /x\.yaml is one file, but there are 3 clusters/,
      hint: /Name a folder/,
    });
  });

  const shared = `clusters:
- {name: a, cluster: {server: https://a}}
- {name: b, cluster: {server: https://b}}
contexts:
- {name: a, context: {cluster: a, user: default-profile}}
- {name: b, context: {cluster: b, user: default-profile}}
users:
- {name: default-profile, user: {token: abc}}
`;
  const existing: [string, string, Parameters<typeof assertRefused>[1]][] = [
    [
      'in which one user serves two clusters',
      shared,
      { exit: 4, message: /user "default-profile" serves two clusters/ },
    ],
    [
      'that has the name for another cluster',
      'clusters:\n- {name: x, cluster: {server: https://a}}\n',
      { exit: 4, message: /already has a cluster "x"/ },
    ],
    [
      'that has the name for another user',
      'users:\n- {name: x, user: {token: abc}}\n',
      { exit: 4, message: /already has a user "x"/ },
    ],
    ['that is no kubeconfig', '- a\n- b\n', { exit: 1, message: /is not a kubeconfig/ }],
  ];
  for (const [what, text, expected] of existing) {
    it(`refuses to write into a file ${what}, and leaves it and everything else as it was`, async t => {
      const home = await temporaryHome(t);
      await fs.writeFile(home.path('config.yaml'), text);
      await refused(home, loginArguments(demo, ...one('x'), '--output', '~/config.yaml'), {
        ...expected,
        hint: /The file was left as it is|a user of its own/,
      });
    });
  }

  it('merges into a file of the person, which keeps its entries, mode, link and current context', async t => {
    const home = await temporaryHome(t);
    const text =
      '# mine\ncurrent-context: old\ncontexts:\n- name: old\n  context: {cluster: old, user: old}\n';
    await fs.mkdir(home.path('dotfiles'));
    await fs.writeFile(home.path('dotfiles', 'config'), text);
    await fs.chmod(home.path('dotfiles', 'config'), 0o640);
    await fs.symlink('dotfiles/config', home.path('kubeconfig'));
    const ended = await login(home, ...one('x'), '--method', '1', '--output', '~/kubeconfig', '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const document = jsonOf<LoginDocument>(ended);
    const [file] = document.files;
    const [backup = ''] = (await fs.readdir(home.path('dotfiles'))).filter(name => name.endsWith('.bak'));
    assert.deepEqual(document.files, [
      {
        path: home.path('kubeconfig'),
        action: 'update',
        currentContext: 'old',
        backup: home.path('dotfiles', backup),
      },
    ]);
    assert.equal(await fs.readFile(file?.backup ?? '', 'utf8'), text);
    assert.equal(await home.mode('dotfiles', backup), '640');
    assert.match(document.commands.try, /--context=x /);
    assert.equal(await fs.readlink(home.path('kubeconfig')), 'dotfiles/config');
    assert.equal(await home.mode('dotfiles', 'config'), '640');
    const merged = await fs.readFile(home.path('dotfiles', 'config'), 'utf8');
    assert.match(merged, /^# mine\ncurrent-context: old\n/);
    assert.deepEqual(parse(merged).contexts.map(nameOf), ['old', 'x']);
    const set = await login(
      home,
      ...one('x'),
      '--method',
      '1',
      '--output',
      '~/kubeconfig',
      '--set-current',
      'x',
    );
    assert.equal(set.code, 0);
    assert.equal(parse(await fs.readFile(home.path('kubeconfig'), 'utf8'))['current-context'], 'x');
  });

  it('that cannot write the kubeconfig leaves no profile behind', async t => {
    const home = await temporaryHome(t);
    const tooLong = home.path(`${'x'.repeat(245)}.yaml`);
    const ended = await login(home, ...one('x'), '--output', tooLong);
    assert.equal(ended.code, 1, ended.stdout);
    assert.match(ended.stderr, /Could not write .*name too long/);
    assert.deepEqual(await home.files(), []);
  });

  it('prints the command that repeats it, which needs no questions and says the same', async t => {
    const home = await temporaryHome(t);
    const first = jsonOf<LoginDocument>(await login(home, ...threeNamed, '--method', '1', '--json'));
    const words = first.commands.repeat.split(' ');
    assert.deepEqual(words.slice(0, 2), ['dkp-auth', 'login']);
    const other = await temporaryHome(t);
    const again = await runProgram([...words.slice(1), '--json'], { env: other.env });
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(jsonOf<LoginDocument>(again).profiles.map(nameOf), names);
  });

  it('with --yes takes the only cluster, provider and method that it would propose', async t => {
    const home = await temporaryHome(t);
    const small = await startDemo(smallestPortal);
    t.after(() => small.close());
    const ended = await runProgram(loginArguments(small, '--yes', later, '--json'), { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    const { method, profiles } = jsonOf<LoginDocument>(ended);
    assert.deepEqual([method, profiles.map(nameOf)], ['1', ['kubernetes-cluster']]);
  });

  it('takes the workspace from --workspace as from the link, and refuses two different ones', async t => {
    const home = await temporaryHome(t);
    const ended = await login(home, '--workspace', 'team-red', '--all-clusters', '--yes', later, '--json');
    const { loginLink, profiles } = jsonOf<LoginDocument>(ended);
    assert.equal(loginLink, demo.document.loginLinks.workspaces['team-red']);
    assert.deepEqual(profiles.map(({ cluster }) => cluster).sort(), ['red-lab', 'red-prod']);
    const link = demo.document.loginLinks.workspaces['team-blue'] ?? '';
    const two = await bare(home, link, '--workspace', 'team-red');
    assert.equal(two.code, 2);
    assert.match(two.stderr, /for the workspace "team-blue", --workspace says "team-red"/);
  });

  it('is no error when nobody reads its answer', async t => {
    const home = await temporaryHome(t);
    const program = startProgram(loginArguments(demo, ...one('x')), { env: home.env });
    program.closeStdout();
    const { stderr, code } = await program.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('says on stdout what was written and what to do next, in plain text', async t => {
    const home = await temporaryHome(t);
    const ended: Ended = await login(home, ...threeNamed, '--method', '1');
    assertPlain(ended.stdout);
    assertNoToken(ended.stdout, ended.stderr);
    assert.match(
      ended.stdout,
      /^Done\.\n {2}mgmt -> kubernetes-cluster \(https:\S+\): kubectl's first call asks you to sign in$/m,
    );
    assert.match(ended.stdout, /^Try it:\nkubectl --kubeconfig="\$HOME"\/kube\/\S+ get pods -A$/m);
    assert.match(ended.stdout, /^kubectl config use-context lab$/m);
    assert.match(ended.stdout, /^The same again without questions:\ndkp-auth login https:\S+ --trust \S+ /m);
  });
});
