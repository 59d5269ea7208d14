import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createAuthority } from '../../source/demo/certificates.ts';
import { claimsOf } from '../../source/demo/keys.ts';
import { type ErrorCode, UserError } from '../../source/errors.ts';
import { type BrowserSignIn, signInWithBrowser } from '../../source/sign-in/browser.ts';
import type { IssuerClient, SignedIn } from '../../source/sign-in/issuer-client.ts';
import { connectIssuer } from '../../source/sign-in/issuer-connection.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import {
  type Answer,
  fakeClientId,
  oauthError,
  startFakeIssuer,
  tokenAnswer,
  visit,
} from '../helpers/fake-issuer.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { userError } from '../helpers/user-error.ts';

const patience = 10_000;
const soon = () => AbortSignal.timeout(patience);

describe('sign-in with a browser at Dex', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-prod', 'kubernetes-cluster'] } });
  const { issuer, ca, clients } = demo.document;
  const http = createHttpClient([ca]);
  after(() => http.close());
  const clientOf = (more: Partial<IssuerClient> = {}): IssuerClient => ({
    issuer,
    clientId: clients.public,
    scopes: ['profile', 'email', 'groups', 'offline_access'],
    extraParameters: { connector_id: 'corporate' },
    tokenKind: 'id-token',
    ...more,
  });

  it('gives a checked token and a refresh token, and the browser a page that says so', async () => {
    const connection = await connectIssuer(http, clientOf(), soon());
    let page: ReturnType<typeof demo.signIn> | undefined;
    const { token, refreshToken, scopes } = await signInWithBrowser(connection, {
      showAddress: async url => {
        page = demo.signIn(url.href, demo.user('ada'));
      },
      timeoutMs: patience,
      signal: soon(),
    });
    assert.equal(token.account.issuer, issuer);
    assert.equal(token.account.label, demo.user('ada').email);
    assert.deepEqual(token.audience, [clients.public]);
    assert.ok(refreshToken);
    assert.ok(scopes.includes('openid') && scopes.includes('offline_access'));
    const last = await page;
    assert.equal(last?.status, 200);
    assert.match(last?.body ?? '', /Signed in as ada@corp\.example/);
    assert.equal(last?.token, undefined);
  });

  it('gets the audience of the clusters it asks for', async () => {
    const connection = await connectIssuer(http, clientOf(), soon());
    const { token } = await signInWithBrowser(connection, {
      clusters: [{ kind: 'dex-client', client: 'red-prod' }],
      audiences: ['red-prod'],
      showAddress: async url => void demo.signIn(url.href, demo.user('ada')),
      timeoutMs: patience,
      signal: soon(),
    });
    assert.ok(token.audience.includes('red-prod'));
  });

  it('with localhost in the redirect address works as well', async () => {
    const connection = await connectIssuer(http, clientOf(), soon());
    const { token } = await signInWithBrowser(connection, {
      redirectHost: 'localhost',
      redirectPath: '/',
      showAddress: async url => {
        assert.match(url.searchParams.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+\/$/);
        void demo.signIn(url.href, demo.user('ada'));
      },
      timeoutMs: patience,
      signal: soon(),
    });
    assert.equal(token.account.label, demo.user('ada').email);
  });

  it('says what the issuer refuses, in the terminal and in the browser', async () => {
    const connection = await connectIssuer(http, clientOf({ scopes: ['nonsense'] }), soon());
    let page: ReturnType<typeof demo.signIn> | undefined;
    await assert.rejects(
      signInWithBrowser(connection, {
        showAddress: async url => {
          page = demo.signIn(url.href, demo.user('ada'));
        },
        timeoutMs: patience,
        signal: soon(),
      }),
      userError('LOGIN_DENIED', /refused: invalid_scope \(Unrecognized scope/),
    );
    assert.match((await page)?.body ?? '', /The login failed[\s\S]*invalid_scope/);
  });

  it('as somebody else than the profile’s account is refused', async () => {
    const connection = await connectIssuer(http, clientOf(), soon());
    await assert.rejects(
      signInWithBrowser(connection, {
        account: { issuer, subject: 'somebody', label: 'somebody@corp.example' },
        showAddress: async url => void demo.signIn(url.href, demo.user('ada')),
        timeoutMs: patience,
        signal: soon(),
      }),
      userError('WRONG_ACCOUNT', /belongs to somebody@corp\.example/),
    );
  });
});

