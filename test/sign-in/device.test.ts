import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { formBody } from '../../source/demo/client.ts';
import { UserError } from '../../source/errors.ts';
import {
  type DeviceCode,
  type DeviceSignIn,
  type Pace,
  signInWithDevice,
} from '../../source/sign-in/device.ts';
import type { IssuerClient } from '../../source/sign-in/issuer-client.ts';
import { connectIssuer } from '../../source/sign-in/issuer-connection.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { ask, demoForTests } from '../demo/helpers.ts';
import { type Answer, oauthError, startFakeIssuer, tokenAnswer } from '../helpers/fake-issuer.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { userError } from '../helpers/user-error.ts';

const soon = () => AbortSignal.timeout(10_000);

/** Time that passes only when somebody sleeps. */
function fakePace(): Pace & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 1_000_000;
  return {
    slept,
    now: () => now,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      slept.push(milliseconds / 1000);
      now += milliseconds;
    },
  };
}

describe('sign-in with a code at Dex', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-prod'] } });
  const { issuer, ca, clients } = demo.document;
  const http = createHttpClient([ca]);
  after(() => http.close());

  it('gives a token once the code was entered elsewhere', async () => {
    const client: IssuerClient = {
      issuer,
      clientId: clients.public,
      scopes: ['email', 'offline_access'],
      extraParameters: {},
      tokenKind: 'id-token',
    };
    let shown: DeviceCode | undefined;
    const pace = fakePace();
    const { token, refreshToken } = await signInWithDevice(await connectIssuer(http, client, soon()), {
      clusters: [{ kind: 'dex-client', client: 'red-prod' }],
      audiences: ['red-prod'],
      showCode: code => {
        shown = code;
      },
      signal: soon(),
      pace: {
        now: pace.now,
        // The person enters the code while the program waits for the second time.
        async sleep(milliseconds, signal) {
          await pace.sleep(milliseconds, signal);
          if (pace.slept.length !== 2) return;
          const entered = await ask(
            demo,
            '/dex/device/auth/verify_code',
            formBody({ user_code: shown?.userCode ?? '' }),
          );
          await demo.signIn(new URL(String(entered.headers['location']), issuer).href, demo.user('ada'));
        },
      },
    });
    assert.equal(token.account.label, demo.user('ada').email);
    assert.ok(token.audience.includes('red-prod'));
    assert.ok(refreshToken);
    assert.equal(shown?.verificationUri.href, `${issuer}/device`);
    assert.match(shown?.verificationUriComplete?.href ?? '', /\/device\?user_code=/);
  });
});

