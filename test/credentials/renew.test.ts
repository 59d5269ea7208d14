import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { RenewalStep } from '../../source/credentials/renew.ts';
import { sessionId } from '../../source/credentials/session.ts';
import { keepSession } from '../../source/credentials/session-store.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { startChild } from '../helpers/child.ts';
import { type Answer, fakeClientId, oauthError } from '../helpers/fake-issuer.ts';
import { userError } from '../helpers/user-error.ts';
import { assertKind, planFor, red, signedIn } from './signed-in.ts';

const renewer = path.join(import.meta.dirname, 'renewer.ts');
const blue = { kind: 'dex-client', client: 'blue' } as const;

describe('one login, many clusters', () => {
  test('each profile gets a token for its own cluster, and the new refresh token is stored', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    const first = await renew({ audience: red });
    assertKind(first, 'renewed');
    assert.deepEqual(first.token.audience, ['red', fakeClientId]);
    const second = await renew({ audience: blue });
    assertKind(second, 'renewed');
    assert.deepEqual(second.token.audience, ['blue', fakeClientId]);
    assert.notEqual(first.token.token, second.token.token);
    const session = await stored();
    assert.equal(session?.refreshToken, dex.current(login));
    assert.equal(session?.previousRefreshToken, first.session.refreshToken);
    assert.deepEqual(session, second.session);
    assert.notEqual(session?.refreshToken, login.refreshToken);
    const asked = dex.issuer.requestsTo('/token').map(({ form }) => form.get('scope'));
    assert.deepEqual(asked, [
      'openid offline_access audience:server:client_id:red',
      'openid offline_access audience:server:client_id:blue',
    ]);
  });

  test('what is asked for follows the kind of audience', async t => {
    const { renew, dex } = await signedIn(t);
    const plain = 'openid offline_access';
    dex.seen.claims = { aud: ['https://api.example', fakeClientId], azp: fakeClientId };
    for (const audience of [
      { kind: 'resource', resource: 'https://api.example' },
      { kind: 'audience', audience: 'https://api.example' },
      { kind: 'shared' },
    ] as const) {
      assertKind(await renew({ audience }), 'renewed');
      const form = dex.issuer.requestsTo('/token').at(-1)?.form;
      assert.equal(form?.get('scope'), plain);
      assert.equal(form?.get('resource') ?? null, audience.kind === 'resource' ? audience.resource : null);
      assert.equal(form?.get('audience') ?? null, audience.kind === 'audience' ? audience.audience : null);
    }
    dex.seen.claims = {};
    assertKind(await renew({ audience: { kind: 'dex-client', client: fakeClientId } }), 'renewed');
    assert.equal(dex.issuer.requestsTo('/token').at(-1)?.form.get('scope'), plain);
  });

  test('a cluster that the login did not ask for needs a login, and nothing is sent', async t => {
    const { renew, dex, stored, login } = await signedIn(t);
    const renewal = await renew({ audience: { kind: 'dex-client', client: 'green' } });
    assertKind(renewal, 'login-needed');
    assert.equal(renewal.reason, 'not-granted');
    userError('LOGIN_NEEDED', /did not ask for this cluster/)(renewal.error);
    assert.deepEqual(dex.issuer.requests, []);
    assert.deepEqual(await stored(), login);
  });

  test('two hundred renewals of two profiles at once come one by one, and lose no session', async t => {
    const { renew, stored, login, dex, options } = await signedIn(t, 0);
    const connection = await dex.issuer.connect();
    const renewals = await Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        const audience = number % 2 === 0 ? red : blue;
        const renewal = await renew({ ...options, audience, connection, timeoutMs: 60_000 });
        assertKind(renewal, 'renewed');
        assert.deepEqual(renewal.token.audience, [audience.client, fakeClientId]);
        return renewal.token.token;
      }),
    );
    assert.equal(new Set(renewals).size, 200);
    assert.equal(dex.seen.refreshes, 200);
    assert.equal((await stored())?.refreshToken, dex.current(login));
  });

  test('two hundred renewals by four processes lose no session, though the issuer takes no token twice', async t => {
    const { stored, login, dex, home } = await signedIn(t, 0);
    const plan = await planFor(dex.issuer, home.folder);
    const children = ['red', 'blue', 'red', 'blue'].map(cluster =>
      startChild(t, renewer, [JSON.stringify({ ...plan, cluster, times: 50 })], home.env),
    );
    assert.deepEqual(await Promise.all(children.map(child => child.ended)), [0, 0, 0, 0]);
    for (const [number, { lines }] of children.entries()) {
      const wanted = `renewed ${number % 2 === 0 ? 'red' : 'blue'},${fakeClientId}`;
      assert.deepEqual([...new Set(lines)], [wanted]);
      assert.equal(lines.length, 50);
    }
    assert.equal(dex.seen.refreshes, 200);
    assert.equal((await stored())?.refreshToken, dex.current(login));
  });

  test('who waited for another to renew the same profile sends nothing', async t => {
    const { renew, dex } = await signedIn(t);
    let kept: string | undefined;
    const isDone = async () => kept !== undefined;
    const keep = async ({ token }: { token: string }) => {
      kept = token;
    };
    const renewals = await Promise.all(Array.from({ length: 10 }, () => renew({ isDone, keep })));
    assert.deepEqual(renewals.map(({ kind }) => kind).sort(), [...Array(9).fill('done'), 'renewed']);
    assert.equal(dex.issuer.requestsTo('/token').length, 1);
  });
});

