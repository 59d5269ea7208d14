import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { claimsIn } from '../demo/helpers.ts';
import { boundProfile, type KeptToken, keepToken } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertRefused, lastingContentsOf } from '../helpers/plain-output.ts';
import { cli, type Ended, jsonOf, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';

const v1 = 'client.authentication.k8s.io/v1';
const v1beta1 = 'client.authentication.k8s.io/v1beta1';
type ExecCredential = {
  apiVersion: string;
  kind: string;
  status: { token: string; expirationTimestamp: string };
};

const run = promisify(execFile);
const ask = (home: Home, info: Record<string, string>, ...args: string[]) =>
  runProgram(['token', ...(args.length > 0 ? args : ['--profile', 'prod'])], {
    env: { ...home.env, ...info },
  });

function assertGiven(ended: Ended, token: string, apiVersion = v1): void {
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /^\{.*\}\n$/);
  const answer = jsonOf<ExecCredential>(ended);
  assert.deepEqual(answer, {
    apiVersion,
    kind: 'ExecCredential',
    status: { token, expirationTimestamp: answer.status.expirationTimestamp },
  });
  const { exp } = claimsIn(token);
  assert.equal(Date.parse(answer.status.expirationTimestamp), Number(exp) * 1000);
  assert.match(answer.status.expirationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
}

function assertNothingGiven({ stdout, stderr }: Ended): void {
  assert.equal(stdout, '');
  assertNoToken(stderr);
}

describe('dkp-auth token', { concurrency: 4 }, () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  /** A home with the profile `prod` for the management cluster and a good token. */
  async function withToken(
    test: TestContext,
    kept?: KeptToken,
  ): Promise<{ home: Home; prod: Profile; token: string }> {
    const home = await temporaryHome(test);
    const prod = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
    return { home, prod, token: await keepToken(home, demo, prod, kept) };
  }

  async function withoutToken(test: TestContext, more?: Partial<Profile>) {
    const home = await temporaryHome(test);
    return { home, prod: await boundProfile(home, demo, 'prod', 'kubernetes-cluster', more) };
  }

  for (const apiVersion of [v1, v1beta1]) {
    it(`answers in ${apiVersion} when kubectl asks for it`, async t => {
      const { home, prod, token } = await withToken(t);
      const ended = await ask(home, kubectlSays(prod, { apiVersion, interactive: true }));
      assertGiven(ended, token, apiVersion);
      assert.equal(ended.stderr, '');
    });
  }

  it('answers in v1beta1 where no version is named, from a shell too', async t => {
    const { home, prod, token } = await withToken(t);
    assertGiven(await ask(home, {}), token, v1beta1);
    assertGiven(await ask(home, { KUBERNETES_EXEC_INFO: '' }), token, v1beta1);
    assertGiven(await ask(home, kubectlSays(prod, { apiVersion: '' })), token, v1beta1);
  });

  it('refuses versions it does not speak and input it cannot read, with the reason on stderr', async t => {
    const { home, prod } = await withToken(t);
    const inputs: [Record<string, string>, RegExp][] = [
      [
        kubectlSays(prod, { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
        /v1alpha1, which is not supported/,
      ],
      [kubectlSays(prod, { apiVersion: 'garbage' }), /garbage, which is not supported/],
      [{ KUBERNETES_EXEC_INFO: '{"apiVersion":' }, /is not JSON/],
      [{ KUBERNETES_EXEC_INFO: '"yes"' }, /is not an ExecCredential/],
    ];
    for (const [info, message] of inputs) {
      const ended = await ask(home, info);
      assertRefused(ended, { exit: 2, message });
      assertNothingGiven(ended);
    }
  });

  it('gives a good token also where nobody can be asked, and sends no request for it', async t => {
    const { home, prod, token } = await withToken(t);
    const portal = { loginLink: 'https://127.0.0.1:1/token/landing/' };
    await fs.writeFile(path.join(home.paths.profiles, 'prod.json'), JSON.stringify({ ...prod, portal }), {
      mode: 0o600,
    });
    assertGiven(await ask(home, kubectlSays(prod, { interactive: false })), token);
  });

  it('ends with 3 and the command to run where a login is needed and nobody can be asked', async t => {
    const { home, prod } = await withoutToken(t);
    const browser = await recordingBrowser(t);
    const ended = await ask(home, { ...kubectlSays(prod), BROWSER: browser.command });
    assertRefused(ended, {
      exit: 3,
      message: /The profile "prod" needs a login/,
      hint: /Run: dkp-auth login --profile prod$/,
    });
    assertNothingGiven(ended);
    assert.equal(browser.wasOpened(), false);
    const fromShell = await ask(home, {});
    assert.equal(fromShell.code, 3);
  });

  it('asks nobody for a page to be opened and a token to be pasted, but says how', async t => {
    const { home, prod } = await withoutToken(t, { signIn: 'page' });
    const ended = await ask(home, kubectlSays(prod, { interactive: true }));
    assertRefused(ended, { exit: 3, message: /needs a login/, hint: /Run: dkp-auth login --profile prod$/ });
    assertNothingGiven(ended);
  });

  for (const [what, kept] of [
    ['has expired', { secondsLeft: -10 }],
    ['is about to expire', { secondsLeft: 20 }],
    ['was obtained for another API server', { server: 'https://other.example.com' }],
  ] as const) {
    it(`gives no token that ${what}`, async t => {
      const { home, prod } = await withToken(t, kept);
      const ended = await ask(home, kubectlSays(prod));
      assert.equal(ended.code, 3, ended.stderr);
      assertNothingGiven(ended);
    });
  }

  it('gives no token of another account than the pinned one', async t => {
    const { home, prod } = await withToken(t);
    const file = path.join(home.paths.credentials, 'prod.json');
    const credential = JSON.parse(await fs.readFile(file, 'utf8'));
    await fs.writeFile(file, JSON.stringify({ ...credential, subject: 'subject of ravi' }));
    const ended = await ask(home, kubectlSays(prod));
    assert.equal(ended.code, 3);
    assertNothingGiven(ended);
  });

  it("gives no other profile's token, not even when its file is copied over", async t => {
    const { home, prod } = await withToken(t);
    const lab = await boundProfile(home, demo, 'lab', 'red-lab');
    const { credentials, profiles } = home.paths;
    await fs.copyFile(path.join(credentials, 'prod.json'), path.join(credentials, 'lab.json'));
    const ended = await ask(home, kubectlSays(lab), '--profile', 'lab');
    assert.equal(ended.code, 3);
    assertNothingGiven(ended);
    await fs.copyFile(path.join(profiles, 'prod.json'), path.join(profiles, 'lab.json'));
    const forged = await ask(home, kubectlSays(prod), '--profile', 'lab');
    assertRefused(forged, { exit: 1, message: /lab\.json holds the profile "prod"/ });
    assertNothingGiven(forged);
  });

  it('refuses, naming both, when kubectl means another API server than the bound one', async t => {
    const { home, prod } = await withToken(t);
    const { server, ca } = demo.cluster('red-lab');
    const other = kubectlSays({ cluster: { ...prod.cluster, server, ca } }, { interactive: true });
    const ended = await ask(home, other);
    assertRefused(ended, {
      exit: 4,
      message: new RegExp(
        `"prod" is bound to kubernetes-cluster \\(${prod.cluster.server}\\), but .* ${server}`,
      ),
    });
    assertNothingGiven(ended);
  });

  it('refuses a changed port, path, authority, server name or unchecked certificate', async t => {
    const { home, prod } = await withToken(t);
    const url = new URL(prod.cluster.server);
    const changes = [
      { server: `${url.protocol}//${url.hostname}:1${url.pathname}` },
      { server: url.origin },
      { 'certificate-authority-data': Buffer.from(demo.cluster('red-lab').ca).toString('base64') },
      { 'certificate-authority-data': undefined },
      { 'tls-server-name': 'evil.example' },
      { 'insecure-skip-tls-verify': true },
    ];
    for (const cluster of changes) {
      const ended = await ask(home, kubectlSays(prod, { cluster }));
      assertRefused(ended, { exit: 4, message: /is bound to kubernetes-cluster/ });
      assertNothingGiven(ended);
    }
  });

  it('knows the bound API server in other spellings', async t => {
    const { home, prod, token } = await withToken(t);
    const cluster = { server: `${prod.cluster.server.replace('https', 'HTTPS')}/` };
    assertGiven(await ask(home, kubectlSays(prod, { cluster })), token);
  });

  it('refuses a kubeconfig that does not say which cluster it is for', async t => {
    const { home, prod } = await withToken(t);
    const ended = await ask(home, kubectlSays(prod, { cluster: null, interactive: true }));
    assertRefused(ended, {
      exit: 4,
      message: /does not say which cluster/,
      hint: /provideClusterInfo: true/,
    });
    assertNothingGiven(ended);
  });

  it('takes nothing but --profile NAME', async t => {
    const { home } = await withToken(t);
    const wrong: [string[], RegExp][] = [
      [['prod'], /prod/],
      [['--profile', 'prod', 'extra'], /extra/],
      [['--profile', 'prod', '--frobnicate'], /frobnicate/],
      [['--profile'], /profile/],
      [['--token-dir=/tmp', '--profile', 'prod'], /token-dir/],
      [['--profile', '../../etc/passwd'], /may hold a-z/],
    ];
    for (const [args, message] of wrong) {
      const ended = await ask(home, {}, ...args);
      assertRefused(ended, { exit: 2, message });
      assertNothingGiven(ended);
    }
    const empty = await ask(home, {}, '--profile', '');
    assert.deepEqual([empty.code, empty.stdout], [2, '']);
    assert.match(empty.stderr, /The profile name "" is empty/);
    const none = await runProgram(['token'], { env: home.env });
    assertRefused(none, { exit: 2, message: /--profile NAME is missing/ });
  });

  it('lists the profiles there are when it is asked for another', async t => {
    const { home } = await withToken(t);
    await boundProfile(home, demo, 'lab', 'red-lab');
    const ended = await ask(home, {}, '--profile', 'stage');
    assertRefused(ended, { exit: 2, message: /no profile "stage"/, hint: /Known: lab, prod\./ });
    assertNothingGiven(ended);
    const empty = await temporaryHome(t);
    assertRefused(await ask(empty, {}), {
      exit: 2,
      message: /no profile "prod"/,
      hint: /Run dkp-auth login first/,
    });
    assert.deepEqual(await empty.files(), []);
  });

  it('leaves stdin to the caller: from a pipe, a slow pipe and a file', async t => {
    const { home, prod } = await withToken(t);
    const manifest = home.path('manifest');
    await fs.writeFile(manifest, 'kind: Pod\n'.repeat(1000));
    const token = `"${process.execPath}" "${cli}" token --profile prod >"${home.path('answer')}"`;
    const scripts = [
      `cat "${manifest}" | { ${token}; cat; }`,
      `{ ${token}; cat; } <"${manifest}"`,
      `{ printf 'kind: '; sleep 1; printf 'Pod\\n'; } | { ${token}; cat; }`,
    ];
    const options = { env: { ...home.env, ...kubectlSays(prod) } };
    const outputs = await Promise.all(scripts.map(script => run('sh', ['-ec', script], options)));
    assert.deepEqual(
      outputs.map(({ stdout, stderr }) => [stdout.length, stdout.slice(0, 10), stderr]),
      [
        [10_000, 'kind: Pod\n', ''],
        [10_000, 'kind: Pod\n', ''],
        [10, 'kind: Pod\n', ''],
      ],
    );
  });

  it('does not wait for a stdin that stays open', async t => {
    const { home, prod, token } = await withToken(t);
    const program = startProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...kubectlSays(prod, { interactive: true }) },
      input: 'open',
    });
    assertGiven(await program.ended, token);
  });

  it('is silent when nobody reads its answer', async t => {
    const { home, prod } = await withToken(t);
    const program = startProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...kubectlSays(prod) },
    });
    program.closeStdout();
    const { stderr, signal } = await program.ended;
    assert.deepEqual([stderr, signal], ['', undefined]);
  });

  it('tells of a store that others could have read, and gives nothing from it', async t => {
    const { home, prod } = await withToken(t);
    await fs.chmod(path.join(home.paths.credentials, 'prod.json'), 0o644);
    const ended = await ask(home, kubectlSays(prod));
    assertRefused(ended, { exit: 1, message: /can be read or written by others/, hint: /chmod 600/ });
    assertNothingGiven(ended);
  });
});

