import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { readCredential } from '../../source/credentials/credential.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { createProfile, listProfiles, readProfile } from '../../source/profiles/registry.ts';
import { ask } from '../demo/helpers.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { cli, jsonOf, runProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

type Kubeconfig = {
  'current-context'?: string;
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: Record<string, unknown> }[];
  users: { name: string; user: { exec?: { command: string; args: string[] } } }[];
};

const readKubeconfig = async (file: string) => parse(await fs.readFile(file, 'utf8')) as Kubeconfig;

describe('profiles', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  const run = (home: Home, ...args: string[]) => runProgram(['profiles', ...args], { env: home.env });

  /** Two profiles of two clusters in one kubeconfig (Method 1), or in one each (Method 2); nobody is signed in. */
  async function twoProfiles(home: Home, method: '1' | '2'): Promise<string[]> {
    const answers = ['--idp', 'corporate', '--cluster', 'kubernetes-cluster', '--cluster', 'red-lab'];
    const names = ['--profile', 'kubernetes-cluster=mgmt', '--profile', 'red-lab=lab'];
    const args = loginArguments(demo, ...answers, ...names, '--method', method, '--sign-in-later', '--json');
    const ended = await runProgram(args, { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    return jsonOf<{ files: { path: string }[] }>(ended).files.map(file => file.path);
  }

  test('list: names and clusters', async t => {
    const home = await temporaryHome(t);
    assert.match((await run(home, 'list')).stdout, /no profile on this machine yet/);
    await boundProfile(home, demo, 'prod', 'red-prod');
    assert.match((await run(home, 'list')).stdout, /^prod {2}red-prod \(https:\/\/127\.0\.0\.1:\d+\)$/m);
    const { profiles } = jsonOf<{ profiles: { name: string }[] }>(await run(home, 'list', '--json'));
    assert.deepEqual(
      profiles.map(({ name }) => name),
      ['prod'],
    );
  });

  for (const method of ['1', '2'] as const) {
    test(`rename: the kubeconfig follows, with the token, and nothing else changes (Method ${method})`, async t => {
      const home = await temporaryHome(t);
      const files = await twoProfiles(home, method);
      const [file = ''] = files;
      const text = await fs.readFile(file, 'utf8');
      await fs.writeFile(file, `# mine\n${text}`);
      const mgmt = await readProfile(home.paths, parseProfileName('mgmt'));
      assert.ok(mgmt);
      const token = await keepToken(home, demo, mgmt);
      const before = await readKubeconfig(file);

      const ended = await run(home, 'rename', 'mgmt', 'management');
      assert.equal(ended.code, 0, ended.stderr);
      assertNoToken(ended.stdout);
      const afterwards = await readKubeconfig(file);
      const renamed = (name: string) => (name === 'mgmt' ? 'management' : name);
      assert.equal(afterwards['current-context'], 'management');
      for (const section of ['clusters', 'contexts', 'users'] as const) {
        assert.deepEqual(
          afterwards[section].map(({ name }) => name),
          before[section].map(({ name }) => renamed(name)),
        );
      }
      const user = afterwards.users.find(({ name }) => name === 'management')?.user;
      assert.deepEqual(user?.exec?.args, ['--profile', 'management']);
      const context = afterwards.contexts.find(({ name }) => name === 'management')?.context;
      assert.deepEqual(context, { cluster: 'management', user: 'management' });
      const others = (config: Kubeconfig) => config.users.filter(({ name }) => name === 'lab');
      assert.deepEqual(others(afterwards), others(before));
      assert.match(await fs.readFile(file, 'utf8'), /^# mine\n/);
      assert.ok((await home.files()).some(name => name.endsWith('.bak')));

      // The new name serves its cluster, the old one is gone.
      const { server, ca } = demo.cluster('kubernetes-cluster');
      const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
      const info = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: { interactive: false, cluster },
      };
      const env = { ...home.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
      const given = await runProgram(['token', '--profile', 'management'], { env });
      assert.equal(jsonOf<{ status: { token: string } }>(given).status.token, token);
      assert.equal((await runProgram(['token', '--profile', 'mgmt'], { env })).code, 2);
      assert.equal(await readCredential(home.paths, parseProfileName('mgmt')), undefined);
    });
  }

  test('rename: a taken name, one that cannot be, and one that stands in the kubeconfig change nothing', async t => {
    const home = await temporaryHome(t);
    const [file = ''] = await twoProfiles(home, '1');
    const config = await readKubeconfig(file);
    config.contexts.push({ name: 'theirs', context: { cluster: 'lab', user: 'lab' } });
    await fs.writeFile(file, stringify(config));
    const withoutLocks = async () =>
      Object.fromEntries(Object.entries(await contentsOf(home)).filter(([name]) => !name.includes('lock')));
    const before = await withoutLocks();
    for (const [to, exit, message] of [
      ['lab', 4, /The profile name "lab" is taken by the cluster/],
      ['LAB!', 2, /The profile name "LAB!"/],
      ['theirs', 4, /has another entry called "theirs"/],
      ['mgmt', 2, /is called "mgmt" already/],
    ] as const) {
      assertRefused(await run(home, 'rename', 'mgmt', to), { exit, message, hint: /^/ });
      assert.deepEqual(Object.keys(await withoutLocks()), Object.keys(before), to);
      assert.equal(JSON.stringify(await withoutLocks()) === JSON.stringify(before), true, to);
    }
  });

  test('rename: one that was ended in the middle goes on when it is said again', async t => {
    const home = await temporaryHome(t);
    const [file = ''] = await twoProfiles(home, '1');
    const mgmt = await readProfile(home.paths, parseProfileName('mgmt'));
    assert.ok(mgmt);
    const token = await keepToken(home, demo, mgmt);
    const pinned = await readProfile(home.paths, mgmt.name);
    assert.ok(pinned);
    const to = parseProfileName('management');
    assert.ok(await createProfile(home.paths, { ...pinned, name: to }));
    const ended = await run(home, 'rename', 'mgmt', 'management');
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(
      (await listProfiles(home.paths)).map(({ name }) => name),
      ['lab', 'management'],
    );
    assert.equal((await readCredential(home.paths, to))?.token, token);
    const { users } = await readKubeconfig(file);
    assert.deepEqual(users.map(({ name }) => name).sort(), ['lab', 'management']);
  });

  test('rename: a name of the same cluster that is in use stays taken, with its token', async t => {
    const home = await temporaryHome(t);
    await twoProfiles(home, '1');
    const answers = ['--idp', 'corporate', '--cluster', 'kubernetes-cluster', '--profile', 'second'];
    const login = loginArguments(demo, ...answers, '--method', '1', '--sign-in-later', '--json');
    const second = await runProgram(login, { env: home.env });
    assert.equal(second.code, 0, second.stderr);
    const profile = await readProfile(home.paths, parseProfileName('second'));
    assert.ok(profile);
    const token = await keepToken(home, demo, profile);
    const before = await contentsOf(home);
    const ended = await run(home, 'rename', 'mgmt', 'second');
    assert.equal(ended.code, 4, ended.stderr);
    assert.equal((await readCredential(home.paths, profile.name))?.token, token);
    const after = await contentsOf(home);
    for (const file of Object.keys(before)) assert.equal(after[file], before[file], file);
  });

  test('rename: a kubeconfig that is gone is told, and stops nothing', async t => {
    const home = await temporaryHome(t);
    const [file = ''] = await twoProfiles(home, '2');
    await fs.rm(file);
    const ended = await run(home, 'rename', 'mgmt', 'management', '--json');
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(jsonOf<{ missing: string[] }>(ended).missing, [file]);
  });

  test('remove: asks before, and without a terminal wants to be told', async t => {
    const home = await temporaryHome(t);
    await twoProfiles(home, '1');
    const before = await contentsOf(home);
    assertRefused(await run(home, 'remove', 'mgmt'), {
      exit: 2,
      message: /nobody can be asked/,
      hint: /--yes[\s\S]*its entries go, all else stays/,
    });
    const terminal = openTerminal(t, {
      command: process.execPath,
      args: [cli, 'profiles', 'remove', 'mgmt'],
      env: home.env,
    });
    await terminal.waitFor('Remove? [y/N]');
    terminal.send('n\r');
    assert.equal((await terminal.exit).code, 130);
    assert.deepEqual(await contentsOf(home), before);
    const yes = openTerminal(t, {
      command: process.execPath,
      args: [cli, 'profiles', 'remove', 'mgmt'],
      env: home.env,
    });
    await yes.waitFor('Remove? [y/N]');
    yes.send('y\r');
    assert.equal((await yes.exit).code, 0);
    assert.deepEqual(
      (await listProfiles(home.paths)).map(({ name }) => name),
      ['lab'],
    );
  });

  test("remove --yes: a profile's entries go, others stay; a file of ours with nothing left goes as a whole", async t => {
    const home = await temporaryHome(t);
    const [shared = ''] = await twoProfiles(home, '1');
    const ended = await run(home, 'remove', 'mgmt', '--yes', '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const left = await readKubeconfig(shared);
    for (const section of ['clusters', 'contexts', 'users'] as const) {
      assert.deepEqual(
        left[section].map(({ name }) => name),
        ['lab'],
      );
    }
    assert.equal((await run(home, 'remove', 'lab', '--yes')).code, 0);
    await assert.rejects(fs.readFile(shared), { code: 'ENOENT' });
    assert.deepEqual(await listProfiles(home.paths), []);
    const files = await home.files();
    assert.deepEqual(
      files.filter(name => /profiles\/|credentials\//.test(name)),
      [],
    );
  });

  test('import: a user of kubelogin that serves two clusters becomes two profiles', async t => {
    const home = await temporaryHome(t);
    const file = home.path('config.yaml');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'kubectl',
      args: [
        ...[
          'oidc-login',
          'get-token',
          '--oidc-issuer-url=https://dex.example.com/dex',
          '--oidc-client-id',
          'kubelogin',
        ],
        ...[
          '--oidc-client-secret=canary-secret',
          '--oidc-extra-scope=email,groups',
          '--grant-type=device-code',
        ],
        ...['--insecure-skip-tls-verify', '-v1'],
      ],
    };
    const cluster = (name: string) => ({ name, cluster: { server: `https://${name}.example.com:6443` } });
    const content = stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [cluster('red'), cluster('blue')],
      contexts: [
        { name: 'oidc@red', context: { cluster: 'red', user: 'oidc' } },
        { name: 'red-dev', context: { cluster: 'red', user: 'oidc', namespace: 'dev' } },
        { name: 'oidc@blue', context: { cluster: 'blue', user: 'oidc' } },
        { name: 'other', context: { cluster: 'blue', user: 'somebody' } },
      ],
      users: [
        { name: 'oidc', user: { exec } },
        { name: 'somebody', user: { token: 'x' } },
      ],
    });
    await fs.writeFile(file, content);
    const planned = await run(home, 'import', file, '--dry-run');
    assert.match(planned.stdout, /Nothing was written/);
    assert.deepEqual(await home.files(), ['config.yaml']);
    const ended = await run(home, 'import', file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(`${ended.stdout}${ended.stderr}`.includes('canary'), false);
    const { imported } = jsonOf<{
      imported: { name: string; server: string; contexts: string[]; notes: string[] }[];
    }>(ended);
    assert.deepEqual(
      imported.map(({ name, server, contexts }) => ({ name, server, contexts })),
      [
        { name: 'oidc-red', server: 'https://red.example.com:6443', contexts: ['oidc@red', 'red-dev'] },
        { name: 'oidc-blue', server: 'https://blue.example.com:6443', contexts: ['oidc@blue'] },
      ],
    );
    assert.match(imported[0]?.notes.join(' ') ?? '', /not taken over: --insecure-skip-tls-verify/);
    assert.equal(await fs.readFile(file, 'utf8'), content);
    const profile = await readProfile(home.paths, parseProfileName('oidc-red'));
    assert.equal(profile?.signIn, 'device');
    assert.equal(profile?.issuer, 'https://dex.example.com/dex');
    assert.deepEqual(profile?.client?.scopes, ['email', 'groups']);
    assert.equal(JSON.stringify(profile).includes('canary'), false);
    assert.equal(await fs.readFile(profile?.client?.secretFile ?? '', 'utf8'), 'canary-secret\n');
    assert.equal(await home.mode('config', 'client-secrets', 'oidc-red'), '600');
    const written = await readKubeconfig(home.path('kube', 'oidc-blue.yaml'));
    assert.deepEqual(
      written.users.map(({ name, user }) => [name, user.exec?.args.at(-1)]),
      [['oidc-blue', 'oidc-blue']],
    );
    // Again: they are there already.
    const again = jsonOf<{ imported: unknown[]; skipped: { why: string }[] }>(
      await run(home, 'import', file, '--json'),
    );
    assert.equal(again.imported.length, 0);
    assert.match(again.skipped[0]?.why ?? '', /the profile "oidc-red" has the same already/);
  });

  test("import: the platform's own download, in which all contexts share a user, becomes a profile for each cluster", async t => {
    const home = await temporaryHome(t);
    const file = home.path('download.yaml');
    const { body } = await ask(demo, '/token/plugin/kubeconfig');
    await fs.writeFile(file, body);
    const shared = parse(body) as Kubeconfig;
    assert.equal(shared.users.length, 1);
    const ended = await runProgram(['profiles', 'import', '--json'], {
      env: { ...home.env, KUBECONFIG: file },
    });
    assert.equal(ended.code, 0, ended.stderr);
    const { imported, skipped } = jsonOf<{
      imported: { name: string; server: string }[];
      skipped: unknown[];
    }>(ended);
    assert.deepEqual(skipped, []);
    assert.equal(imported.length, shared.clusters.length);
    assert.equal(new Set(imported.map(({ name }) => name)).size, imported.length);
    assert.equal(new Set(imported.map(({ server }) => server)).size, imported.length);
    for (const { name } of imported) {
      const config = await readKubeconfig(home.path('kube', `${name}.yaml`));
      assert.deepEqual([config.clusters.length, config.users.length, config.contexts.length], [1, 1, 1]);
    }
    const profiles = await listProfiles(home.paths);
    assert.ok(profiles.every(({ issuer, signIn }) => issuer === demo.document.issuer && signIn === 'portal'));
    assert.equal(await fs.readFile(file, 'utf8'), body);
  });

  test('import: nothing to take over, and a file that is not there', async t => {
    const home = await temporaryHome(t);
    await fs.writeFile(home.path('empty.yaml'), '');
    assert.match(
      (await run(home, 'import', home.path('empty.yaml'))).stdout,
      /Nothing to take over was found in ~\/empty\.yaml/,
    );
    assertRefused(await run(home, 'import', home.path('nowhere')), {
      exit: 1,
      message: /There is no file/,
      hint: /^/,
    });
  });
});
