import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { startDemo } from '../../source/demo/index.ts';
import { backgroundRenewals } from '../helpers/background.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { temporaryHome } from '../helpers/home.ts';
import { killIfThere } from '../helpers/kill.ts';
import { contentsOf } from '../helpers/plain-output.ts';
import { cli, type Ended, jsonOf, runProgram, startProgram } from '../helpers/program.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';
import { type Renewable, renewableProfile } from '../helpers/renewable.ts';

const tokenIn = (ended: Ended) => jsonOf<{ status: { token: string } }>(ended).status.token;
const call = ['token', '--profile', 'prod'];

function envOf({ home, profile }: Pick<Renewable, 'home' | 'profile'>, interactive = false) {
  return { ...home.env, ...kubectlSays(profile, { interactive }) };
}

/** Waits for something that other processes bring about. */
async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await wait(20);
  }
}

/** A call by a program that has not called before. */
async function anotherCall(renewable: Renewable): Promise<Ended> {
  const args = ['-c', '"$@"; exit $?', 'sh', process.execPath, cli, ...call];
  const {
    exitCode: code,
    stdout,
    stderr,
  } = await execa('sh', args, {
    env: envOf(renewable),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
  return { code, signal: undefined, stdout, stderr };
}

const times = (count: number) => Array.from({ length: count });

test('fifty processes with a token that is over cost the issuer one request, and get equal tokens', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  const env = envOf(renewable);
  const ended = await Promise.all(times(50).map(() => runProgram(call, { env })));
  assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 ']);
  assert.deepEqual([...new Set(ended.map(tokenIn))], [await renewable.stored()]);
  assert.equal(renewable.refreshes(), 1);
});

test('fifty processes with an empty cache open one browser tab, and get equal tokens', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const browser = await recordingBrowser(t);
  const env = { ...envOf({ home, profile }, true), BROWSER: browser.command };
  const programs = times(50).map(() => startProgram(call, { env }));
  await until(async () => browser.wasOpened(), 'a tab');
  const [address = ''] = await browser.opened();
  await demo.signIn(address, demo.user('ada'));
  const ended = await Promise.all(programs.map(({ ended }) => ended));
  assert.deepEqual([...new Set(ended.map(({ code }) => code))], [0]);
  assert.equal(new Set(ended.map(tokenIn)).size, 1);
  assert.deepEqual(await browser.opened(), [address]);
  assert.equal(ended.filter(({ stderr }) => stderr.includes('https://')).length, 1);
});

test('a token in the last part of its life is printed at once and renewed by one process that lives on', async t => {
  const renewable = await renewableProfile(t);
  const old = await renewable.keep(300);
  // One program that asks again and again says that its server rejects the token.
  const ended = await Promise.all(times(10).map(() => anotherCall(renewable)));
  assert.deepEqual([...new Set(ended.map(({ stderr }) => stderr))], ['']);
  assert.ok(ended.map(tokenIn).includes(old));
  await until(async () => (await renewable.stored()) !== old, 'another token');
  const next = await anotherCall(renewable);
  assert.equal(tokenIn(next), await renewable.stored());
  assert.equal(renewable.refreshes(), 1);
});