// A platform of its own for each: on one, logins of the same second get in each other's way.
describe('dkp-auth token without a good token, when kubectl allows questions', { concurrency: 4 }, () => {
  async function freshPortal(test: TestContext, cluster = 'kubernetes-cluster') {
    const demo = await startDemo();
    test.after(() => demo.close());
    const home = await temporaryHome(test);
    const prod = await boundProfile(home, demo, 'prod', cluster);
    return { demo, home, prod };
  }

  it('signs in when kubectl allows it: the address on stderr, a noisy browser nowhere, then the cache', async t => {
    const { demo, home, prod } = await freshPortal(t);
    const browser = await recordingBrowser(t);
    const info = kubectlSays(prod, { interactive: true });
    const program = startProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...info, BROWSER: browser.command },
    });
    const address = await program.address();
    assert.deepEqual(await browser.opened(), [address]);
    assert.equal(new URL(address).searchParams.get('connector_id'), 'corporate');
    await demo.signIn(address, demo.user('ada'));
    const ended = await program.ended;
    const { token } = jsonOf<ExecCredential>(ended).status;
    assertGiven(ended, token);
    assert.match(ended.stderr, /^Signed in to kubernetes-cluster as ada@corp\.example\.$/m);
    assert.doesNotMatch(ended.stdout + ended.stderr, /NOISE/);
    assert.equal(claimsIn(token)['email'], 'ada@corp.example');
    assertGiven(await ask(home, kubectlSays(prod)), token);
    assert.equal(await home.mode('state', 'credentials', 'prod.json'), '600');
  });

  it('pins the account at the first sign-in, and refuses another one later', async t => {
    const { demo, home, prod } = await freshPortal(t);
    const env = { ...home.env, ...kubectlSays(prod, { interactive: true }) };
    const first = startProgram(['token', '--profile', 'prod'], { env });
    await personSignsIn(first, demo, demo.user('ada'));
    assert.equal((await first.ended).code, 0);
    await fs.rm(path.join(home.paths.credentials, 'prod.json'));
    const kept = await lastingContentsOf(home);
    const second = startProgram(['token', '--profile', 'prod'], { env });
    await personSignsIn(second, demo, demo.user('ravi'));
    const ended = await second.ended;
    assertRefused(ended, {
      exit: 4,
      message: /signed in as ravi@corp\.example, .* belongs to ada@corp\.example/,
    });
    assertNothingGiven(ended);
    assert.deepEqual(await lastingContentsOf(home), kept);
  });

  it('of two profiles signed in to in the same second gives each the token of its own person', async t => {
    const { demo, home } = await freshPortal(t);
    const people = [
      ['prod', 'kubernetes-cluster', 'ada'],
      ['lab', 'red-lab', 'ravi'],
    ] as const;
    const tokens = await Promise.all(
      people.map(async ([name, cluster, login]) => {
        const profile = await boundProfile(home, demo, name, cluster);
        const env = { ...home.env, ...kubectlSays(profile, { interactive: true }) };
        const program = startProgram(['token', '--profile', name], { env });
        await personSignsIn(program, demo, demo.user(login));
        return jsonOf<ExecCredential>(await program.ended).status.token;
      }),
    );
    assert.deepEqual(
      tokens.map(token => claimsIn(token)['email']),
      ['ada@corp.example', 'ravi@corp.example'],
    );
    for (const [index, [name]] of people.entries()) {
      const stored = JSON.parse(await fs.readFile(path.join(home.paths.credentials, `${name}.json`), 'utf8'));
      assert.equal(stored.token, tokens[index]);
    }
  });

  it('stores no token that the API server would not accept', async t => {
    const { demo, home, prod } = await freshPortal(t, 'red-prod');
    const kept = await lastingContentsOf(home);
    const program = startProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...kubectlSays(prod, { interactive: true }) },
    });
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assertRefused(ended, {
      exit: 1,
      message: /meant for kube-apiserver, but this cluster accepts red-prod/,
      hint: /--sign-in page/,
    });
    assertNothingGiven(ended);
    assert.deepEqual(await lastingContentsOf(home), kept);
  });

  it('gives a token that cannot be stored all the same, and says so', async t => {
    const { demo, home, prod } = await freshPortal(t);
    await fs.mkdir(home.paths.state, { mode: 0o700 });
    await fs.writeFile(home.paths.credentials, 'in the way');
    const program = startProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...kubectlSays(prod, { interactive: true }) },
    });
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assertGiven(ended, jsonOf<ExecCredential>(ended).status.token);
    assert.match(ended.stderr, /could not be kept/);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends a sign-in at ${signal} with ${code}, and leaves everything as it was`, async t => {
      const { home, prod } = await freshPortal(t);
      const kept = await lastingContentsOf(home);
      const program = startProgram(['token', '--profile', 'prod'], {
        env: { ...home.env, ...kubectlSays(prod, { interactive: true }) },
        input: 'open',
      });
      await program.address();
      program.kill(signal);
      const ended = await program.ended;
      assert.deepEqual([ended.code, ended.signal, ended.stdout], [code, undefined, '']);
      assert.doesNotMatch(ended.stderr, /^\s+at /m);
      assert.deepEqual(await lastingContentsOf(home), kept);
    });
  }
});
