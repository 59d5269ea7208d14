import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as client from 'openid-client';
import { Agent, fetch as undiciFetch } from 'undici';
import { ask, claimsIn, demoForTests } from './helpers.ts';

const redirectUri = 'http://127.0.0.1:1/any/path';

describe('the issuer', async () => {
  const demo = await demoForTests({ deviceIntervalSeconds: 1 });
  const { issuer, ca } = demo.document;
  const dispatcher = new Agent({ connect: { ca } });
  const customFetch: client.CustomFetch = (url, options) =>
    undiciFetch(url, { ...options, dispatcher } as Parameters<
      typeof undiciFetch
    >[1]) as unknown as Promise<Response>;
  const config = await client.discovery(new URL(issuer), 'dkp-auth', undefined, client.None(), {
    [client.customFetch]: customFetch,
  });
  client.enableNonRepudiationChecks(config);

  async function signInWith(scope: string, login = 'ada') {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const expectedNonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope,
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const stopAt = (target: URL) => target.protocol === 'http:';
    const { url: back } = await demo.signIn(url.href, demo.user(login), { stopAt });
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
    return {
      back: new URL(back),
      redeem: () => client.authorizationCodeGrant(config, new URL(back), checks),
    };
  }

  it('publishes what Dex publishes', () => {
    const metadata = config.serverMetadata();
    assert.equal(metadata.issuer, issuer);
    assert.equal(metadata.authorization_endpoint, `${issuer}/auth`);
    assert.equal(metadata.token_endpoint, `${issuer}/token`);
    assert.equal(metadata.jwks_uri, `${issuer}/keys`);
    assert.equal(metadata['device_authorization_endpoint'], `${issuer}/device/code`);
    assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256']);
    assert.equal(metadata.authorization_response_iss_parameter_supported, undefined);
  });

  it('serves the code flow with PKCE to any loopback address', async () => {
    const { back, redeem } = await signInWith('openid email groups profile federated:id');
    assert.deepEqual([...back.searchParams.keys()].sort(), ['code', 'state']);
    const tokens = await redeem();
    const claims = claimsIn(tokens.id_token ?? '');
    assert.equal(claims['aud'], 'dkp-auth');
    assert.equal(claims['preferred_username'], 'ada');
    assert.deepEqual(claims['federated_claims'], { connector_id: 'corporate', user_id: 'ada' });
    assert.equal(tokens.refresh_token, undefined);
    await assert.rejects(redeem(), { error: 'invalid_grant' });
  });

  it('puts only what the scopes ask for into the token', async () => {
    const { redeem } = await signInWith('openid');
    const claims = claimsIn((await redeem()).id_token ?? '');
    assert.deepEqual(Object.keys(claims).sort(), ['at_hash', 'aud', 'exp', 'iat', 'iss', 'nonce', 'sub']);
  });

  it('refuses a wrong verifier, redirect address and client', async () => {
    const { back } = await signInWith('openid');
    const checks = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: back.searchParams.get('state') ?? '',
    };
    await assert.rejects(client.authorizationCodeGrant(config, back, checks), { error: 'invalid_grant' });
    const query = (more: Record<string, string>) =>
      `/dex/auth/corporate?${new URLSearchParams({ client_id: 'dkp-auth', redirect_uri: redirectUri, response_type: 'code', scope: 'openid', ...more })}`;
    const elsewhere = await ask(demo, query({ redirect_uri: 'https://evil.example/' }));
    assert.equal(elsewhere.status, 400);
    assert.match(elsewhere.body, /Unregistered redirect_uri\./);
    assert.equal((await ask(demo, query({ client_id: 'nobody' }))).status, 404);
    const scope = await ask(demo, query({ scope: 'openid nonsense' }));
    assert.equal(new URL(String(scope.headers['location'])).searchParams.get('error'), 'invalid_scope');
  });

  it('issues tokens for trusting peers, and narrower ones on refresh', async () => {
    const both = 'audience:server:client_id:red-prod audience:server:client_id:kube-apiserver';
    const { redeem } = await signInWith(`openid email groups offline_access ${both}`);
    const tokens = await redeem();
    const claims = claimsIn(tokens.id_token ?? '');
    assert.deepEqual(claims['aud'], ['red-prod', 'kube-apiserver', 'dkp-auth']);
    assert.equal(claims['azp'], 'dkp-auth');
    const narrow = 'openid email groups offline_access audience:server:client_id:red-prod';
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: narrow });
    assert.deepEqual(claimsIn(renewed.id_token ?? '')['aud'], ['red-prod', 'dkp-auth']);
    const again = await client.refreshTokenGrant(config, renewed.refresh_token ?? '');
    assert.deepEqual(claimsIn(again.id_token ?? '')['aud'], ['red-prod', 'kube-apiserver', 'dkp-auth']);
    const wider = client.refreshTokenGrant(config, again.refresh_token ?? '', { scope: 'openid profile' });
    await assert.rejects(wider, { error: 'invalid_scope' });
  });

  it('rotates refresh tokens, keeps the successor of a used one, and ends the former login of a client', async () => {
    const first = await (await signInWith('openid offline_access')).redeem();
    const renewed = await client.refreshTokenGrant(config, first.refresh_token ?? '');
    assert.notEqual(renewed.refresh_token, first.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, first.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
    const third = await client.refreshTokenGrant(config, renewed.refresh_token ?? '');
    const other = await (await signInWith('openid offline_access', 'ravi')).redeem();
    const next = await client.refreshTokenGrant(config, third.refresh_token ?? '');
    await (await signInWith('openid offline_access')).redeem();
    await assert.rejects(client.refreshTokenGrant(config, next.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
    await client.refreshTokenGrant(config, other.refresh_token ?? '');
  });

  it('serves devices', async () => {
    const started = await client.initiateDeviceAuthorization(config, {
      scope: 'openid email offline_access',
    });
    assert.equal(started.verification_uri, `${issuer}/device`);
    assert.match(started.user_code, /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    const page = await demo.signIn(started.verification_uri_complete ?? '', demo.user('ada'));
    assert.match(page.body, /Login Successful for dkp-auth/);
    const tokens = await client.pollDeviceAuthorizationGrant(config, started);
    assert.equal(claimsIn(tokens.id_token ?? '')['email'], 'ada@corp.example');
    assert.ok(tokens.refresh_token);
  });

  it('keeps a device waiting until its code is used, and knows no other codes', async () => {
    const started = await client.initiateDeviceAuthorization(config, { scope: 'openid' });
    const pending = await ask(demo, '/dex/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: 'dkp-auth',
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: started.device_code,
      }).toString(),
    });
    assert.equal(JSON.parse(pending.body).error, 'authorization_pending');
    const page = await demo.signIn(`${issuer}/device?user_code=BBBB-BBBB`, demo.user('ada'));
    assert.equal(page.status, 400);
    assert.match(page.body, /Invalid or Expired User Code/);
  });

  it('rotates its keys', async () => {
    const before = JSON.parse((await ask(demo, '/dex/keys')).body).keys;
    await demo.rotateKeys();
    const between = JSON.parse((await ask(demo, '/dex/keys')).body).keys;
    assert.equal(between.length, 2);
    assert.deepEqual(between[1], before[0]);
    await demo.rotateKeys({ keepOld: false });
    assert.equal(JSON.parse((await ask(demo, '/dex/keys')).body).keys.length, 1);
  });
});
