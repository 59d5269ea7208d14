import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { rememberPortal } from '../../source/system/settings.ts';
import { demoForTests } from '../demo/helpers.ts';
import { boundProfile } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { temporaryHome } from '../helpers/home.ts';
import type { Kubeconfig } from '../helpers/kubectl.ts';
import type { LoginDocument } from '../helpers/login-document.ts';
import { assertNoToken, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { overToken, type PlatformEntry, platformKubeconfig } from '../helpers/platform-kubeconfig.ts';
import { logIn } from '../helpers/portal-login.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

describe('dkp-auth login --kubeconfig', { concurrency: 3 }, async () => {
  const demo = await demoForTests();
  const { loginLinks, caFile, ca, issuer, clients } = demo.document;
  const link = [loginLinks.global, '--ca-file', caFile, '--no-browser'];

  async function setUp(
    t: TestContext,
    entries: readonly PlatformEntry[] = [{ cluster: 'red-lab' }],
    users?: Record<string, unknown>,
  ) {
    const home = await temporaryHome(t);
    const file = await platformKubeconfig(demo, home.path('made.yaml'), entries, users);
    const into = ['--kubeconfig', file];
    const run = (...args: string[]) => runProgram(['login', ...into, ...args], { env: home.env });
    const signIn = (...args: string[]) => logIn(demo, ['login', ...into, ...args], { home });
    const read = async (): Promise<Kubeconfig> => parse(await fs.readFile(file, 'utf8'));
    return { home, file, run, signIn, read };
  }

  const refusedWith = async (
    { home, run }: Awaited<ReturnType<typeof setUp>>,
    args: readonly string[],
    refusal: Parameters<typeof assertRefused>[1],
  ) => {
    const before = await contentsOf(home);
    const ended = await run(...args);
    assertRefused(ended, refusal);
    assert.equal(ended.stdout, '');
    assert.deepEqual(await contentsOf(home), before);
  };

  it('gives the user of the current context an entry that asks for its own profile, and keeps the rest', async t => {
    const { home, file, signIn, read } = await setUp(t);
    const before = await fs.readFile(file, 'utf8');
    const ended = await signIn(...link, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const document = jsonOf<LoginDocument>(ended);
    const [profile] = document.profiles;
    assert.deepEqual(
      [profile?.name, profile?.context, profile?.kubeconfig, profile?.signedIn, profile?.account?.label],
      ['red-lab', 'admin@red-lab', file, true, 'ada@corp.example'],
    );
    assert.match(
      document.commands.repeat,
      / --kubeconfig \S+made\.yaml --context admin@red-lab --profile red-lab$/,
    );
    const after = await fs.readFile(file, 'utf8');
    assert.equal(after.slice(0, after.indexOf('users:')), before.slice(0, before.indexOf('users:')));
    const { users, 'current-context': current } = await read();
    assert.deepEqual([users.length, users[0]?.name, current], [1, 'admin', 'admin@red-lab']);
    assert.deepEqual(users[0]?.user.exec?.['args'], ['--profile', 'red-lab']);
    assert.equal(users[0]?.user.exec?.['provideClusterInfo'], true);
    assert.ok(!after.includes(overToken));
    const files = await home.files();
    assert.equal(files.filter(name => /^made\.yaml\.dkp-auth-.*\.bak$/.test(name)).length, 1);

    const again = await runProgram(['login', '--kubeconfig', file, ...link, '--sign-in-later'], {
      env: home.env,
    });
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await fs.readFile(file, 'utf8'), after);
  });

  it('finds the portal that was used before and lists the server', async t => {
    const { home, read, signIn, run } = await setUp(t);
    const [flag] = [/LOGIN-LINK .*no portal that was used before lists this server/];
    assertRefused(await run(), { exit: 2, message: /still to be answered/, hint: flag });
    const other = { loginLink: 'https://127.0.0.1:9/token/landing/', lastUsed: 2 };
    await rememberPortal(home.paths, { loginLink: loginLinks.global, ca, lastUsed: 1 });
    await rememberPortal(home.paths, other);
    const ended = await signIn('--no-browser', '--context', 'admin@red-lab');
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual((await read()).users[0]?.user.exec?.['args'], ['--profile', 'red-lab']);
  });

  it('writes a token out with --method token', async t => {
    const { home, file, signIn, read } = await setUp(t);
    const ended = await signIn(...link, '--method', 'token');
    assert.equal(ended.code, 0, ended.stderr);
    assertNoToken(ended.stdout, ended.stderr);
    const [user] = (await read()).users;
    const stored = JSON.parse(await fs.readFile(home.path('state', 'credentials', 'red-lab.json'), 'utf8'));
    assert.deepEqual(user, { name: 'admin', user: { token: stored.token } });
    assert.match(await fs.readFile(file, 'utf8'), /# This token is good until \d{4}-/);
    assert.match(ended.stdout, /--context admin@red-lab --method token --profile red-lab/);
    const used = await runProgram(['use', 'red-lab', '--shell', 'sh'], { env: home.env });
    assert.equal(used.stdout, `export KUBECONFIG='${file}'\n`);
  });

  it('makes a user of its own where one user serves two clusters, and repoints this context only', async t => {
    const { signIn, read } = await setUp(t, [{ cluster: 'red-lab' }, { cluster: 'blue-prod' }]);
    const ended = await signIn(...link, '--context', 'admin@blue-prod', '--profile', 'blue');
    assert.equal(ended.code, 0, ended.stderr);
    const { contexts, users, 'current-context': current } = await read();
    assert.deepEqual(
      contexts.map(({ name, context }) => [name, context.user]),
      [
        ['admin@red-lab', 'admin'],
        ['admin@blue-prod', 'blue'],
      ],
    );
    assert.deepEqual(users[0], { name: 'admin', user: { token: overToken } });
    assert.equal(current, 'admin@red-lab');
  });

  it('uses nothing of the file but the server and its authority', async t => {
    const marker = (await temporaryHome(t)).path('ran');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', `touch ${marker}`],
    };
    const more = { 'proxy-url': 'http://127.0.0.1:9' };
    const its = await setUp(t, [{ cluster: 'red-lab', more }], { admin: { exec } });
    const ended = await its.signIn(...link);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(existsSync(marker), false);
    const { users, clusters, contexts } = await its.read();
    assert.deepEqual(users[0]?.user, { exec }, "another's plugin stays where it is");
    assert.equal(contexts[0]?.context.user, 'red-lab');
    assert.equal(clusters[0]?.cluster['proxy-url'], 'http://127.0.0.1:9');
  });

  it('shows with --dry-run what would change, without credentials, and changes nothing', async t => {
    const { home, run } = await setUp(t);
    const before = await contentsOf(home);
    const ended = await run(...link, '--dry-run');
    assert.equal(ended.code, 0, ended.stderr);
    assertNoToken(ended.stdout);
    assert.match(ended.stdout, /^-\s+token: /m);
    assert.match(ended.stdout, /^\+\s+provideClusterInfo: true$/m);
    assert.match(ended.stdout, /context admin@red-lab/);
    assert.deepEqual(await contentsOf(home), before);
  });

  it('refuses a file that trusts another authority than the portal names, before anybody signs in', async t => {
    const data = Buffer.from(demo.cluster('blue-prod').ca).toString('base64');
    const its = await setUp(t, [{ cluster: 'red-lab', more: { 'certificate-authority-data': data } }]);
    const fingerprint = '([0-9A-F]{2}:){31}[0-9A-F]{2}';
    await refusedWith(its, link, {
      exit: 4,
      message: /made\.yaml trusts another certificate authority for https:\S+ than the portal names/,
      hint: new RegExp(`^The file: {3}${fingerprint}\\nThe portal: ${fingerprint}$`, 'm'),
    });
    const none = await setUp(t, [{ cluster: 'red-lab', more: { 'certificate-authority-data': '' } }]);
    await refusedWith(none, link, {
      exit: 4,
      message: /trusts another/,
      hint: /none; the system's authorities/,
    });
  });

  const faults: Record<
    string,
    [Partial<PlatformEntry>, readonly string[], Parameters<typeof assertRefused>[1]]
  > = {
    'a server that the portal does not list': [
      { more: { server: 'https://127.0.0.1:9' } },
      link,
      { exit: 2, message: /no cluster "https:\/\/127\.0\.0\.1:9" at this portal/ },
    ],
    'a server without TLS': [
      { more: { server: 'http://127.0.0.1:9' } },
      link,
      { exit: 1, message: /has no https address for the cluster "red-lab"/ },
    ],
    'a cluster that is not checked': [
      { more: { 'insecure-skip-tls-verify': true } },
      link,
      { exit: 4, message: /sets insecure-skip-tls-verify/ },
    ],
    'a context that is not there': [
      {},
      [...link, '--context', 'prod\u001b[2J'],
      { exit: 2, message: /made\.yaml has no context "prod"\./, hint: /It has: admin@red-lab\./ },
    ],
    'flags that say where else': [
      {},
      [...link, '--output', 'x'],
      { exit: 2, message: /--kubeconfig and --output do not go together/ },
    ],
    'a method of whole files': [
      {},
      [...link, '--method', '1'],
      { exit: 2, message: /--method can only be token/ },
    ],
  };
  for (const [what, [entry, args, refusal]] of Object.entries(faults)) {
    it(`refuses ${what}, and changes nothing`, async t => {
      await refusedWith(await setUp(t, [{ cluster: 'red-lab', ...entry }]), args, refusal);
    });
  }

  it('refuses --context alone, and a file that is not there', async t => {
    const { home } = await setUp(t);
    const run = (...args: string[]) => runProgram(['login', ...args], { env: home.env });
    assertRefused(await run(...link, '--context', 'x'), {
      exit: 2,
      message: /--context goes with --kubeconfig/,
    });
    const gone = await run(...link, '--kubeconfig', home.path('gone'));
    assertRefused(gone, { exit: 2, message: /gone does not exist/ });
  });

  it('takes no name that is another cluster’s, and none is left where the file cannot be written', async t => {
    const its = await setUp(t);
    await boundProfile(its.home, demo, 'taken', 'blue-prod');
    await refusedWith(its, [...link, '--profile', 'taken'], {
      exit: 4,
      message: /"taken" is taken by the cluster/,
    });
    await fs.chmod(its.file, 0o400);
    const ended = await its.run(...link, '--sign-in-later');
    assertRefused(ended, { exit: 1, message: /made\.yaml is read-only/ });
    assert.deepEqual(
      (await its.home.files()).filter(name => name.startsWith('config/profiles')),
      ['config/profiles/taken.json'],
    );
  });

  it('works with an issuer and no portal: server and authority are as the file has them', async t => {
    const { home, run } = await setUp(t);
    const client = ['--issuer', issuer, '--client-id', clients.public, '--ca-file', caFile];
    const ended = await run(
      ...client,
      '--sign-in',
      'browser',
      '--sign-in-later',
      '--profile',
      'lab',
      '--json',
    );
    assert.equal(ended.code, 0, ended.stderr);
    const { commands } = jsonOf<LoginDocument>(ended);
    assert.equal(commands.repeat.match(/--kubeconfig/g)?.length, 1, commands.repeat);
    const { server, ca: authority } = demo.cluster('red-lab');
    const profile = JSON.parse(await fs.readFile(home.path('config', 'profiles', 'lab.json'), 'utf8'));
    assert.deepEqual(profile.cluster, {
      name: 'red-lab',
      server,
      ca: authority,
      hostname: new URL(server).host,
    });
    const env = { ...home.env, ...kubectlSays(profile) };
    const asked = await runProgram(['token', '--profile', 'lab'], { env });
    assertRefused(asked, {
      exit: 3,
      message: /needs a login/,
      hint: /Run: dkp-auth login --profile lab$/m,
    });
  });
});
