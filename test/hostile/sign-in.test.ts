import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { beginPortalSignIn } from '../../source/sign-in/portal.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import {
  assertNoToken,
  assertPlain,
  assertRefused,
  contentsOf,
  type Refusal,
} from '../helpers/plain-output.ts';
import { answeredLogin, logIn, smallestPortal } from '../helpers/portal-login.ts';
import { runProgram, startProgram } from '../helpers/program.ts';
import { userError } from '../helpers/user-error.ts';

type TestContext = Parameters<typeof temporaryHome>[0];

async function setUp(test: TestContext): Promise<{ demo: Demo; home: Home }> {
  const demo = await startDemo(smallestPortal);
  test.after(() => demo.close());
  return { demo, home: await temporaryHome(test) };
}

/** Once the login's address is shown, so that only the waiting is disturbed. */
const whileWaiting = (demo: Demo, disturb: () => void) =>
  demo.intercept(
    '/dex/auth/corporate',
    () => {
      disturb();
      return false;
    },
    { times: 1 },
  );

type Case = { readonly disturb: (demo: Demo) => void; readonly expected: Refusal };

const beforeTheAddress: Record<string, Case> = {
  'the page of identity providers is in trouble': {
    disturb: demo => demo.faults.set('choice', 'bad-gateway'),
    expected: { exit: 1, message: /shows no identity provider \(status 502\)/, hint: /administrator/ },
  },
  'the page of identity providers is elsewhere': {
    disturb: demo => demo.faults.set('choice', 'redirect'),
    expected: { exit: 1, message: /shows no identity provider \(status 302\)/ },
  },
  'the page of identity providers never ends': {
    disturb: demo => demo.faults.set('choice', 'huge'),
    expected: { exit: 1, message: /sent more than 5 MB/ },
  },
  "the cluster's own page is cut": {
    disturb: demo => demo.faults.set('login', 'cut'),
    expected: { exit: 1, message: /the connection was cut/ },
  },
  'the first poll is no JSON': {
    disturb: demo => demo.faults.set('query', 'not-json'),
    expected: { exit: 1, message: /\/token\/async\/query is not JSON/ },
  },
};

const afterTheLogin: Record<string, Case> = {
  "the issuer's metadata are not what they should be": {
    disturb: demo => demo.faults.set('discovery', 'wrong-types'),
    expected: { exit: 1, message: /does not publish its metadata as OpenID Connect has it/ },
  },
  "the issuer's metadata are elsewhere": {
    disturb: demo => demo.faults.set('discovery', 'redirect'),
    expected: { exit: 1, message: /its metadata .*redirect/, hint: /nothing was stored/ },
  },
  'the issuer names another one': {
    disturb: demo => {
      const body = JSON.stringify({ issuer: 'https://evil.example/dex', jwks_uri: 'https://evil.example/k' });
      demo.faults.set('discovery', { body, headers: { 'content-type': 'application/json' } });
    },
    expected: { exit: 1, message: /names another issuer in its metadata: https:\/\/evil\.example\/dex/ },
  },
  "the issuer's keys never end": {
    disturb: demo => demo.faults.set('keys', 'huge'),
    expected: { exit: 1, message: /sent more than 5 MB/ },
  },
  "the issuer's keys are of wrong types": {
    disturb: demo => demo.faults.set('keys', 'wrong-types'),
    expected: { exit: 1, message: /publishes keys that cannot be read/ },
  },
  "the issuer's keys are gone": {
    disturb: demo => demo.faults.set('keys', 'not-found'),
    expected: { exit: 1, message: /keys with status 404/ },
  },
};

describe('a sign-in that is answered wrongly ends with a reason, and nothing is stored', {
  concurrency: true,
}, () => {
  for (const [what, { disturb, expected }] of Object.entries(beforeTheAddress)) {
    it(what, async test => {
      const { demo, home } = await setUp(test);
      disturb(demo);
      assertRefused(await runProgram(answeredLogin(demo), { env: home.env }), expected);
      assert.deepEqual(await contentsOf(home), {});
    });
  }

  for (const [what, { disturb, expected }] of Object.entries(afterTheLogin)) {
    it(what, async test => {
      const { demo, home } = await setUp(test);
      whileWaiting(demo, () => disturb(demo));
      assertRefused(await logIn(demo, answeredLogin(demo), { home }), expected);
      assert.deepEqual(await contentsOf(home), {});
    });
  }

  for (const fault of ['never-ready', 'hang'] as const) {
    it(`nobody is let in (${fault}), and --timeout ends it`, async test => {
      const { demo, home } = await setUp(test);
      const program = startProgram(answeredLogin(demo, '--timeout', '1'), { env: home.env });
      await program.address();
      const shown = Date.now();
      demo.faults.set('query', fault);
      assertRefused(await program.ended, {
        exit: 1,
        message: /Nobody signed in before the login expired/,
        hint: /Begin the login again/,
      });
      assert.ok(Date.now() - shown < 10_000, `took ${Date.now() - shown} ms`);
      assert.deepEqual(await contentsOf(home), {});
    });
  }

  it("somebody else's login takes its place while the person signs in", async test => {
    const { demo, home } = await setUp(test);
    whileWaiting(demo, () => demo.faults.set('query', 'wrong-code'));
    assertRefused(await logIn(demo, answeredLogin(demo), { home }), {
      exit: 1,
      message: /Somebody else's login took the place of this one/,
      hint: /Begin the login again/,
    });
    assert.deepEqual(await contentsOf(home), {});
  });

  it('a portal that forgets every login at once is not taken for a crowd', async test => {
    const { demo } = await setUp(test);
    test.mock.method(Math, 'random', () => 0);
    const link = parseLoginLink(demo.document.loginLinks.global);
    const answers = { POST: [201, JSON.stringify({ authURL: 'https://dkp.example/dex/auth', hmac: 'h' })] };
    const send = async (_: URL, { method }: { method?: string } = {}) => {
      const [status, body] = method === 'POST' ? answers.POST : [404, ''];
      return { status: Number(status), headers: {}, body: String(body) };
    };
    await assert.rejects(
      beginPortalSignIn({ link, http: { send, close: async () => undefined } }),
      userError('PORTAL_ANSWER', /forgets every login.*\n.*--sign-in page/),
    );
  });
});

describe('a sign-in in trouble goes on', { concurrency: true }, () => {
  it('after a wrong code at its beginning: it begins again, and says nothing of it', async test => {
    const { demo, home } = await setUp(test);
    demo.faults.set('query', 'wrong-code', { times: 1 });
    const ended = await logIn(demo, answeredLogin(demo), { home });
    assert.equal(ended.code, 0, ended.stderr);
    assert.doesNotMatch(ended.stderr, /place|again/);
  });

  it('through three bad polls: it tells of them once', async test => {
    const { demo, home } = await setUp(test);
    whileWaiting(demo, () => demo.faults.set('query', 'bad-gateway', { times: 3 }));
    const ended = await logIn(demo, answeredLogin(demo), { home });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr.match(/^Still waiting: .*status 502\.$/gm)?.length, 1, ended.stderr);
    assertPlain(ended.stderr);
    assertNoToken(ended.stdout, ended.stderr);
  });

  it('when every answer is slow', async test => {
    const { demo, home } = await setUp(test);
    demo.faults.set('providers', 'slow', { times: 1 });
    demo.faults.set('keys', 'slow', { times: 1 });
    const ended = await logIn(demo, answeredLogin(demo), { home });
    assert.equal(ended.code, 0, ended.stderr);
  });
});
