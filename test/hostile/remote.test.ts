import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { call } from '../../source/demo/client.ts';
import { demoForTests } from '../demo/helpers.ts';
import { type FakeIssuer, fakeClientId, oauthError, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { answeredLogin, logIn, loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, type Program, runProgram, startProgram } from '../helpers/program.ts';

type Test = Parameters<typeof temporaryHome>[0];

const evil = '\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202e\u200b\r\nx';
const question = ['--method', '2', '--profile', 'prod', '--credential-store', 'file', '--no-browser'];

/** The built program at an issuer that does what a test wants, by a browser on this machine or with a code. */
async function atIssuer(
  test: Test,
  fake: FakeIssuer,
  way: 'browser' | 'device' = 'browser',
): Promise<{ home: Home; program: Program; left(): Promise<string[]> }> {
  const home = await temporaryHome(test);
  const file = home.path('portal.yaml');
  const clusters = [{ name: 'one', server: 'https://one.example.com:6443' }];
  const described = { issuer: fake.url, ca: fake.ca, client: { id: fakeClientId }, clusters };
  await writeFile(file, stringify({ apiVersion: 'dkp-auth/v1', kind: 'PortalFile', ...described }));
  const args = ['login', '--portal-file', file, '--cluster', 'one', ...question, '--sign-in', way, '--json'];
  const program = startProgram([...args, '--timeout', '20'], { env: home.env });
  const left = async () =>
    (await home.files()).filter(each => /^(state\/(credentials|sessions)|kube)\//.test(each));
  return { home, program, left };
}

/** What the program's listener answers to a web page that calls it. */
async function callListener(url: URL, headers: Record<string, string> = {}) {
  return call(url, { headers });
}

describe('a mix-up of two issuers', { concurrency: true }, () => {
  it('by metadata that lead to another one’s page is refused before anybody is sent there', async test => {
    const [honest, attacker] = [await startFakeIssuer(test), await startFakeIssuer(test)];
    attacker.metadata = { authorization_endpoint: `${honest.url}/auth` };
    const { program, left } = await atIssuer(test, attacker);
    const ended = await program.ended;
    assertRefused(ended, { exit: 1, message: /has people sign in at 127\.0\.0\.1:\d+, which is neither/ });
    assert.doesNotMatch(ended.stderr, /^https:/m);
    assert.deepEqual(await left(), []);
  });

  it('by a redirect to another one’s page ends where that one names itself, and its code is sent to nobody', async test => {
    const [honest, attacker] = [await startFakeIssuer(test), await startFakeIssuer(test)];
    const { program, left } = await atIssuer(test, attacker);
    // The attacker's page sends the browser on to the honest one, with all that we sent.
    const asked = new URL(await program.address());
    await callListener(honest.accept(asked, { iss: honest.url }));
    assertRefused(await program.ended, { exit: 1, message: /in the name of another issuer/ });
    assert.deepEqual([attacker.requestsTo('/token'), honest.requestsTo('/token')], [[], []]);
    assert.deepEqual(await left(), []);
  });
});

describe('the listener of the built program', { concurrency: true }, () => {
  it('lets nobody in who has no state, a wrong one, another host or another page’s script; the person comes in afterwards', async test => {
    const fake = await startFakeIssuer(test);
    const { program, home } = await atIssuer(test, fake);
    const answer = fake.accept(new URL(await program.address()));
    const change = (edit: (url: URL) => void) => {
      const url = new URL(answer);
      edit(url);
      return url;
    };
    const injected = (state: string | undefined) =>
      change(({ searchParams }) => {
        searchParams.set('code', 'the-attackers-code');
        if (state === undefined) searchParams.delete('state');
        else searchParams.set('state', state);
      });
    const replies = await Promise.all([
      callListener(injected(undefined)),
      callListener(injected('x'.repeat(43))),
      callListener(answer, { host: `rebound.example:${answer.port}` }),
      callListener(answer, { 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' }),
      callListener(
        change(url => {
          url.pathname = '//evil.example/callback';
        }),
      ),
      callListener(change(({ searchParams }) => searchParams.append('state', 'second'))),
    ]);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [400, 400, 421, 403, 404, 400],
    );
    for (const { headers, body } of replies) {
      assert.equal(headers['location'], undefined);
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.doesNotMatch(body, /attackers|evil|code/);
    }
    assert.equal(fake.requestsTo('/token').length, 0);
    const good = await callListener(answer);
    assert.equal(good.status, 200);
    assert.equal(good.headers['location'], undefined);
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(fake.requestsTo('/token')[0]?.form.get('code'), 'the-code');
    assert.ok((await home.files()).includes('state/credentials/prod.json'));
  });

  it('is no open redirector, whatever the answer asks for', async test => {
    const fake = await startFakeIssuer(test);
    const { program } = await atIssuer(test, fake);
    const answer = fake.accept(new URL(await program.address()), {
      next: 'https://evil.example/',
      redirect_uri: 'https://evil.example/',
      return_to: '//evil.example',
    });
    const { status, headers, body } = await callListener(answer);
    assert.deepEqual([status, headers['location'], headers['refresh']], [200, undefined, undefined]);
    assert.doesNotMatch(body, /evil/);
    assert.equal((await program.ended).code, 0);
  });

  it('has a code of another login refused by the issuer, for its proof is another one', async test => {
    const demo = await demoForTests(smallestPortal);
    const homes = await Promise.all([temporaryHome(test), temporaryHome(test)]);
    const [attacker, victim] = await Promise.all(
      homes.map(async home => {
        const file = await writePortalFile(demo, home, { clusters: ['kubernetes-cluster'] });
        const args = [
          'login',
          '--portal-file',
          file,
          '--all-clusters',
          ...question,
          '--sign-in',
          'browser',
          '--json',
        ];
        const program = startProgram(args, { env: home.env });
        return { program, address: new URL(await program.address()) };
      }),
    );
    assert.ok(attacker !== undefined && victim !== undefined);
    const state = victim.address.searchParams.get('state') ?? '';
    const to = victim.address.searchParams.get('redirect_uri') ?? '';
    // A code that the issuer made for the attacker, brought to the victim with the state that the victim waits for.
    const forged = new URL(attacker.address);
    forged.searchParams.set('state', state);
    forged.searchParams.set('redirect_uri', to);
    await demo.signIn(forged.href, demo.user('ravi')).catch(() => undefined);
    const ended = await victim.program.ended;
    assertRefused(ended, { exit: 1, message: /refused: invalid_grant|made for another login/ });
    assert.deepEqual(
      (await homes[1]?.files())?.filter(file => file.startsWith('state/credentials')),
      [],
    );
    attacker.program.kill('SIGTERM');
    await attacker.program.ended;
  });
});

describe('a downgrade to http', { concurrency: true }, () => {
  for (const field of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    it(`by the ${field} of an issuer sends nothing and nobody there`, async test => {
      const fake = await startFakeIssuer(test);
      fake.metadata = { [field]: `${fake.url.replace('https:', 'http:')}/x` };
      const { program, left } = await atIssuer(test, fake);
      // The address of the tokens is looked at when there is a code to send.
      await program.address().then(
        address => callListener(fake.accept(new URL(address))),
        () => undefined,
      );
      const ended = await program.ended;
      assertRefused(ended, { exit: 1, message: /https|without TLS|address/ });
      assert.doesNotMatch(ended.stderr, /^http:/m);
      assert.deepEqual([fake.requestsTo('/token'), await left()], [[], []]);
    });
  }

  it('by the page for a device code shows nobody the address', async test => {
    const fake = await startFakeIssuer(test);
    const verification_uri = 'http://evil.example/device';
    fake.answers.set('/device', { device_code: 'd', user_code: 'AB', verification_uri, expires_in: 60 });
    const { program } = await atIssuer(test, fake, 'device');
    const ended = await program.ended;
    assertRefused(ended, { exit: 1, message: /gave no https address to enter the code at/ });
    assert.doesNotMatch(ended.stderr, /evil/);
  });

  it('by the issuer that a portal lists is refused', async test => {
    const demo = await demoForTests(smallestPortal);
    const home = await temporaryHome(test);
    const clusters = [
      { name: 'kubernetes-cluster', clusterHostname: 'kubernetes-cluster.dkp.example', ca: '' },
    ];
    const url = demo.document.issuer.replace('https:', 'http:');
    demo.faults.set('providers', { body: JSON.stringify([{ name: 'x', url, clusters }]) });
    assertRefused(await runProgram(answeredLogin(demo), { env: home.env }), {
      exit: 1,
      message: /no cluster that can be used/,
    });
    assert.deepEqual(await contentsOf(home), {});
  });
});

describe('somebody else’s token', { concurrency: true }, async () => {
  const demo = await demoForTests(smallestPortal);

  it('at the first login is shown by its account and pinned; another account is refused from then on', async test => {
    const home = await temporaryHome(test);
    demo.faults.set('token', 'other-account', { times: 1 });
    const first = await logIn(demo, answeredLogin(demo, '--json'), { home });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /^Signed in to kubernetes-cluster as mallory@corp\.example\.$/m);
    const { profiles } = jsonOf<{ profiles: { account: { label: string } }[] }>(first);
    assert.equal(profiles[0]?.account.label, 'mallory@corp.example');
    const before = await contentsOf(home);
    assertRefused(await logIn(demo, answeredLogin(demo), { home }), {
      exit: 4,
      message: /signed in as ada@corp\.example, but this profile belongs to mallory@corp\.example/,
      hint: /another profile|dkp-auth/,
    });
    assert.deepEqual(await contentsOf(home), before);
    const status = await runProgram(['status'], { env: home.env });
    assert.match(status.stdout, /mallory@corp\.example/);
  });
});

describe('a portal whose list points at another portal’s API server', async () => {
  const only = { clusters: ['kubernetes-cluster'], identityProviders: ['corporate'] };
  const [honest, evilPortal] = [await demoForTests({ only }), await demoForTests({ only })];

  it('never sees that portal’s token, and cannot have its own kept under that portal’s profile', async test => {
    const home = await temporaryHome(test);
    assert.equal((await logIn(honest, answeredLogin(honest), { home })).code, 0);
    const before = await contentsOf(home);
    const { server, ca, clusterHostname: name } = honest.cluster('kubernetes-cluster');
    const data = Buffer.from(ca).toString('base64');
    const listed = [{ name, cluster: { server, 'certificate-authority-data': data } }];
    evilPortal.faults.set('kubeconfig', { body: JSON.stringify({ clusters: listed }) });
    const asked = (profile: string) =>
      loginArguments(
        evilPortal,
        ...['--idp', 'corporate', '--cluster', 'kubernetes-cluster', '--method', '1', '--profile', profile],
      );
    assertRefused(await runProgram(asked('prod'), { env: home.env }), {
      exit: 4,
      message: /"prod" is taken by/,
    });
    assert.deepEqual(await contentsOf(home), before);
    evilPortal.forgetRequests();
    honest.forgetRequests();
    const other = await logIn(evilPortal, asked('other'), { home });
    assert.equal(other.code, 0, other.stderr);
    const after = await contentsOf(home);
    const prod = JSON.parse(before['state/credentials/prod.json'] ?? '{}').token;
    const others = JSON.parse(after['state/credentials/other.json'] ?? '{}').token;
    assert.equal(after['state/credentials/prod.json'], before['state/credentials/prod.json']);
    assert.notEqual(prod, others);
    const sent = JSON.stringify(evilPortal.requests.map(({ path, headers, body }) => [path, headers, body]));
    assert.ok(!sent.includes(prod));
    assert.equal(honest.requests.filter(({ bearer }) => bearer !== undefined).length, 0);
  });
});

describe('what servers call things reaches the terminal as text only', { concurrency: true }, () => {
  it('a code, where to enter it, and why it was refused; with advice about codes that somebody sent', async test => {
    const fake = await startFakeIssuer(test);
    fake.answers.set('/device', {
      device_code: 'd',
      user_code: `WDJB-MJHT${evil}`,
      verification_uri: `${fake.url}/device`,
      expires_in: 60,
      interval: 1,
    });
    fake.answers.set('/token', oauthError('access_denied', `no${evil}`));
    const { program } = await atIssuer(test, fake, 'device');
    const ended = await program.ended;
    assertRefused(ended, { exit: 1, message: /refused: access_denied \(no/ });
    assert.match(ended.stderr, /WDJB-MJHT/);
    assert.match(ended.stderr, /never enter a code that somebody sent you/);
  });

  it('an issuer’s refusal in the browser, on the page too', async test => {
    const fake = await startFakeIssuer(test);
    const { program } = await atIssuer(test, fake);
    const answer = fake.accept(new URL(await program.address()), {
      code: undefined,
      error: 'access_denied',
      error_description: `<script>alert(1)</script>${evil}`,
    });
    const { body } = await callListener(answer);
    assert.doesNotMatch(body, /<script>alert/);
    const ended = await program.ended;
    assertRefused(ended, { exit: 1, message: /refused: access_denied/ });
  });

  it('whom an API server takes us for', async test => {
    const demo = await demoForTests(smallestPortal);
    const home = await temporaryHome(test);
    assert.equal((await logIn(demo, answeredLogin(demo), { home })).code, 0);
    const userInfo = { username: `ada${evil}`, groups: [`admins${evil}`, evil] };
    demo.intercept(/selfsubjectreviews/, ({ response }) => {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: { userInfo } }));
    });
    for (const args of [['--check-server'], ['--check-server', '--json'], ['--check-server', 'prod']]) {
      const { stdout, stderr } = await runProgram(['status', ...args], { env: home.env });
      assertPlain(stdout, 'stdout');
      assertPlain(stderr, 'stderr');
      assertNoToken(stdout, stderr);
      assert.match(stdout, /ada/);
    }
  });
});