describe('sign-in with a browser', async () => {
  const fake = await startFakeIssuer({ after });
  const reset = () => {
    fake.metadata = {};
    fake.answers.clear();
    fake.requests.length = 0;
  };

  type Outcome = { signedIn: Promise<SignedIn>; page: Promise<string>; url: Promise<URL> };
  /** Signs in with a browser that comes back at once with what the issuer's page answers. */
  function login(
    answer: Record<string, string | undefined> = {},
    options: Partial<BrowserSignIn> = {},
    more: Partial<IssuerClient> = {},
  ): Outcome {
    const shown = Promise.withResolvers<URL>();
    const page = Promise.withResolvers<string>();
    const run = async () =>
      signInWithBrowser(await fake.connect(more), {
        showAddress: async url => {
          shown.resolve(url);
          page.resolve(visit(fake.accept(url, answer)).then(reply => reply.body));
        },
        timeoutMs: patience,
        signal: soon(),
        ...options,
      });
    return { signedIn: run().finally(reset), page: page.promise, url: shown.promise };
  }

  for (const [what, methods] of [
    ['S256 and plain', ['plain', 'S256']],
    ['nothing', undefined],
  ] as const) {
    it(`uses PKCE with S256 where the issuer announces ${what}`, async () => {
      fake.metadata = { code_challenge_methods_supported: methods };
      let verifier = '';
      fake.answers.set('/token', form => {
        verifier = form.get('code_verifier') ?? '';
        return oauthError('invalid_grant');
      });
      const { signedIn, url } = login();
      await assert.rejects(signedIn, userError('LOGIN_DENIED', /invalid_grant/));
      const asked = (await url).searchParams;
      assert.equal(asked.get('code_challenge_method'), 'S256');
      assert.equal(asked.get('code_challenge'), createHash('sha256').update(verifier).digest('base64url'));
      assert.ok(verifier.length >= 43);
    });
  }

  it('is refused where the issuer offers PKCE only in the plain form', async () => {
    fake.metadata = { code_challenge_methods_supported: ['plain'] };
    await assert.rejects(login().signedIn, userError('SIGN_IN_NOT_OFFERED', /S256 is needed/));
  });

  it('sends scopes and extra parameters, openid once, and everything anew for every attempt', async () => {
    const seen = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const extraParameters = { prompt: 'login', login_hint: 'ada', 'tenant-id': 'team-red' };
      const { signedIn, url } = login({}, {}, { scopes: ['openid', 'email', 'groups'], extraParameters });
      await signedIn;
      seen.push((await url).searchParams);
    }
    const [first, second] = seen;
    assert.ok(first && second);
    assert.equal(first.get('scope'), 'openid email groups');
    assert.deepEqual(
      ['prompt', 'login_hint', 'tenant-id', 'response_type', 'client_id'].map(name => first.getAll(name)),
      [['login'], ['ada'], ['team-red'], ['code'], [fakeClientId]],
    );
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.notEqual(first.get(name), second.get(name), name);
      assert.ok((first.get(name) ?? '').length >= 43, name);
    }
  });

  it('asks for clusters by the parameter the issuer has, at both endpoints', async () => {
    let atToken: string | null = null;
    fake.answers.set('/token', form => {
      atToken = form.get('resource');
      return oauthError('invalid_target');
    });
    const { signedIn, url } = login(
      {},
      { clusters: [{ kind: 'resource', resource: 'https://red.example' }] },
    );
    await assert.rejects(signedIn, userError('LOGIN_DENIED', /invalid_target/));
    assert.equal((await url).searchParams.get('resource'), 'https://red.example');
    assert.equal(atToken, 'https://red.example');
  });

  it('proves itself by a secret in the form the issuer announces', async () => {
    const sent = async (methods: string[] | undefined) => {
      fake.metadata = { token_endpoint_auth_methods_supported: methods };
      let secret: string | null = null;
      fake.answers.set('/token', form => {
        secret = form.get('client_secret');
        return oauthError('invalid_grant');
      });
      await assert.rejects(login({}, {}, { clientSecret: 's3cret' }).signedIn, UserError);
      return secret;
    };
    assert.equal(await sent(['client_secret_post', 'client_secret_basic']), 's3cret');
    assert.equal(await sent(['client_secret_basic']), null);
    assert.equal(await sent(undefined), null);
  });

  it('listens on the second port when the first is taken', async t => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => void other.close());
    const { port } = other.address() as { port: number };
    const { signedIn, url } = login(
      {},
      {
        listen: [
          { host: '127.0.0.1', port },
          { host: '127.0.0.1', port: 0 },
        ],
        redirectPath: '/red',
      },
    );
    await signedIn;
    assert.match((await url).searchParams.get('redirect_uri') ?? '', /^http:\/\/127\.0\.0\.1:\d+\/red$/);
  });

  it('redirects to https with a certificate of the person', async () => {
    const authority = createAuthority('own');
    const { key, chain } = authority.issue({ commonName: 'x', dns: [], ip: ['127.0.0.1'] });
    const { signedIn } = login(
      {},
      {
        tls: { certificate: chain, key },
        showAddress: async url => void visit(fake.accept(url), authority.pem),
      },
    );
    assert.equal((await signedIn).token.account.subject, 'ada');
  });

  it('sends the browser on where the person wants, and only to https', async () => {
    const replies: ReturnType<typeof visit>[] = [];
    const showAddress = async (url: URL) => void replies.push(visit(fake.accept(url)));
    await login({}, { showAddress, openUrlAfter: new URL('https://wiki.example/') }).signedIn;
    assert.equal((await replies[0])?.headers['location'], 'https://wiki.example/');
    await assert.rejects(
      login({}, { openUrlAfter: new URL('http://wiki.example/') }).signedIn,
      userError('USAGE', /https/),
    );
  });

  it('ends with the issuer’s reason, without what could harm a terminal or a page', async () => {
    const description =
      'no\u001b[2J\u001b]8;;https://evil.example\u0007link\r\n\u202eevil<script>alert(1)</script>';
    const { signedIn, page } = login({
      code: undefined,
      error: 'access_denied',
      error_description: description,
    });
    const error = await signedIn.catch((reason: unknown) => reason);
    assert.ok(error instanceof UserError);
    assert.equal(error.code, 'LOGIN_DENIED');
    assert.match(error.message, /access_denied \(no/);
    assertPlain(error.message);
    assert.doesNotMatch(await page, /<script>alert|\u001b/);
    assert.match(await page, /The login failed[\s\S]*access_denied/);
  });

  it('goes on after requests that are not the answer', async () => {
    const showAddress = async (url: URL) => {
      const good = fake.accept(url);
      for (const change of [
        { state: 'wrong' },
        { state: undefined },
        { code: undefined, error: 'access_denied', state: 'wrong' },
      ]) {
        const stray = new URL(good);
        for (const [name, value] of Object.entries(change)) {
          if (value === undefined) stray.searchParams.delete(name);
          else stray.searchParams.set(name, value);
        }
        assert.equal((await visit(stray)).status, 400);
      }
      assert.equal((await visit(good)).status, 200);
    };
    assert.equal((await login({}, { showAddress }).signedIn).token.account.subject, 'ada');
  });

  it('takes no second answer, and no request after the first', async () => {
    const results: Promise<number | string | undefined>[] = [];
    const tokens = () => fake.requestsTo('/token').length;
    let redeemed = 0;
    fake.answers.set('/token', () => {
      redeemed = tokens();
      return oauthError('invalid_grant');
    });
    const showAddress = async (url: URL) => {
      const good = fake.accept(url);
      for (let again = 0; again < 3; again++) {
        results.push(
          visit(good).then(
            ({ status }) => status,
            (error: { code?: string }) => error.code,
          ),
        );
      }
    };
    await assert.rejects(login({}, { showAddress }).signedIn, UserError);
    assert.equal((await Promise.all(results)).filter(result => result === 200).length, 1);
    assert.equal(redeemed, 1);
  });

  describe('what names the issuer in the answer (RFC 9207)', () => {
    const cases: [string, Record<string, unknown>, Record<string, string>, boolean][] = [
      ['is taken when it is right', {}, { iss: 'self' }, true],
      ['is refused when it is another', {}, { iss: 'https://evil.example' }, false],
      [
        'is missed when it was announced',
        { authorization_response_iss_parameter_supported: true },
        {},
        false,
      ],
      ['is not missed when it was not', {}, {}, true],
    ];
    for (const [what, metadata, answer, good] of cases) {
      it(what, async () => {
        fake.metadata = metadata;
        const { signedIn } = login({ ...answer, ...(answer['iss'] === 'self' && { iss: fake.url }) });
        if (good) await signedIn;
        else await assert.rejects(signedIn, userError('ISSUER_ANSWER', /in the name of another issuer/));
      });
    }
  });

  describe('an answer of the token endpoint', () => {
    const secret = 'c4nary-secret';
    const json = { 'content-type': 'application/json' };
    const cases: [string, Answer, ErrorCode, RegExp][] = [
      [
        'that refuses',
        oauthError('invalid_client', 'no such client', 401),
        'LOGIN_DENIED',
        /invalid_client \(no such client\)[\s\S]*--client-id/,
      ],
      [
        'that refuses by challenge',
        {
          raw: '{"error":"invalid_client"}',
          status: 401,
          headers: { ...json, 'www-authenticate': 'Basic realm="x"' },
        },
        'LOGIN_DENIED',
        /does not accept this client/,
      ],
      ['that is in trouble', { raw: secret, status: 500 }, 'ISSUER_ANSWER', /status 500/],
      ['that says it is in trouble', oauthError('server_error'), 'ISSUER_ANSWER', /server_error/],
      [
        'that is a page of a proxy',
        { raw: `<html>${secret}`, headers: { 'content-type': 'text/html' } },
        'ISSUER_ANSWER',
        /not JSON/,
      ],
      [
        'that is a page of a proxy with status 400',
        { raw: `<html>${secret}`, status: 400 },
        'ISSUER_ANSWER',
        /answered/,
      ],
      [
        'that redirects',
        { raw: '', status: 307, headers: { location: 'http://evil.example/' } },
        'ISSUER_ANSWER',
        /redirect \(to evil\.example\)/,
      ],
      ['of 30 MB', { raw: 'x'.repeat(30_000_000), headers: json }, 'PORTAL_ANSWER', /more than 5 MB/],
      ['that is cut', 'cut', 'NETWORK', /was cut/],
      ['with no access token', { id_token: secret }, 'ISSUER_ANSWER', /missing/],
      [
        'with a token of a wrong type',
        { access_token: secret, token_type: 7, id_token: secret },
        'ISSUER_ANSWER',
        /wrong kind/,
      ],
      ['with no ID token', tokenAnswer(undefined, { access_token: secret }), 'ISSUER_ANSWER', /missing/],
      ['with an ID token that is none', tokenAnswer(secret, { access_token: secret }), 'TOKEN_INVALID', /./],
    ];
    for (const [what, answer, code, text] of cases) {
      it(`${what} is a short error without what was sent`, async () => {
        fake.answers.set('/token', answer);
        const { signedIn, page } = login();
        const error = await signedIn.catch((reason: unknown) => reason);
        userError(code, text)(error);
        assert.ok(error instanceof UserError && error.message.length < 300);
        assert.ok(!inspect(error, { depth: 20 }).includes(secret));
        assert.ok(!(await page).includes(secret));
      });
    }

    it('that never comes is not waited for without end', async t => {
      const slow = await startFakeIssuer(t, { silenceMs: 100 });
      slow.answers.set('/token', 'hang');
      const signedIn = signInWithBrowser(await slow.connect(), {
        showAddress: async url => void visit(slow.accept(url)),
        timeoutMs: patience,
        signal: soon(),
      });
      await assert.rejects(signedIn, userError('NETWORK', /no answer in time/));
    });
  });

  describe('an ID token', () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong: [string, Record<string, unknown>, RegExp, ('stranger' | 'unsigned' | 'shared-secret')?][] = [
      ['with a bad signature', {}, /not signed by the issuer's keys/, 'stranger'],
      ['for another client', { aud: 'another' }, /no good "aud"/],
      ['for several without azp', { aud: [fakeClientId, 'another'] }, /no good "aud"/],
      ['for several and another azp', { aud: [fakeClientId, 'another'], azp: 'another' }, /no good "azp"/],
      ['of another issuer', { iss: 'https://evil.example' }, /no good "iss"/],
      ['that has expired', { exp: now - 600, iat: now - 4000 }, /has expired/],
      ['that is not valid yet', { nbf: now + 600 }, /not of this time \("nbf"\)/],
      ['without a nonce', { nonce: undefined }, /lacks a claim/],
      ['with another nonce', { nonce: 'another' }, /made for another login/],
      ['without a subject', { sub: undefined }, /lacks a claim/],
      ['without an expiry', { exp: undefined }, /lacks a claim/],
      ['with an expiry in words', { exp: 'soon' }, /claim/],
      ['that is older than the login', { iat: now - 600 }, /older than this login/],
      ['that is not signed', {}, /signed in another way/, 'unsigned'],
      ['signed with the public key as a secret', {}, /signed in another way/, 'shared-secret'],
    ];
    for (const [what, claims, text, how] of wrong) {
      it(`${what} is refused`, async () => {
        const showAddress = async (url: URL) => {
          const back = fake.accept(url);
          fake.answers.set('/token', tokenAnswer(await fake.idToken(claims, how)));
          await visit(back);
        };
        await assert.rejects(login({}, { showAddress }).signedIn, userError('TOKEN_INVALID', text));
      });
    }

    it('that is not signed is refused also when the issuer announces such tokens', async () => {
      fake.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] };
      for (const how of ['unsigned', 'shared-secret'] as const) {
        const showAddress = async (url: URL) => {
          const back = fake.accept(url);
          fake.answers.set('/token', tokenAnswer(await fake.idToken({}, how)));
          await visit(back);
        };
        await assert.rejects(
          login({}, { showAddress }).signedIn,
          userError('TOKEN_INVALID', /proves nothing|cannot be checked/),
        );
        fake.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] };
      }
      reset();
    });

    it('signed with a key that came after the keys were read is taken, after they are read once more', async () => {
      const showAddress = async (url: URL) => {
        await fake.keys.rotate(false);
        void visit(fake.accept(url));
      };
      const before = fake.requestsTo('/keys').length;
      const connection = await fake.connect();
      await signInWithBrowser(connection, { showAddress, timeoutMs: patience, signal: soon() });
      assert.equal(fake.requestsTo('/keys').length - before, 2);
      reset();
    });

    it('of an issuer whose clock is five minutes ahead or behind is taken', async () => {
      for (const minutes of [5, -5]) {
        const at = Math.floor(Date.now() / 1000) + minutes * 60;
        const date = new Date(at * 1000).toUTCString();
        fake.answers.set('/keys', () => ({
          raw: JSON.stringify({ keys: fake.keys.jwks() }),
          headers: { date, 'content-type': 'application/json' },
        }));
        const showAddress = async (url: URL) => {
          const back = fake.accept(url);
          fake.answers.set('/token', tokenAnswer(await fake.idToken({ iat: at, nbf: at, exp: at + 120 })));
          await visit(back);
        };
        assert.equal((await login({}, { showAddress }).signedIn).token.expiresAt, at + 120);
      }
    });

    it('of a sign-in older than max_age is refused where the issuer tells its time', async () => {
      const run = (authTime: number | undefined) => {
        const showAddress = async (url: URL) => {
          assert.equal(url.searchParams.get('max_age'), '300');
          const back = fake.accept(url);
          fake.answers.set('/token', tokenAnswer(await fake.idToken({ auth_time: authTime })));
          await visit(back);
        };
        return login({}, { showAddress }, { extraParameters: { max_age: '300' } }).signedIn;
      };
      await assert.rejects(run(now - 3600), userError('TOKEN_INVALID', /older than max_age/));
      await run(now - 10);
      await run(undefined);
    });
  });

  describe('a browser', () => {
    const stored = (url: URL) => new URL(url.searchParams.get('redirect_uri') ?? '');

    it('that never comes back ends the login, and the port with it', async () => {
      let redirect: URL | undefined;
      const options = {
        timeoutMs: 50,
        showAddress: async (url: URL) => {
          redirect = stored(url);
        },
      };
      await assert.rejects(
        login({}, options).signedIn,
        userError('LOGIN_TIMEOUT', /did not come back[\s\S]*--sign-in device/),
      );
      assert.ok(redirect);
      await assert.rejects(visit(redirect), { code: 'ECONNREFUSED' });
    });

    it('whose opener hangs can come back all the same', async () => {
      const showAddress = (url: URL) => {
        void visit(fake.accept(url));
        return new Promise<void>(() => undefined);
      };
      assert.equal((await login({}, { showAddress }).signedIn).token.account.subject, 'ada');
    });

    it('that cannot even be shown an address ends the login', async () => {
      const showAddress = async () => {
        throw new UserError('IO', 'stderr is closed');
      };
      await assert.rejects(login({}, { showAddress }).signedIn, userError('IO', /stderr is closed/));
    });

    it('is not waited for when the person leaves', async () => {
      const stop = new AbortController();
      let redirect: URL | undefined;
      const showAddress = async (url: URL) => {
        redirect = stored(url);
        stop.abort(new UserError('CANCELLED', 'Cancelled.'));
      };
      await assert.rejects(login({}, { showAddress, signal: stop.signal }).signedIn, userError('CANCELLED'));
      assert.ok(redirect);
      await assert.rejects(visit(redirect), { code: 'ECONNREFUSED' });
    });
  });

  describe('with an access token in place of the ID token', () => {
    const asAccess = (
      answer: (idToken: string) => Promise<Record<string, unknown>>,
      options: Partial<BrowserSignIn> = {},
    ) => {
      const showAddress = async (url: URL) => {
        const back = fake.accept(url);
        fake.answers.set('/token', await answer(await fake.idToken()));
        await visit(back);
      };
      return login({}, { showAddress, ...options }, { tokenKind: 'access-token' }).signedIn;
    };

    it('gives a signed one with its own expiry and audience, and the account of the ID token', async () => {
      const exp = Math.floor(Date.now() / 1000) + 900;
      const access = await fake.idToken({ aud: 'cluster-red', exp, nonce: undefined, email: undefined });
      const { token } = await asAccess(async idToken => tokenAnswer(idToken, { access_token: access }), {
        audiences: ['cluster-red'],
      });
      assert.deepEqual([token.token, token.expiresAt, token.audience], [access, exp, ['cluster-red']]);
      assert.equal(token.account.label, 'ada@corp.example');
    });

    it('refuses a signed one of a wrong audience or a stranger', async () => {
      const access = await fake.idToken({ aud: 'cluster-blue' });
      await assert.rejects(
        asAccess(async idToken => tokenAnswer(idToken, { access_token: access }), {
          audiences: ['cluster-red'],
        }),
        userError('TOKEN_INVALID', /meant for cluster-blue/),
      );
      const forged = await fake.idToken({}, 'stranger');
      await assert.rejects(
        asAccess(async idToken => tokenAnswer(idToken, { access_token: forged })),
        userError('TOKEN_INVALID', /not signed by the issuer/),
      );
    });

    it('gives one that only the issuer can read, for as long as the answer says', async () => {
      const { token } = await asAccess(async idToken => tokenAnswer(idToken, { expires_in: 600 }));
      assert.equal(token.token, 'the-access-token');
      assert.ok(Math.abs(token.expiresAt - Date.now() / 1000 - 600) < 5);
      assert.equal(claimsOf(token.token), undefined);
    });

    it('refuses one of which nobody says how long it is good', async () => {
      await assert.rejects(
        asAccess(async idToken => tokenAnswer(idToken, { expires_in: undefined })),
        userError('TOKEN_INVALID', /how long/),
      );
    });

    it('of another account is refused', async () => {
      const account = { issuer: fake.url, subject: 'bob', label: 'bob@corp.example' };
      await assert.rejects(
        asAccess(async idToken => tokenAnswer(idToken), { account }),
        userError('WRONG_ACCOUNT', /bob@corp/),
      );
    });
  });
});
