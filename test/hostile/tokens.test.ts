import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Demo, type FaultOf, startDemo } from '../../source/demo/index.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import {
  assertNoToken,
  assertPlain,
  assertRefused,
  contentsOf,
  type Refusal,
} from '../helpers/plain-output.ts';
import { answeredLogin, logIn, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf } from '../helpers/program.ts';

type TestContext = Parameters<typeof temporaryHome>[0];

const invalid = (message: RegExp): Refusal => ({ exit: 1, message });
const refused: Partial<Record<FaultOf<'token'> & string, Refusal>> = {
  'other-issuer': invalid(/The token is not from https:\/\/127\.0\.0\.1:\d+\/dex\./),
  'other-key': invalid(/is not signed by the issuer's keys/),
  'wrong-audience': invalid(/is meant for another-client, but this cluster accepts kube-apiserver/),
  old: invalid(/is older than this login/),
  expired: invalid(/has expired/),
  unsigned: invalid(/is signed in a way that proves nothing/),
  'not-a-jwt': invalid(/The token cannot be read/),
  'hostile-claims': invalid(/holds claims of a wrong kind/),
};

async function setUp(test: TestContext): Promise<{ demo: Demo; home: Home }> {
  const demo = await startDemo(smallestPortal);
  test.after(() => demo.close());
  return { demo, home: await temporaryHome(test) };
}

/** Once the person has signed in, the token service hands out what a test makes of plausible claims. */
function handOut(demo: Demo, claims: (plausible: object) => Record<string, unknown>): void {
  const plausible = {
    iss: demo.document.issuer,
    sub: 'ada',
    aud: 'kube-apiserver',
    iat: Math.floor(Date.now() / 1000) + 2,
    exp: Math.floor(Date.now() / 1000) + 3600,
  };
  demo.intercept('/token/async/auth/callback', () => {
    demo.intercept('/token/async/query', ({ response }) => {
      response.end(JSON.stringify({ token: demo.mint(claims(plausible)), ready: true }));
    });
    return false;
  });
}

describe('a token that is not what this login asked for is refused, and nothing is stored', {
  concurrency: 4,
}, () => {
  for (const [fault, expected] of Object.entries(refused)) {
    it(fault, async test => {
      const { demo, home } = await setUp(test);
      demo.faults.set('token', fault as FaultOf<'token'>);
      const ended = await logIn(demo, [...answeredLogin(demo), '--json'], { home });
      assertRefused(ended, expected);
      assert.equal(jsonOf<{ error: { code: string } }>(ended).error.code, 'TOKEN_INVALID');
      assert.deepEqual(await contentsOf(home), {});
    });
  }

  it("another account than the profile's", async test => {
    const { demo, home } = await setUp(test);
    assert.equal((await logIn(demo, answeredLogin(demo), { home })).code, 0);
    const before = await contentsOf(home);
    demo.faults.set('token', 'other-account');
    const ended = await logIn(demo, answeredLogin(demo), { home });
    assertRefused(ended, {
      exit: 4,
      message: /You signed in as mallory@corp\.example, but this profile belongs to ada@corp\.example/,
      hint: /Nothing was stored/,
    });
    assert.deepEqual(await contentsOf(home), before);
  });

  it('a date that no calendar has', async test => {
    const { demo, home } = await setUp(test);
    handOut(demo, claims => ({ ...claims, exp: 1e300 }));
    assertRefused(await logIn(demo, answeredLogin(demo), { home }), invalid(/claims of a wrong kind/));
    assert.deepEqual(await contentsOf(home), {});
  });

  it('keys that the issuer published yesterday', async test => {
    const { demo, home } = await setUp(test);
    const login = logIn(demo, answeredLogin(demo), { home });
    const rotate = async () => {
      await demo.rotateKeys({ keepOld: false });
      return false;
    };
    demo.intercept('/dex/keys', rotate, { times: 1 });
    assertRefused(await login, invalid(/is not signed by the issuer's keys/));
    assert.deepEqual(await contentsOf(home), {});
  });
});

it('names in a good token reach the terminal, the profile and the JSON result as text only', async test => {
  const { demo, home } = await setUp(test);
  const evil = '\u001b]52;c;ZXZpbA==\u0007\u001bP1$r\u001b\\\u009b2J\u202e\u200b\r\n';
  handOut(demo, claims => ({
    ...claims,
    email: `ada${evil}@corp.example`,
    groups: [`admins${evil}`, evil],
  }));
  const ended = await logIn(demo, [...answeredLogin(demo), '--json'], { home });
  assert.equal(ended.code, 0, ended.stderr);
  assertPlain(ended.stdout, 'stdout');
  assertPlain(ended.stderr, 'stderr');
  assertNoToken(ended.stdout, ended.stderr);
  const { profiles } = jsonOf<{ profiles: { account: { label: string; groups: string[] } }[] }>(ended);
  assert.match(profiles[0]?.account.label ?? '', /^ada.*@corp\.example$/);
  assert.match(profiles[0]?.account.groups[0] ?? '', /^admins/);
  for (const [file, content] of Object.entries(await contentsOf(home))) {
    if (!file.startsWith('state/')) assertPlain(content.replaceAll('\t', ' '), file);
  }
});