describe('refresh tokens', () => {
  test('an answer without a refresh token leaves the old one in use', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    dex.issuer.answers.set('/token', () => ({
      access_token: 'a',
      token_type: 'bearer',
      id_token: dex.issuer.keys.sign({
        ...goodClaims(dex.issuer.url),
        aud: ['red', fakeClientId],
        azp: fakeClientId,
      }),
    }));
    const renewal = await renew();
    assertKind(renewal, 'renewed');
    assert.deepEqual(await stored(), login);
    assertKind(await renew(), 'renewed');
    const sent = dex.issuer.requestsTo('/token').map(({ form }) => form.get('refresh_token'));
    assert.deepEqual(sent, [login.refreshToken, login.refreshToken]);
  });

  test('an answer that is lost on the way is asked for again while the issuer still takes the old token', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    for (const lost of ['cut', { raw: 'Bad Gateway', status: 502 }] as const) {
      dex.disturb(lost, 1);
      assertKind(await renew(), 'renewed');
      assert.equal((await stored())?.refreshToken, dex.current(login));
    }
    dex.disturb('cut', 2);
    assertKind(await renew(), 'offline');
    assertKind(await renew(), 'renewed');
  });

  test('an issuer that forgot its last change gets the token before', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    assertKind(await renew(), 'renewed');
    dex.setBack(login);
    assertKind(await renew(), 'renewed');
    assert.equal((await stored())?.refreshToken, dex.current(login));
    assertKind(await renew(), 'renewed');
  });

  test('an answer whose token is no good does not cost the session', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    for (const claims of [
      { aud: [fakeClientId] },
      { exp: 1 },
      { aud: ['red', 'blue', fakeClientId], azp: fakeClientId },
    ]) {
      dex.seen.claims = claims;
      const renewal = await renew();
      assertKind(renewal, 'refused');
      assert.equal(renewal.error.code, 'TOKEN_INVALID');
      assert.equal((await stored())?.refreshToken, dex.current(login));
    }
    dex.seen.claims = {};
    assertKind(await renew(), 'renewed');
  });

  test('an abort while the issuer answers loses no answer', async t => {
    const { renew, stored, login, dex } = await signedIn(t, 0);
    const abort = new AbortController();
    const rotate = dex.issuer.answers.get('/token');
    dex.issuer.answers.set('/token', form => {
      // The refresh token is replaced, and the answer is still to be sent.
      const answer = typeof rotate === 'function' ? rotate(form) : 'cut';
      abort.abort(new Error('left'));
      return answer;
    });
    await renew({ signal: abort.signal }).catch(() => undefined);
    assert.equal(abort.signal.aborted, true);
    assert.equal((await stored())?.refreshToken, dex.current(login));
    await assert.rejects(renew({ signal: abort.signal }), /left/);
    assertKind(await renew(), 'renewed');
  });
});