test("the background process keeps none of the caller's pipes open, and holds no secret", {
  skip: process.platform !== 'linux',
}, async t => {
  const renewable = await renewableProfile(t);
  const { issuer } = renewable.rotating;
  const old = await renewable.keep(300);
  issuer.answers.set('/token', 'hang');
  const child = spawn(process.execPath, [cli, ...call], {
    env: { ...envOf(renewable), PLUGIN_PARENT: 'kubectl' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  for (const stream of child.stdio) stream?.on('data', () => undefined);
  // Not 'exit': this one waits until every copy of every pipe is closed.
  await new Promise(resolve => child.on('close', resolve));
  await until(() => renewable.refreshes() === 1, 'a request in the background');
  const processes = await backgroundRenewals(renewable.home);
  t.after(() => {
    for (const pid of processes.keys()) killIfThere(pid);
  });
  assert.equal(processes.size, 1);
  for (const [pid, told] of processes) {
    for (const secret of [old, renewable.session.refreshToken, 'KUBERNETES_EXEC_INFO']) {
      assert.ok(!told.includes(secret), secret);
    }
    assert.equal(await fs.readlink(`/proc/${pid}/cwd`), '/');
    for (const fd of [0, 1, 2, 3, 4]) assert.equal(await fs.readlink(`/proc/${pid}/fd/${fd}`), '/dev/null');
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    assert.equal(Number(session), pid, 'a session of its own');
  }
  // Others are served meanwhile, and start no second one.
  const ended = await Promise.all(times(5).map(() => anotherCall(renewable)));
  assert.deepEqual([...new Set(ended.map(tokenIn))], [old]);
  assert.equal((await backgroundRenewals(renewable.home)).size, 1);
});

for (const [what, more, prepare] of [
  [
    'whose login leaves no session',
    { signIn: 'paste' },
    async (r: Renewable) => fs.rm(r.home.path('state', 'sessions'), { recursive: true }),
  ],
  ['without a client, by the portal', { client: undefined, signIn: 'portal' }, async () => undefined],
  [
    'whose session has ended',
    {},
    async (r: Renewable) => {
      r.rotating.revoke();
      await r.keep(-10);
      assert.equal((await runProgram(call, { env: envOf(r) })).code, 3);
    },
  ],
  [
    'whose issuer cannot be reached',
    {},
    async (r: Renewable) => {
      r.rotating.issuer.answers.set('/token', 'cut');
      await r.keep(-10);
      assert.equal((await runProgram(call, { env: envOf(r) })).code, 1);
    },
  ],
] as const) {
  test(`nothing is started in the background for a profile ${what}`, async t => {
    const renewable = await renewableProfile(t, { more: more as Partial<Renewable['profile']> });
    await prepare(renewable);
    const token = await renewable.keep(300);
    const requests = renewable.refreshes();
    assert.equal(tokenIn(await runProgram(call, { env: envOf(renewable) })), token);
    assert.ok(!(await renewable.home.files()).includes('state/flights/prod.started'));
    assert.equal(renewable.refreshes(), requests);
  });
}

test('when the one that renews is killed, one of those that wait renews, and all are served', async t => {
  const renewable = await renewableProfile(t, { reuseMs: 60_000 });
  await renewable.keep(-10);
  const { answers } = renewable.rotating.issuer;
  const renew = answers.get('/token');
  answers.set('/token', 'hang');
  const first = startProgram(call, { env: envOf(renewable) });
  await until(() => renewable.refreshes() === 1, 'the first request');
  const others = times(10).map(() => startProgram(call, { env: envOf(renewable) }));
  answers.set('/token', renew ?? 'hang');
  first.kill('SIGKILL');
  const ended = await Promise.all(others.map(({ ended }) => ended));
  assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 ']);
  assert.deepEqual([...new Set(ended.map(tokenIn))], [await renewable.stored()]);
  assert.equal(renewable.refreshes(), 2);
});

test('a failure is shared by those that wait, and nobody tries again in the pause after it', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  renewable.rotating.issuer.answers.set('/token', { raw: 'down', status: 503 });
  const env = envOf(renewable, true);
  const ended = await Promise.all(times(20).map(() => runProgram(call, { env })));
  assert.deepEqual([...new Set(ended.map(({ code, stdout }) => `${code} ${stdout}`))], ['1 ']);
  assert.equal(renewable.refreshes(), 1);
  const next = await runProgram(call, { env });
  assert.equal(next.code, 1);
  assert.match(next.stderr, /^dkp-auth: .* Not tried again before \d\d:\d\d:\d\d\. .*\n$/);
  assert.equal(renewable.refreshes(), 1);
});

test("a fault of this machine's disk is not waited out: the next call tries at once", async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  const lock = renewable.home.path('state', 'sessions', `${renewable.session.id}.lock`);
  await fs.rm(lock, { force: true });
  await fs.mkdir(lock);
  const failed = await anotherCall(renewable);
  assert.equal(failed.code, 1, failed.stderr);
  assert.match(failed.stderr, /Could not lock /);
  await fs.rmdir(lock);
  const next = await anotherCall(renewable);
  assert.equal(next.code, 0, next.stderr);
  assert.equal(tokenIn(next), await renewable.stored());
});

test('a session that has ended is found out once; callers that nobody can be asked for get exit code 3 and one line', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  renewable.rotating.revoke();
  const env = envOf(renewable);
  for (const round of [1, 2]) {
    const ended = await Promise.all(times(5).map(() => runProgram(call, { env })));
    const line = 'dkp-auth: The profile "prod" needs a login. Run: dkp-auth login --profile prod\n';
    assert.deepEqual(
      [...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))],
      [`3 ${line}`],
      `${round}`,
    );
  }
  assert.equal(renewable.refreshes(), 1);
});

