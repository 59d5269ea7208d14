import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { pathsOf } from '../../source/system/paths.ts';
import { demoForTests } from '../demo/helpers.ts';
import { filesBelow, temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { kubectl, readKubeconfig, runKubectl, signInToClusters, storedToken } from '../helpers/kubectl.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { cli, jsonOf, startProgram } from '../helpers/program.ts';

type Commands = { readonly try: string; readonly switch: readonly string[]; readonly repeat: string };

describe('the plugin under kubectl', async () => {
  const demo = await demoForTests();
  const home = await temporaryHome({ after });
  const kubeconfig = `--kubeconfig=${home.path('kube', 'red-lab.yaml')}`;
  before(() => signInToClusters(demo, home, { method: '2', clusters: ['red-lab'] }));
  const nodeFile = home.paths.node;

  /** A folder with a `node` that notes that it was asked, and is of no use. */
  async function uselessNode(test: { after(run: () => Promise<void>): void }) {
    const folder = await temporaryFolder(test);
    const script = `#!/bin/sh\necho asked >'${folder}/asked'\necho 'SyntaxError: too old' >&2\nexit 1\n`;
    await fs.writeFile(path.join(folder, 'node'), script, { mode: 0o755 });
    return folder;
  }

  /** Makes the next call one for Node, which alone can compare a token with a profile that is newer. */
  async function raiseDoubt() {
    const soon = new Date(Date.now() + 1000);
    await fs.utimes(home.path('config', 'profiles', 'red-lab.json'), soon, soon);
  }

  it('leaves a manifest on standard input whole', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `namespace-${index}`);
    const documents = names.map(name => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`);
    const args = [kubeconfig, 'create', '--dry-run=client', '--validate=false', '-o', 'name', '-f', '-'];
    const { code, stdout, stderr } = await runKubectl(args, {
      env: home.env,
      input: documents.join('---\n'),
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout.trimEnd().split('\n'),
      names.map(name => `namespace/${name}`),
    );
    assert.ok(
      demo.requestsTo('red-lab').some(({ bearer }) => bearer !== undefined),
      'nobody was asked',
    );
  });

  it('works from any folder, and where PATH has no Node at all', async test => {
    await raiseDoubt();
    const env = { ...home.env, PATH: await temporaryFolder(test) };
    const { code, stderr } = await runKubectl([kubeconfig, 'get', 'pods', '-A'], { env, cwd: '/' });
    assert.equal(code, 0, stderr);
  });

  it('works where PATH has a Node that is too old: the one of the last login is remembered', async test => {
    await raiseDoubt();
    const folder = await uselessNode(test);
    const { code, stderr } = await runKubectl([kubeconfig, 'get', 'pods', '-A'], {
      env: { ...home.env, PATH: `${folder}:/usr/bin:/bin` },
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await filesBelow(folder), ['node']);
  });

  it('works with the Node on PATH when the remembered one is gone, and says so when there is none', async test => {
    const remembered = await fs.readFile(nodeFile, 'utf8');
    assert.equal(remembered, `${process.execPath}\n`);
    await fs.writeFile(nodeFile, `${home.path('gone')}\n`);
    await raiseDoubt();
    try {
      const env = { ...home.env, PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` };
      const { code, stderr } = await runKubectl([kubeconfig, 'get', 'pods', '-A'], { env });
      assert.equal(code, 0, stderr);
      await raiseDoubt();
      const bare = { ...home.env, PATH: await temporaryFolder(test) };
      const none = await runKubectl([kubeconfig, 'get', 'pods', '-A'], { env: bare });
      assert.deepEqual([none.code, none.stdout], [1, '']);
      assert.match(none.stderr, /^dkp-auth: Node\.js is neither .*\n.*Node\.js 22/m);
    } finally {
      await fs.writeFile(nodeFile, remembered);
    }
  });
});

it('everything works in a home and from a program whose paths, with clusters whose names, mean something to a shell or YAML', async test => {
  const demo = await demoForTests({
    only: { clusters: ['red-lab', 'blue-prod'], identityProviders: ['corporate'] },
  });
  const folder = path.join(await temporaryFolder(test), `Jürgen's "Rechner" $(touch x); ⎈ 東京`);
  const program = path.join(folder, 'My Apps & more', 'dkp auth', 'cli.js');
  await fs.cp(path.dirname(cli), path.dirname(program), { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' };
  const paths = pathsOf(env);
  const names = { 'red-lab': `it's: {a} & $(touch x) #1 | "q"`, 'blue-prod': '- *a: !!b `touch x` \\ %c' };
  const listed = Object.entries(names).map(([cluster, name]) => ({
    name,
    clusterHostname: demo.cluster(cluster).clusterHostname,
    ca: '',
  }));
  const issuer = demo.document.issuer;
  demo.faults.set('providers', { body: JSON.stringify([{ name: 'x', url: issuer, clusters: listed }]) });
  const profiles = Object.entries(names).flatMap(([cluster, name]) => ['--profile', `${name}=${cluster}`]);
  const answers = ['--all-clusters', ...profiles, '--idp', 'corporate', '--json'];
  const commands: Commands[] = [];
  for (const way of [
    ['--method', '1', '--sign-in-now'],
    ['--method', '2', '--sign-in-later'],
  ]) {
    const login = startProgram(loginArguments(demo, ...answers, ...way), { env, program, cwd: '/' });
    for (const which of way.includes('--sign-in-now') ? [1, 2] : []) {
      await demo.signIn(await login.address(which), demo.user('ada'));
    }
    const ended = await login.ended;
    assert.equal(ended.code, 0, ended.stderr);
    commands.push(jsonOf<{ commands: Commands }>(ended).commands);
  }
  const [first] = commands;
  assert.ok(first);
  const bin = await temporaryFolder(test);
  await fs.symlink(kubectl, path.join(bin, 'kubectl'));
  const again = `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@" --dry-run\n`;
  await fs.writeFile(path.join(bin, 'dkp-auth'), again, { mode: 0o755 });
  const shell = { env: { ...env, PATH: `${bin}:/usr/bin:/bin` }, extendEnv: false, cwd: folder };
  for (const line of commands.flatMap(each => [each.try, `${each.switch.join(' && ')}`])) {
    assert.match((await execa('sh', ['-c', line], shell)).stdout, /^(NAMESPACE|Switched)/);
  }
  const { stdout: plan } = await execa('sh', ['-c', first.repeat], shell);
  for (const [cluster, name] of Object.entries(names))
    assert.ok(plan.includes(`${cluster} -> ${name} (`), plan);

  demo.forgetRequests();
  const files = (await fs.readdir(paths.kubeconfigs)).map(name => path.join(paths.kubeconfigs, name));
  assert.equal(files.length, 3);
  for (const file of files) {
    const { contexts, users } = await readKubeconfig(file);
    assert.equal(users[0]?.user.exec?.['command'], path.join(path.dirname(program), 'dkp-auth-token'));
    for (const { name } of contexts) {
      const { code, stdout, stderr } = await runKubectl(
        [`--kubeconfig=${file}`, `--context=${name}`, 'get', 'pods', '-A'],
        { env, cwd: folder },
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^NAMESPACE/);
    }
  }
  for (const cluster of ['red-lab', 'blue-prod']) {
    const seen = new Set(demo.requestsTo(cluster).map(({ bearer }) => bearer?.raw));
    assert.deepEqual([...seen], [await storedToken({ paths }, cluster)]);
  }
  assert.ok(!(await fs.readdir(folder)).includes('x'));
});