describe('failures are told apart', () => {
  const troubles: Record<string, Answer> = {
    'a cut connection': 'cut',
    'status 500': { raw: 'oops', status: 500 },
    'status 502': { raw: '<h1>Bad Gateway</h1>', status: 502, headers: { 'content-type': 'text/html' } },
    'status 503': { raw: '', status: 503 },
    'status 429': {
      raw: '{"error":"slow_down"}',
      status: 429,
      headers: { 'content-type': 'application/json' },
    },
    "Dex's internal error": oauthError('invalid_request', '', 500),
    server_error: oauthError('server_error'),
    temporarily_unavailable: oauthError('temporarily_unavailable'),
    'a page of a captive portal': { raw: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } },
    'an empty answer': { raw: '', headers: { 'content-type': 'application/json' } },
    'half an answer': { raw: '{"access_token":"x', headers: { 'content-type': 'application/json' } },
    'a list': { raw: '[]', headers: { 'content-type': 'application/json' } },
    'a redirect': { raw: '', status: 302, headers: { location: 'http://evil.example/' } },
    'something huge': { raw: `"${'x'.repeat(6_000_000)}"`, headers: { 'content-type': 'application/json' } },
  };
  test('an issuer in trouble leaves the session alone and asks for no login', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    for (const [name, answer] of Object.entries(troubles)) {
      dex.issuer.answers.set('/token', answer);
      const renewal = await renew();
      assert.equal(renewal.kind, 'offline', name);
      assert.deepEqual(await stored(), login, name);
    }
    dex.issuer.answers.delete('/token');
    for (const [name, answer] of Object.entries(troubles)) {
      dex.issuer.answers.set('/.well-known/openid-configuration', answer);
      assert.equal((await renew()).kind, 'offline', `${name} for its metadata`);
    }
    assert.deepEqual(await stored(), login);
  });

  test('no network, no name, no trust, no answer in time: offline', async t => {
    const { renew, stored, login, dex, options } = await signedIn(t);
    const elsewhere = (issuer: string) => ({ ...options.client, issuer });
    const quick = createHttpClient([dex.issuer.ca], { connectMs: 1000, silenceMs: 100, totalMs: 1000 });
    const distrustful = createHttpClient([]);
    t.after(() => Promise.all([quick.close(), distrustful.close()]));
    const untrusted = await renew({ http: distrustful });
    assertKind(untrusted, 'offline');
    assert.equal(untrusted.error.code, 'TLS');
    dex.issuer.answers.set('/token', 'hang');
    const silent = await renew({ http: quick });
    assertKind(silent, 'offline');
    assert.equal(silent.error.code, 'NETWORK');
    assert.deepEqual(await stored(), login);
    for (const issuer of ['https://127.0.0.1:1/issuer', 'https://no-such-host.invalid/issuer']) {
      const client = elsewhere(issuer);
      const session = { ...login, issuer, account: { ...login.account, issuer } };
      await keepSession(options.sessions, { ...session, id: sessionId(session) });
      const renewal = await renew({ client, account: session.account });
      assertKind(renewal, 'offline');
      assert.equal(renewal.error.code, 'NETWORK');
    }
  });

  test('a login that was revoked, has expired, or was ended by a later one needs a login', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    assertKind(await renew(), 'renewed');
    const before = await stored();
    dex.login('ada', ['red', 'blue']);
    for (const answer of [
      undefined,
      oauthError('invalid_grant', 'expired'),
      oauthError('invalid_grant', undefined, 401),
    ]) {
      if (answer !== undefined) dex.issuer.answers.set('/token', answer);
      dex.issuer.requests.length = 0;
      const renewal = await renew();
      assertKind(renewal, 'login-needed');
      assert.equal(renewal.reason, 'ended');
      userError('LOGIN_NEEDED', /The login has ended/)(renewal.error);
      assert.equal(renewal.error.exitCode, 3);
      const sent = dex.issuer.requestsTo('/token').map(({ form }) => form.get('refresh_token'));
      assert.deepEqual(sent, [before?.refreshToken, login.refreshToken], 'the remembered one is tried once');
    }
  });

  test('a login that another one has ended goes on with the session that the other stores', async t => {
    const { renew, stored, login, dex, sessions } = await signedIn(t);
    const late = dex.login('ada', ['red', 'blue']);
    const eve = dex.login('eve', ['red', 'blue']);
    await keepSession(sessions, eve);
    const rotate = dex.issuer.answers.get('/token');
    let other: Promise<unknown> | undefined;
    // The other process waits for its turn at the session while this one is told that its own has ended.
    dex.issuer.answers.set('/token', form => {
      other ??= keepSession(sessions, late);
      return typeof rotate === 'function' ? rotate(form) : 'cut';
    });
    const renewal = await renew();
    await other;
    assertKind(renewal, 'renewed');
    assert.equal(renewal.token.account.subject, 'ada');
    assert.equal((await stored())?.refreshToken, dex.current(late));
    assert.equal(renewal.session.id, login.id);
    const sent = dex.issuer.requestsTo('/token').map(({ form }) => form.get('refresh_token'));
    assert.deepEqual(sent, [login.refreshToken, late.refreshToken]);
    assert.deepEqual((await sessions.read(eve.id)).kind, 'found');
  });

  test('sessions that go on ending are followed once, and no further', async t => {
    const { renew, dex, sessions } = await signedIn(t);
    let stores: Promise<unknown> = Promise.resolve();
    dex.issuer.answers.set('/token', () => {
      stores = stores.then(() => keepSession(sessions, dex.login('ada', ['red', 'blue'])));
      return oauthError('invalid_grant');
    });
    const renewal = await renew();
    await stores;
    assertKind(renewal, 'login-needed');
    assert.equal(renewal.reason, 'ended');
    assert.equal(dex.issuer.requestsTo('/token').length, 2);
  });

  test('of two logins at once the one that the issuer keeps is found again, whichever was stored last', async t => {
    const { renew, dex, sessions, stored } = await signedIn(t);
    const [first, second] = [dex.login('ada', ['red']), dex.login('ada', ['blue'])];
    const begun = Date.now() - 1000;
    await keepSession(sessions, second, { begun });
    await keepSession(sessions, first, { begun });
    for (const audience of [blue, blue]) {
      assertKind(await renew({ audience }), 'renewed');
      assert.equal((await stored())?.refreshToken, dex.current(second));
    }
  });

  test('scopes that are not given any more need a login; a client that is refused needs an administrator', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    for (const code of ['invalid_scope', 'login_required', 'interaction_required', 'consent_required']) {
      dex.issuer.answers.set('/token', oauthError(code));
      const renewal = await renew();
      assertKind(renewal, 'login-needed');
      assert.equal(renewal.reason, 'not-granted');
    }
    for (const code of ['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'access_denied']) {
      dex.issuer.answers.set('/token', oauthError(code));
      const renewal = await renew();
      assertKind(renewal, 'refused');
      assert.equal(renewal.error.code, 'LOGIN_DENIED');
    }
    assert.deepEqual(await stored(), login);
  });

  test("another account's token, or another issuer's, is refused and nothing is kept", async t => {
    for (const claims of [{ sub: 'eve' }, { iss: 'https://evil.example' }]) {
      const { renew, stored, login, dex } = await signedIn(t);
      dex.seen.claims = claims;
      const kept: string[] = [];
      const keep = async ({ token }: { token: string }) => {
        kept.push(token);
      };
      const renewal = await renew({ keep });
      assertKind(renewal, 'refused');
      assert.equal(renewal.error.code, 'sub' in claims ? 'WRONG_ACCOUNT' : 'TOKEN_INVALID');
      assert.deepEqual(kept, []);
      assert.deepEqual(await stored(), login);
    }
  });

  test('an answer without an ID token needs a login, and says why', async t => {
    const { renew, stored, login, dex } = await signedIn(t);
    dex.disturb({ access_token: 'a', token_type: 'bearer', refresh_token: 'next' }, 1);
    const renewal = await renew();
    assertKind(renewal, 'login-needed');
    assert.equal(renewal.reason, 'no-token');
    assert.match(renewal.error.message, /does not send an ID token on renewal/);
    assert.equal((await stored())?.refreshToken, 'next');
    assert.equal((await stored())?.previousRefreshToken, login.refreshToken);
  });

  test('no session, or one that was damaged, needs a login', async t => {
    const { renew, home, login, sessions, dex } = await signedIn(t);
    const file = home.path('state', 'sessions', `${login.id}.json`);
    await fs.writeFile(file, (await fs.readFile(file, 'utf8')).slice(0, 100));
    const damaged = await renew();
    assertKind(damaged, 'login-needed');
    assert.equal(damaged.reason, 'lost-session');
    await sessions.hold(login.id, held => held.remove());
    const none = await renew();
    assertKind(none, 'login-needed');
    assert.equal(none.reason, 'no-session');
    assert.deepEqual(dex.issuer.requests, []);
  });

  test('a session that another process works on for too long is left alone', async t => {
    const { renew, sessions, login, dex } = await signedIn(t);
    await sessions.hold(login.id, async () => {
      const renewal = await renew({ timeoutMs: 50 });
      assertKind(renewal, 'offline');
      assert.equal(renewal.error.code, 'LOCKED');
    });
    assert.deepEqual(dex.issuer.requests, []);
  });

  test('a token is given though the session cannot be stored, with a warning', async t => {
    const { renew, home, login } = await signedIn(t);
    const file = home.path('state', 'sessions', `${login.id}.json`);
    const onStep = (step: RenewalStep) => {
      if (step !== 'answered') return;
      rmSync(file);
      mkdirSync(file);
    };
    const renewal = await renew({ onStep });
    assertKind(renewal, 'renewed');
    assert.equal(renewal.warning?.code, 'STORE_INVALID');
  });

  test('no message holds what an issuer sent beside its error', async t => {
    const { renew, dex } = await signedIn(t);
    const headers = { 'content-type': 'application/json' };
    for (const [body, status] of [
      ['{"id_token":"eyJ-secret","refresh_token":"R-secret"}', 500],
      ['{"error":"invalid_grant","refresh_token":"R-secret"}', 400],
      ['{"access_token":"eyJ-secret","token_type":7}', 200],
    ] as const) {
      dex.issuer.answers.set('/token', { raw: body, status, headers });
      const renewal = await renew();
      assert.ok('error' in renewal);
      assert.doesNotMatch(inspect(renewal.error, { depth: 10 }), /secret/);
    }
  });
});

const goodClaims = (iss: string) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss, sub: 'ada', exp: now + 3600, iat: now };
};
