import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { UserError } from '../../source/errors.ts';
import { signInWithClientCredentials } from '../../source/sign-in/client-credentials.ts';
import { signInWithPassword } from '../../source/sign-in/password.ts';
import { signInByTokenExchange } from '../../source/sign-in/token-exchange.ts';
import { oauthError, startFakeIssuer, tokenAnswer } from '../helpers/fake-issuer.ts';
import { userError } from '../helpers/user-error.ts';

const soon = () => AbortSignal.timeout(10_000);

describe('sign-in of a machine', async () => {
  const fake = await startFakeIssuer({ after });
  const sent = () => fake.requestsTo('/token').at(-1)?.form;
  const reset = () => {
    fake.metadata = {};
    fake.answers.clear();
  };
  const signed = (claims = {}) => fake.idToken({ nonce: undefined, ...claims });

  describe('by client credentials', () => {
    it('gives the ID token of the client where the issuer makes one', async () => {
      const { token } = await signInWithClientCredentials(await fake.connect({ clientSecret: 's' }), {
        signal: soon(),
      });
      assert.equal(token.account.subject, 'ada');
      assert.equal(sent()?.get('grant_type'), 'client_credentials');
      assert.equal(sent()?.get('scope'), 'openid email');
    });

    it('gives the access token with its own account, and does not ask for openid', async () => {
      const access = await signed({ sub: 'client:ci', aud: 'cluster-red', email: undefined });
      fake.answers.set('/token', tokenAnswer(undefined, { access_token: access, refresh_token: undefined }));
      const connection = await fake.connect({
        clientSecret: 's',
        tokenKind: 'access-token',
        scopes: ['cluster'],
      });
      const request = { signal: soon(), clusters: [{ kind: 'audience', audience: 'cluster-red' }] as const };
      const { token, refreshToken } = await signInWithClientCredentials(connection, {
        ...request,
        audiences: ['cluster-red'],
      });
      assert.equal(token.account.subject, 'client:ci');
      assert.equal(token.token, access);
      assert.equal(refreshToken, undefined);
      assert.deepEqual([sent()?.get('scope'), sent()?.get('audience')], ['cluster', 'cluster-red']);
      reset();
    });

    it('says what to do when there is no ID token', async () => {
      fake.answers.set('/token', tokenAnswer(undefined));
      await assert.rejects(
        signInWithClientCredentials(await fake.connect({ clientSecret: 's' }), { signal: soon() }),
        userError('TOKEN_INVALID', /no ID token[\s\S]*access tokens/),
      );
      reset();
    });

    it('refuses an access token that only the issuer can read, for nobody tells whose it is', async () => {
      fake.answers.set('/token', tokenAnswer(undefined));
      await assert.rejects(
        signInWithClientCredentials(await fake.connect({ clientSecret: 's', tokenKind: 'access-token' }), {
          signal: soon(),
        }),
        userError('TOKEN_INVALID', /whose access token/),
      );
      reset();
    });

    it('is refused without a secret', async () => {
      await assert.rejects(
        signInWithClientCredentials(await fake.connect(), { signal: soon() }),
        userError('SIGN_IN_NOT_OFFERED', /client secret/),
      );
    });
  });

  describe('by token exchange', () => {
    const subjectToken = 'c4nary-subject-token';

    it('gives the ID token that comes in the place of an access token, as Dex sends it', async () => {
      const issued = await signed({ aud: 'cluster-red' });
      fake.answers.set('/token', {
        access_token: issued,
        issued_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        token_type: 'bearer',
        expires_in: 600,
      });
      const connection = await fake.connect({ extraParameters: { connector_id: 'ci' } });
      const { token } = await signInByTokenExchange(connection, {
        subjectToken: `${subjectToken}\n`,
        signal: soon(),
        audiences: ['cluster-red'],
      });
      assert.equal(token.token, issued);
      assert.equal(sent()?.get('grant_type'), 'urn:ietf:params:oauth:grant-type:token-exchange');
      assert.equal(sent()?.get('subject_token'), subjectToken);
      assert.equal(sent()?.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:id_token');
      assert.equal(sent()?.get('requested_token_type'), 'urn:ietf:params:oauth:token-type:id_token');
      assert.equal(sent()?.get('connector_id'), 'ci');
      reset();
    });

    it('takes a token of the type N_A', async () => {
      fake.answers.set('/token', {
        access_token: await signed(),
        issued_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        token_type: 'N_A',
      });
      const { token } = await signInByTokenExchange(await fake.connect(), {
        subjectToken,
        subjectTokenType: 'jwt',
        signal: soon(),
      });
      assert.equal(token.account.subject, 'ada');
      assert.equal(sent()?.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:jwt');
      reset();
    });

    it('refuses a token that the issuer did not sign', async () => {
      fake.answers.set('/token', {
        access_token: await fake.idToken({}, 'stranger'),
        issued_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        token_type: 'bearer',
      });
      await assert.rejects(
        signInByTokenExchange(await fake.connect(), { subjectToken, signal: soon() }),
        userError('TOKEN_INVALID', /not signed by the issuer/),
      );
      reset();
    });

    it('does not tell the subject token in its errors', async () => {
      fake.answers.set('/token', oauthError('invalid_request', 'bad subject token'));
      const failing = signInByTokenExchange(await fake.connect(), { subjectToken, signal: soon() });
      const error = await failing.catch((reason: unknown) => reason);
      userError('LOGIN_DENIED', /invalid_request \(bad subject token\)/)(error);
      assert.ok(!inspect(error, { depth: 20 }).includes(subjectToken));
      reset();
    });

    it('is refused with an empty subject token, or where the issuer lists other grants', async () => {
      await assert.rejects(
        signInByTokenExchange(await fake.connect(), { subjectToken: ' \n', signal: soon() }),
        userError('USAGE', /empty/),
      );
      fake.metadata = { grant_types_supported: ['authorization_code'] };
      await assert.rejects(
        signInByTokenExchange(await fake.connect(), { subjectToken, signal: soon() }),
        userError('SIGN_IN_NOT_OFFERED', /token-exchange/),
      );
      reset();
    });
  });

  describe('by password', () => {
    const login = { username: 'ada', password: 'c4nary-pass word&=+ü' };

    it('gives the ID token and a refresh token', async () => {
      const { token, refreshToken } = await signInWithPassword(await fake.connect(), {
        ...login,
        signal: soon(),
      });
      assert.equal(token.account.subject, 'ada');
      assert.equal(refreshToken, 'the-refresh-token');
      assert.deepEqual(
        ['grant_type', 'username', 'password', 'scope', 'client_id'].map(name => sent()?.get(name)),
        ['password', login.username, login.password, 'openid email', 'test-client'],
      );
    });

    it('that is wrong is an error without it', async () => {
      fake.answers.set('/token', oauthError('access_denied', 'Invalid username or password', 401));
      const failing = signInWithPassword(await fake.connect(), { ...login, signal: soon() });
      const error = await failing.catch((reason: unknown) => reason);
      userError('LOGIN_DENIED', /Invalid username or password/)(error);
      assert.ok(!inspect(error, { depth: 20 }).includes(login.password));
      reset();
    });

    it('is not asked for an account that is not the profile’s', async () => {
      const account = { issuer: fake.url, subject: 'bob', label: 'bob' };
      await assert.rejects(
        signInWithPassword(await fake.connect(), { ...login, account, signal: soon() }),
        userError('WRONG_ACCOUNT', /belongs to bob/),
      );
    });
  });

  it('ends at once when the person leaves', async () => {
    fake.answers.set('/token', 'hang');
    const stop = new AbortController();
    const waiting = signInWithPassword(await fake.connect(), {
      username: 'a',
      password: 'b',
      signal: stop.signal,
    });
    stop.abort(new UserError('CANCELLED', 'Cancelled.'));
    await assert.rejects(waiting, userError('CANCELLED'));
    reset();
  });
});