describe('sign-in with a code', async () => {
  const fake = await startFakeIssuer({ after }, { silenceMs: 200 });
  const device = {
    device_code: 'the-device-code',
    user_code: 'ABCD-EFGH',
    verification_uri: 'https://login.example/device',
    expires_in: 300,
  };
  const pending = oauthError('authorization_pending');

  /** Answers of the token endpoint in their order; the last one stays. */
  async function login(
    polls: readonly (Answer | 'token')[],
    more: Record<string, unknown> = {},
    options: Partial<DeviceSignIn> = {},
  ) {
    const pace = fakePace();
    const troubles: (UserError | undefined)[] = [];
    const token = tokenAnswer(await fake.idToken({ nonce: undefined }));
    let next = 0;
    fake.requests.length = 0;
    fake.answers.set('/device', { ...device, ...more });
    fake.answers.set('/token', () => {
      const answer = polls[Math.min(next++, polls.length - 1)] ?? pending;
      return answer === 'token' ? token : answer;
    });
    const shown: DeviceCode[] = [];
    const signedIn = signInWithDevice(await fake.connect(), {
      showCode: code => void shown.push(code),
      onTrouble: trouble => void troubles.push(trouble),
      signal: soon(),
      pace,
      ...options,
    });
    const outcome = await signedIn.then(
      value => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
    return {
      ...outcome,
      code: shown[0],
      slept: pace.slept,
      troubles,
      polled: fake.requestsTo('/token').length,
    };
  }

  it('shows the address with the code in it, the code to compare, and until when', async () => {
    const complete = 'https://login.example/device?user_code=ABCD-EFGH';
    const { code, value } = await login(['token'], { verification_uri_complete: complete });
    assert.equal(code?.userCode, 'ABCD-EFGH');
    assert.equal(code?.verificationUri.href, 'https://login.example/device');
    assert.equal(code?.verificationUriComplete?.href, complete);
    assert.equal(code?.expiresAt, 1_300_000);
    assert.equal(value?.token.account.subject, 'ada');
    assert.equal(value?.refreshToken, 'the-refresh-token');
  });

  it('shows the address alone where the issuer gives no more', async () => {
    const { code } = await login(['token']);
    assert.equal(code?.verificationUriComplete, undefined);
  });

  it('knows the address under the name it had in a draft', async () => {
    const { code, error } = await login(['token'], {
      verification_uri: undefined,
      verification_url: 'https://www.google.com/device',
    });
    assert.equal(error, undefined);
    assert.equal(code?.verificationUri.host, 'www.google.com');
  });

  it('asks no more often than it was told, from the first time on', async () => {
    const { slept, polled } = await login([pending, pending, pending, 'token'], { interval: 7 });
    assert.deepEqual(slept, [7, 7, 7, 7]);
    assert.equal(polled, 4);
  });

  it('asks every five seconds where nobody said how often', async () => {
    assert.deepEqual((await login([pending, 'token'])).slept, [5, 5]);
  });

  it('asks five seconds later each time it is told to slow down, and stays so', async () => {
    const slow = oauthError('slow_down');
    assert.deepEqual((await login([slow, pending, slow, pending, 'token'])).slept, [5, 10, 10, 15, 15]);
  });

  it('ends when the person refuses', async () => {
    const { error, polled } = await login([pending, oauthError('access_denied', 'no\u001b[2J thanks')]);
    userError('LOGIN_DENIED', /access_denied \(no thanks\)/)(error);
    assert.equal(polled, 2);
  });

  it('ends when the code expired, and says that there is a new one to be had', async () => {
    const { error } = await login([oauthError('expired_token')]);
    userError('LOGIN_TIMEOUT', /expired[\s\S]*new code/)(error);
  });

  it('ends by itself when the issuer never says that the code expired', async () => {
    const { error, slept, polled } = await login([pending], { expires_in: 12 });
    userError('LOGIN_TIMEOUT', /expired/)(error);
    assert.deepEqual(slept, [5, 5, 2]);
    assert.equal(polled, 2);
  });

  it('ends in an hour at most, whatever the issuer says', async () => {
    const { error, code } = await login([pending], { expires_in: 1e12, interval: 600 });
    userError('LOGIN_TIMEOUT', /expired/)(error);
    assert.equal(code?.expiresAt, 1_000_000 + 3_600_000);
  });

  it('goes on after cut connections, silence and pages of a proxy, more and more slowly, and tells of it', async () => {
    const proxy: Answer = {
      raw: '<html>Bad Gateway</html>',
      status: 502,
      headers: { 'content-type': 'text/html' },
    };
    const { value, slept, troubles } = await login(['cut', 'cut', proxy, 'hang', pending, 'token']);
    assert.equal(value?.token.account.subject, 'ada');
    assert.deepEqual(slept, [5, 10, 20, 40, 60, 5]);
    assert.deepEqual(
      troubles.map(trouble => trouble?.code),
      ['NETWORK', 'NETWORK', 'ISSUER_ANSWER', 'NETWORK', undefined],
    );
  });

  it('goes on when the issuer is in trouble and says so as JSON', async () => {
    const { value } = await login([
      oauthError('server_error'),
      { raw: '{"error":"x"}', status: 503 },
      { raw: '', status: 429 },
      'token',
    ]);
    assert.equal(value?.token.account.subject, 'ada');
  });

  it('takes an answer that is JSON but does not say so, as Dex sends it', async () => {
    const raw = JSON.stringify(tokenAnswer(await fake.idToken({ nonce: undefined })));
    const { error } = await login([
      pending,
      { raw, headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ]);
    assert.equal(error, undefined);
  });

  it('shows nothing that could harm a terminal', async () => {
    const { code, error } = await login(['token'], {
      user_code: 'AB\u001b]52;c;aGFjaw==\u0007CD\u202e\r\nEFGH',
      verification_uri_complete: 'https://login.example/\u001b[2J',
    });
    assert.equal(error, undefined);
    assertPlain(code?.userCode ?? '');
    assert.match(code?.userCode ?? '', /^ABCD EFGH$/);
    assert.equal(code?.verificationUriComplete, undefined);
  });

  for (const address of [
    'http://login.example/device',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://login.example@evil.example/',
    'https://login.example/\u202edevice',
    'not an address',
  ]) {
    it(`sends nobody to ${JSON.stringify(address)}`, async () => {
      const { error, code, polled } = await login(['token'], { verification_uri: address });
      userError('ISSUER_ANSWER', /no https address/)(error);
      assert.equal(code, undefined);
      assert.equal(polled, 0);
    });
  }

  it('is refused where the issuer does not offer it', async () => {
    fake.metadata = { device_authorization_endpoint: undefined };
    const { error } = await login(['token']);
    userError('SIGN_IN_NOT_OFFERED', /does not offer device codes/)(error);
    fake.metadata = {};
  });

  it('uses PKCE where the issuer knows it, and not elsewhere', async () => {
    fake.metadata = { code_challenge_methods_supported: ['S256', 'plain'] };
    await login([pending, 'token']);
    const asked = fake.requestsTo('/device').at(-1)?.form;
    assert.equal(asked?.get('code_challenge_method'), 'S256');
    const verifiers = fake.requestsTo('/token').map(({ form }) => form.get('code_verifier'));
    assert.equal(new Set(verifiers).size, 1);
    assert.ok((verifiers[0] ?? '').length >= 43);
    fake.metadata = {};
    await login(['token']);
    assert.equal(fake.requestsTo('/device').at(-1)?.form.has('code_challenge'), false);
    assert.equal(fake.requestsTo('/token').at(-1)?.form.has('code_verifier'), false);
  });

  it('sends its scopes and extra parameters', async () => {
    await login(['token']);
    const asked = fake.requestsTo('/device').at(-1)?.form;
    assert.equal(asked?.get('scope'), 'openid email');
    assert.equal(asked?.get('client_id'), 'test-client');
  });

  it('says what is wrong with an answer that makes no sense', async () => {
    for (const more of [{ device_code: undefined }, { user_code: 7 }, { expires_in: 'soon' }]) {
      userError('ISSUER_ANSWER', /missing or of a wrong kind/)((await login(['token'], more)).error);
    }
  });

  it('refuses a token that was made before the login began', async () => {
    const iat = Math.floor(Date.now() / 1000) - 600;
    const old = tokenAnswer(await fake.idToken({ nonce: undefined, iat }));
    userError('TOKEN_INVALID', /older than this login/)((await login([old])).error);
  });

  it('stops when the person leaves', async () => {
    const stop = new AbortController();
    const options = {
      signal: stop.signal,
      showCode: () => stop.abort(new UserError('CANCELLED', 'Cancelled.')),
    };
    const { error, polled } = await login([pending], {}, options);
    userError('CANCELLED')(error);
    assert.equal(polled, 0);
  });
});