test('a login that was called off is not begun again by kubectl for a while; dkp-auth login ends that', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const browser = await recordingBrowser(t);
  const env = { ...envOf({ home, profile }, true), BROWSER: browser.command };
  const first = startProgram(call, { env });
  const waiting = startProgram(call, { env });
  const asks = await Promise.race(
    [first, waiting].map(async program => {
      await program.address();
      return program;
    }),
  );
  const other = asks === first ? waiting : first;
  await browser.opened();
  await other.saw(/waiting for the login to "prod" that another kubectl began/);
  asks.kill('SIGINT');
  assert.equal((await asks.ended).code, 130);
  const shared = await other.ended;
  assert.equal(shared.code, 3, shared.stderr);
  assert.match(shared.stderr, /It was cancelled\. Run: dkp-auth login --profile prod\n$/);
  await fs.rm(path.join(path.dirname(browser.command), 'arguments'));
  for (const interactive of [true, false]) {
    const paused = await runProgram(call, { env: { ...env, ...kubectlSays(profile, { interactive }) } });
    assert.equal(paused.code, 3);
    assert.match(paused.stderr, /^dkp-auth: .*Run: dkp-auth login --profile prod\n$/);
  }
  assert.equal(browser.wasOpened(), false);
  const before = await contentsOf({ folder: home.path('config') });
  const login = startProgram(['login', '--profile', 'prod', '--json'], { env: home.env });
  await demo.signIn(await login.address(), demo.user('ada'));
  const { profiles } = jsonOf<{ profiles: { name: string; account: { label: string } }[] }>(
    await login.ended,
  );
  assert.deepEqual(
    profiles.map(each => `${each.name} ${each.account.label}`),
    ['prod ada@corp.example'],
  );
  assert.equal((await runProgram(call, { env })).code, 0);
  assert.deepEqual(Object.keys(await contentsOf({ folder: home.path('config') })), Object.keys(before));
  // The pause is over, not only unneeded.
  await fs.rm(path.join(home.paths.credentials, 'prod.json'));
  const again = startProgram(call, { env });
  await again.address();
  again.kill('SIGTERM');
  assert.equal((await again.ended).code, 143);
});

test('dkp-auth login --profile serves a kubectl that waits for its own login', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const waiting = startProgram(call, { env: envOf({ home, profile }, true) });
  await waiting.address();
  // The token service tells logins of one second apart by nothing.
  await wait(1100);
  const login = startProgram(['login', '--profile', 'prod'], { env: home.env });
  await demo.signIn(await login.address(), demo.user('ada'));
  assert.match(
    (await login.ended).stdout,
    /^prod -> kubernetes-cluster .*: signed in as ada@corp\.example until/,
  );
  const ended = await waiting.ended;
  assert.equal(ended.code, 0, ended.stderr);
});

test('who cannot ask does not wait for a person: exit code 3 within a second or so, while the login goes on', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  renewable.rotating.revoke();
  const browser = await recordingBrowser(t);
  const login = startProgram(call, { env: { ...envOf(renewable, true), BROWSER: browser.command } });
  await browser.opened();
  // As it would be without the renewal that has failed just now.
  const record = renewable.home.path('state', 'flights', 'prod.json');
  const { renewal: _, ...rest } = JSON.parse(await fs.readFile(record, 'utf8'));
  await fs.writeFile(record, JSON.stringify(rest));
  const ended = await runProgram(call, { env: envOf(renewable) });
  assert.equal(ended.code, 3);
  assert.match(
    ended.stderr,
    /^dkp-auth: A login for the profile "prod" is under way in another terminal\. .*\n$/,
  );
  login.kill('SIGINT');
  assert.equal((await login.ended).code, 130);
});

test('a login that is killed leaves no tab after tab: the next one waits for its pause', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const env = envOf({ home, profile }, true);
  const killed = startProgram(call, { env });
  await killed.address();
  killed.kill('SIGKILL');
  await killed.ended;
  const ended = await runProgram(call, { env });
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /never finished\), and kubectl begins no other before/);
});

