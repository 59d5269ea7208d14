import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { startDemo } from '../../source/demo/index.ts';
import { claimsIn, demoForTests } from '../demo/helpers.ts';
import { type KubectlCall, kubectlSays } from '../helpers/exec-info.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import {
  callPlugin,
  keptTokens,
  konvoyArguments,
  konvoyPlugin,
  type PluginCall,
  writeKonvoyKubeconfig,
} from '../helpers/konvoy.ts';
import { assertNoToken, assertPlain, assertRefused } from '../helpers/plain-output.ts';
import { smallestPortal } from '../helpers/portal-login.ts';
import { type Ended, jsonOf, type Program, runProgram } from '../helpers/program.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';

const v1beta1 = 'client.authentication.k8s.io/v1beta1';
const dayMs = 24 * 60 * 60 * 1000;
type ExecCredential = { apiVersion: string; status: { token: string; expirationTimestamp: string } };

describe('konvoy-async-plugin', { concurrency: 4 }, async () => {
  const demo = await demoForTests();

  /** What kubectl says where the kubeconfig has it name the cluster. */
  const says = (cluster: string, call: KubectlCall = {}) =>
    kubectlSays(
      { cluster: { hostname: cluster, ...demo.cluster(cluster) } },
      { apiVersion: v1beta1, interactive: true, ...call },
    );
  /** What it says for a kubeconfig as the platform hands it out. */
  const saysLittle = (interactive = true) => says('red-lab', { interactive, cluster: null });

  async function signsIn(program: Program, login = 'ada'): Promise<Ended> {
    await demo.signIn(await program.address(), demo.user(login));
    return program.ended;
  }

  function tokenOf(ended: Ended, apiVersion = v1beta1): string {
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^\{.*\}\n$/);
    assertNoToken(ended.stderr);
    assertPlain(ended.stderr);
    const answer = jsonOf<ExecCredential>(ended);
    assert.equal(answer.apiVersion, apiVersion);
    const { exp } = claimsIn(answer.status.token);
    assert.equal(Date.parse(answer.status.expirationTimestamp), Number(exp) * 1000);
    return answer.status.token;
  }

  async function homeWith(t: TestContext, ...clusters: string[]): Promise<Home> {
    const home = await temporaryHome(t);
    const served = clusters.map(cluster => ({ cluster }));
    await writeKonvoyKubeconfig(demo, home.path('.kube', 'config'), served);
    return home;
  }

  const call = (home: Home, options: PluginCall) => callPlugin(demo, home, options);

  /** A home in which a token is kept for one cluster, by a login that the tests share. */
  async function withToken(t: TestContext): Promise<{ home: Home; token: string; file: string }> {
    const { token, name, content } = await firstLogin;
    const home = await temporaryHome(t);
    const folder = home.path('state', 'konvoy');
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    await fs.writeFile(path.join(folder, name), content, { mode: 0o600 });
    return { home, token, file: path.join('state', 'konvoy', name) };
  }

  async function logInFirst() {
    const home = await temporaryHome({ after });
    const ended = await signsIn(call(home, { env: says('red-lab') }));
    const [name = ''] = (await home.files())
      .filter(file => file.endsWith('.json'))
      .map(file => path.basename(file));
    return {
      home,
      name,
      token: tokenOf(ended),
      content: await fs.readFile(home.path('state', 'konvoy', name), 'utf8'),
    };
  }
  const firstLogin = logInFirst();

  it('signs in, keeps the token for the cluster that the caller names, and asks nobody again', async () => {
    const { home, token, name } = await firstLogin;
    assert.equal(await home.mode('state', 'konvoy', name), '600');
    assert.equal(await home.mode('state', 'konvoy'), '700');
    const again = await call(home, { env: says('red-lab', { interactive: false }) }).ended;
    assert.deepEqual([tokenOf(again), again.stderr], [token, '']);
    const v1 = 'client.authentication.k8s.io/v1';
    tokenOf(await call(home, { env: says('red-lab', { apiVersion: v1 }) }).ended, v1);
    assert.deepEqual([...(await keptTokens(home)).keys()], [demo.cluster('red-lab').server]);
  });

  it('has a token of its own for each cluster, though the profile is the same', async t => {
    const { home, token } = await withToken(t);
    const tokens = new Map([['red-lab', token]]);
    // These two have one certificate authority.
    for (const cluster of ['blue-prod', 'kubernetes-cluster']) {
      tokens.set(cluster, tokenOf(await signsIn(call(home, { env: says(cluster) }))));
    }
    assert.equal(new Set(tokens.values()).size, 3);
    for (const [cluster, own] of tokens) {
      assert.equal(tokenOf(await call(home, { env: says(cluster) }).ended), own, cluster);
    }
  });

  it('binds a call that names no cluster to the only one that its kubeconfig serves', async t => {
    const home = await homeWith(t, 'red-lab');
    const ended = await signsIn(call(home, { env: saysLittle() }));
    assert.doesNotMatch(ended.stderr, /gives one token/);
    const { server } = demo.cluster('red-lab');
    assert.deepEqual([...(await keptTokens(home)).keys()], [server]);
    assert.equal(tokenOf(await call(home, { env: says('red-lab') }).ended), tokenOf(ended));
  });

  it('shares a token among several clusters, keeps it apart, and says so once a day', async t => {
    const home = await homeWith(t, 'red-lab', 'blue-prod');
    const first = await signsIn(call(home, { env: saysLittle() }));
    const [{ server: a }, { server: b }] = [demo.cluster('red-lab'), demo.cluster('blue-prod')];
    const warning = `konvoy-async-plugin: The Konvoy profile "default-profile" gives one token to 2 clusters: ${a}, ${b}. To give each its own: dkp-auth check --fix\n`;
    assert.ok(first.stderr.startsWith(warning), first.stderr);
    assert.deepEqual([...(await keptTokens(home)).keys()], [null]);

    const second = await call(home, { env: saysLittle() }).ended;
    assert.deepEqual([tokenOf(second), second.stderr], [tokenOf(first), '']);

    const [mark = ''] = (await home.files()).filter(file => file.endsWith('.warned'));
    const age = async (ms: number) => {
      const time = new Date(Date.now() - ms);
      await fs.utimes(home.path(mark), time, time);
    };
    await age(dayMs - 60_000);
    assert.equal((await call(home, { env: saysLittle() }).ended).stderr, '');
    await age(dayMs + 1000);
    const together = Array.from({ length: 4 }, () => call(home, { env: saysLittle() }).ended);
    const said = (await Promise.all(together)).map(({ stderr }) => stderr).filter(text => text !== '');
    assert.deepEqual(said, [warning]);
    await age(-2 * dayMs);
    assert.equal((await call(home, { env: saysLittle() }).ended).stderr, warning);

    const own = await call(home, { env: says('red-lab', { interactive: false }) }).ended;
    assert.equal(own.code, 3, 'a caller that names its cluster never gets the shared token');
    assert.equal(own.stdout, '');
  });

  it('shares the token where no kubeconfig tells the cluster', async t => {
    const home = await temporaryHome(t);
    const ended = await signsIn(call(home, { env: saysLittle() }));
    tokenOf(ended);
    assert.match(ended.stderr, /^konvoy-async-plugin: It cannot be seen which cluster .*check --fix$/m);
  });

  it('counts what $KUBECONFIG names in place of the usual file, and skips what cannot be read', async t => {
    const home = await homeWith(t, 'blue-prod');
    await writeKonvoyKubeconfig(demo, home.path('one.yaml'), [{ cluster: 'red-lab' }]);
    await fs.writeFile(home.path('broken.yaml'), ': [');
    const KUBECONFIG = ['one.yaml', 'missing.yaml', 'broken.yaml'].map(name => home.path(name)).join(':');
    await signsIn(call(home, { env: { ...saysLittle(), KUBECONFIG } }));
    assert.deepEqual([...(await keptTokens(home)).keys()], [demo.cluster('red-lab').server]);
  });

  it('ends with exit code 3 and the command where nobody can be asked, and asks no server', async t => {
    const home = await temporaryHome(t);
    await writeKonvoyKubeconfig(demo, home.path('.kube', 'config'), [
      { cluster: 'red-lab', user: 'nobody to ask' },
    ]);
    const browser = await recordingBrowser(t);
    const env = { ...saysLittle(false), BROWSER: browser.command };
    const ended = await call(home, { user: 'nobody to ask', env }).ended;
    assert.equal(ended.stdout, '');
    const message = /The Konvoy profile "nobody to ask" needs a login\./;
    assertRefused(ended, {
      exit: 3,
      message,
      hint: /^Run in a terminal: kubectl --context=red-lab get namespaces$/m,
    });
    assert.equal(browser.wasOpened(), false);
    assert.equal((await keptTokens(home)).size, 0);
  });

  it('opens a browser, whose noise does not reach stdout, unless told not to', async t => {
    const browser = await recordingBrowser(t);
    const home = await temporaryHome(t);
    const env = { ...says('red-lab'), BROWSER: browser.command };
    const quiet = call(home, { env, args: ['-no-browser-exec'] });
    tokenOf(await signsIn(quiet));
    assert.equal(browser.wasOpened(), false);
    const ended = await signsIn(call(home, { env: { ...env, ...says('blue-prod') } }));
    tokenOf(ended);
    assert.match((await browser.opened())[0] ?? '', /^https:\/\/127\.0\.0\.1:\d+\/dex\/auth/);
  });

  it('does not hand out a token that is about to end', async t => {
    const { home, file } = await withToken(t);
    const kept = JSON.parse(await fs.readFile(home.path(file), 'utf8'));
    const ends = async (seconds: number) => {
      const expiresAt = Math.floor(Date.now() / 1000) + seconds;
      await fs.writeFile(home.path(file), JSON.stringify({ ...kept, expiresAt }));
      return call(home, { env: says('red-lab', { interactive: false }) }).ended;
    };
    assert.equal((await ends(120)).code, 0);
    assert.equal((await ends(25)).code, 3);
    assert.equal((await ends(-1)).code, 3);
  });

  it('stays with the account of its first login', async t => {
    const { home, file } = await withToken(t);
    const kept = JSON.parse(await fs.readFile(home.path(file), 'utf8'));
    await fs.writeFile(home.path(file), JSON.stringify({ ...kept, expiresAt: 1 }));
    const ended = await signsIn(call(home, { env: says('red-lab') }), 'ravi');
    const message = /You signed in as ravi@corp\.example, but this profile belongs to ada@corp\.example/;
    assertRefused(ended, { exit: 4, message, hint: /remove \S+\.json to begin anew/ });
    assert.equal(ended.stdout, '');
    assert.equal(JSON.parse(await fs.readFile(home.path(file), 'utf8')).expiresAt, 1);
  });

  const wrong = {
    'other-key': [1, /is not signed by the issuer's keys/],
    'other-issuer': [1, /The token is not from https:/],
    'wrong-audience': [1, /is meant for another-client/],
    old: [1, /is older than this login/],
    expired: [1, /has expired/],
  } as const;
  for (const [fault, [exit, message]] of Object.entries(wrong)) {
    it(`refuses a token that is wrong (${fault}), and keeps nothing`, async t => {
      const own = await startDemo(smallestPortal);
      t.after(() => own.close());
      own.faults.set('token', fault as keyof typeof wrong);
      const home = await temporaryHome(t);
      const { server, ca } = own.cluster('kubernetes-cluster');
      const cluster = { name: '', hostname: '', server, ca };
      const program = callPlugin(own, home, { env: kubectlSays({ cluster }, { interactive: true }) });
      await own.signIn(await program.address(), own.user('ada'));
      const ended = await program.ended;
      assertRefused(ended, { exit, message });
      assert.equal(ended.stdout, '');
      assert.equal((await keptTokens(home)).size, 0);
    });
  }

  const elsewhere: Record<string, [Record<string, unknown>, RegExp, RegExp?]> = {
    'another certificate authority': [
      { 'certificate-authority-data': Buffer.from(demo.cluster('blue-prod').ca).toString('base64') },
      /trusts another certificate authority for https:\S+ than the platform names/,
      /^Kubeconfig: ([0-9A-F]{2}:){31}[0-9A-F]{2}\nPlatform: {3}([0-9A-F]{2}:){31}[0-9A-F]{2}$/m,
    ],
    'no TLS': [{ server: 'http://127.0.0.1:1' }, /asks for a token for http:\S+, which is not the https/],
    'no check of the certificate': [{ 'insecure-skip-tls-verify': true }, /insecure-skip-tls-verify/],
    'another name in the certificate': [{ 'tls-server-name': 'evil.example' }, /tls-server-name/],
  };
  for (const [what, [cluster, message, hint]] of Object.entries(elsewhere)) {
    it(`asks for no token for a cluster with ${what}`, async t => {
      const { home } = await withToken(t);
      const ended = await call(home, { env: says('red-lab', { cluster }) }).ended;
      assertRefused(ended, { exit: 4, message, ...(hint && { hint }) });
      assert.equal(ended.stdout, '');
    });
  }

  it('refuses it as well where only the kubeconfig says so', async t => {
    const home = await temporaryHome(t);
    await writeKonvoyKubeconfig(demo, home.path('.kube', 'config'), [
      { cluster: 'red-lab' },
      { cluster: 'blue-prod', server: 'http://127.0.0.1:1' },
    ]);
    const ended = await call(home, { env: saysLittle() }).ended;
    assertRefused(ended, { exit: 4, message: /which is not the https address/ });
  });

  it('says so when a server is none that the platform lists', async t => {
    const home = await temporaryHome(t);
    const env = says('red-lab', { cluster: { server: 'https://127.0.0.1:9' } });
    const ended = await signsIn(call(home, { env }));
    tokenOf(ended);
    assert.match(ended.stderr, /does not list https:\/\/127\.0\.0\.1:9; your kubeconfig does/);
    assert.equal((await call(home, { env: says('red-lab', { interactive: false }) }).ended).code, 3);
  });

  it('signs in once for many calls at once', async t => {
    const home = await homeWith(t, 'red-lab');
    const calls = Array.from({ length: 5 }, () => call(home, { env: saysLittle() }));
    const address = await Promise.any(calls.map(program => program.address()));
    await demo.signIn(address, demo.user('ada'));
    const tokens = (await Promise.all(calls.map(({ ended }) => ended))).map(ended => tokenOf(ended));
    assert.equal(new Set(tokens).size, 1);
    const shown = await Promise.all(calls.map(async ({ ended }) => (await ended).stderr));
    assert.equal(shown.filter(text => /^https:/m.test(text)).length, 1);
  });

  it('does not begin a login of its own after the one it waited for has failed', async t => {
    const own = await startDemo(smallestPortal);
    t.after(() => own.close());
    const home = await temporaryHome(t);
    await writeKonvoyKubeconfig(own, home.path('.kube', 'config'), [{ cluster: 'kubernetes-cluster' }]);
    const calls = Array.from({ length: 3 }, () => callPlugin(own, home, { env: saysLittle() }));
    await Promise.any(calls.map(program => program.address()));
    own.faults.set('query', 'wrong-code');
    const ended = await Promise.all(calls.map(program => program.ended));
    assert.deepEqual(ended.map(({ code }) => code).sort(), [1, 3, 3]);
    assert.equal(ended.filter(({ stderr }) => /^https:/m.test(stderr)).length, 1);
  });

  it('does not wait for a person when nobody can be asked', async t => {
    const home = await homeWith(t, 'red-lab');
    const asking = call(home, { env: saysLittle() });
    await asking.address();
    const ended = await call(home, { env: saysLittle(false) }).ended;
    assertRefused(ended, {
      exit: 3,
      message: /needs a login/,
      hint: /^Another call is waiting for a person to sign in\.$/m,
    });
    asking.kill('SIGTERM');
    assert.equal((await asking.ended).code, 143);
  });

  it('reads no token that others could have written', async t => {
    const { home, file } = await withToken(t);
    await fs.chmod(home.path(file), 0o644);
    const ended = await call(home, { env: says('red-lab') }).ended;
    assertRefused(ended, { exit: 1, message: /can be read or written by others/ });
    assert.equal(ended.stdout, '');
  });

  it('prints the token when it cannot be kept, and says so', async t => {
    const home = await temporaryHome(t);
    const env = { ...says('red-lab') };
    const program = call(home, { env });
    const address = await program.address();
    const [lock = ''] = (await home.files()).filter(file => file.endsWith('.json.lock'));
    await fs.mkdir(home.path(lock.replace(/\.lock$/, '')));
    await demo.signIn(address, demo.user('ada'));
    const ended = await program.ended;
    tokenOf(ended);
    assert.match(ended.stderr, /The token could not be kept in .*konvoy, so the next call asks again/);
  });

  it('has nothing to do with a profile of the same name', async t => {
    const home = await temporaryHome(t);
    tokenOf(await signsIn(call(home, { user: 'prod', env: says('red-lab') })));
    const ended = await runProgram(['token', '--profile', 'prod'], {
      env: { ...home.env, ...says('red-lab') },
    });
    assertRefused(ended, { exit: 2, message: /There is no profile "prod"/ });
    const [kept = ''] = (await home.files()).filter(file => /konvoy\/.*\.json$/.test(file));
    const name = kept.replace(/.*\//, '').replace('.json', '');
    assertRefused(await runProgram(['token', '--profile', name], { env: home.env }), {
      exit: 2,
      message: /The profile name ".*" may hold/,
    });
  });

  it('refuses hostile arguments before anything is read, asked or written', async t => {
    const home = await temporaryHome(t);
    const [url = '', , ca = ''] = konvoyArguments(demo);
    const hostile = [
      [url, ca, '-kubeconfig-user=../../x'],
      [url, ca, '-kubeconfig-user=a\u001b]0;evil\u0007/b'],
      [url, ca, '-exec=/bin/sh'],
      [url, ca, '\u001b[2J'],
      [ca, '-auth-url=http://127.0.0.1:1/token/'],
      [ca, '-auth-url=file:///etc/passwd'],
      [url, '-ca-data=AAAA'],
    ];
    for (const args of hostile) {
      const ended = await runProgram(args, {
        env: { ...home.env, ...says('red-lab') },
        program: konvoyPlugin,
      });
      assertRefused(ended, { exit: 2, message: /./ });
      assert.equal(ended.stdout, '');
    }
    assert.deepEqual(await home.files(), []);
  });

  it('keeps stdout for the answer: help and a caller that it does not understand are told on stderr', async t => {
    const home = await temporaryHome(t);
    const help = await runProgram(['--help'], { env: home.env, program: konvoyPlugin });
    assert.deepEqual([help.code, help.stdout], [0, '']);
    assert.match(help.stderr, /^Usage: konvoy-async-plugin/m);
    for (const KUBERNETES_EXEC_INFO of ['{', '{"apiVersion":"client.authentication.k8s.io/v1alpha1"}']) {
      const ended = await call(home, { env: { KUBERNETES_EXEC_INFO } }).ended;
      assert.deepEqual([ended.code, ended.stdout], [2, '']);
    }
  });
});