test("a record of flights that is torn, from the future or somebody else's holds nobody up", async t => {
  const renewable = await renewableProfile(t);
  const folder = renewable.home.path('state', 'flights');
  const record = path.join(folder, 'prod.json');
  const failure = { code: 'NETWORK', message: 'x' };
  const since = Date.now() + 400 * 86_400_000;
  const records: [string, number?][] = [
    ['{"version":1,"last":'],
    [''],
    ['null'],
    [
      JSON.stringify({
        version: 1,
        renewal: { since, failures: 99, failure },
        login: { since, failures: 99, failure },
      }),
    ],
    [JSON.stringify({ version: 1, renewal: { since: Date.now(), failures: 1, failure } }), 0o644],
  ];
  for (const [content, mode = 0o600] of records) {
    await renewable.keep(-10);
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(record, content);
    await fs.chmod(record, mode);
    const ended = await runProgram(call, { env: envOf(renewable) });
    assert.equal(ended.code, 0, `${content}: ${ended.stderr}`);
  }
});

test('where nothing can be written a token that is good is printed, due or not, asked again or not', async t => {
  const renewable = await renewableProfile(t);
  const token = await renewable.keep(300);
  const { state, callers } = renewable.home.paths;
  await fs.rm(callers, { recursive: true, force: true });
  for (const name of ['flights', 'callers', 'rejections', 'locks'])
    await fs.writeFile(path.join(state, name), '');
  for (const _ of [1, 2, 3]) {
    const ended = await runProgram(call, { env: envOf(renewable) });
    assert.deepEqual([ended.code, tokenIn(ended), ended.stderr], [0, token, '']);
  }
  assert.equal(renewable.refreshes(), 0);
});

test('a plugin that what it started starts again refuses', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const said = home.path('said');
  const browser = home.path('browser');
  const inner = `"${process.execPath}" "${cli}" token --profile prod >"${said}.part" 2>&1; echo "exit $?" >>"${said}.part"`;
  await fs.writeFile(browser, `#!/bin/sh\n${inner}\nmv "${said}.part" "${said}"\n`, { mode: 0o755 });
  const program = startProgram(call, { env: { ...envOf({ home, profile }, true), BROWSER: browser } });
  await program.address();
  await until(
    () =>
      fs.access(said).then(
        () => true,
        () => false,
      ),
    'the plugin below the plugin',
  );
  assert.match(
    await fs.readFile(said, 'utf8'),
    /^dkp-auth: The credential plugin was started below itself.*\nexit 3\n$/,
  );
  program.kill('SIGINT');
  await program.ended;
  // What a browser left running hands on is of no effect when the plugin is gone.
  const mark = JSON.stringify({ host: 'gone', pid: 1, start: '1', at: 0 });
  const later = await runProgram(call, { env: { ...envOf({ home, profile }), DKP_AUTH_TOKEN_CALL: mark } });
  assert.doesNotMatch(later.stderr, /below itself/);
});

test('who comes back at once gets a renewed token, then one word on why it may be rejected, then peace', async t => {
  const renewable = await renewableProfile(t);
  const old = await renewable.keep(3000);
  const env = envOf(renewable);
  const answers: Ended[] = [];
  for (const _ of [1, 2, 3, 4]) answers.push(await runProgram(call, { env }));
  const renewed = await renewable.stored();
  assert.notEqual(renewed, old);
  assert.deepEqual(answers.map(tokenIn), [old, renewed, renewed, renewed]);
  assert.deepEqual(
    answers.map(({ code, stderr }) => [code, stderr.split('\n').length - 1]),
    [
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 0],
    ],
  );
  assert.match(
    answers[2]?.stderr ?? '',
    /^dkp-auth: prod\.example\.com seems to reject the token of "prod".* for the audience prod-client, .* with no groups/,
  );
  assert.equal(renewable.refreshes(), 1);
});

test('a rejected token that only the person could replace opens no login, not even at a terminal', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const token = await keepToken(home, demo, profile);
  const browser = await recordingBrowser(t);
  const env = { ...envOf({ home, profile }, true), BROWSER: browser.command };
  const answers: Ended[] = [];
  for (const _ of [1, 2, 3]) answers.push(await runProgram(call, { env }));
  assert.deepEqual(answers.map(tokenIn), [token, token, token]);
  assert.match(
    answers[2]?.stderr ?? '',
    /seems to reject .* To sign in anew: dkp-auth login --profile prod\n$/,
  );
  assert.equal(browser.wasOpened(), false);
});

test('a person or script without kubectl may ask as often as it likes', async t => {
  const renewable = await renewableProfile(t);
  const token = await renewable.keep(3000);
  for (const _ of [1, 2, 3, 4]) {
    const ended = await runProgram(call, { env: renewable.home.env });
    assert.deepEqual([tokenIn(ended), ended.stderr], [token, '']);
  }
  assert.equal(renewable.refreshes(), 0);
});
