import { generateKeyPairSync, sign } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { verifyIdToken } from '../../../source/credentials/id-token.ts';
import { signInWithClientCredentials } from '../../../source/sign-in/client-credentials.ts';
import type { IssuerClient } from '../../../source/sign-in/issuer-client.ts';
import { connectIssuer, possibleWays } from '../../../source/sign-in/issuer-connection.ts';
import type { Target } from '../target.ts';
import { answering, refusal } from './portal.ts';

const issuer = 'https://dkp.example.com/dex';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys: JSONWebKeySet = {
  keys: [
    {
      ...publicKey.export({ format: 'jwk' }),
      kid: 'one',
      alg: 'ES256',
      use: 'sig',
    } as JSONWebKeySet['keys'][number],
  ],
};
const now = Math.floor(Date.now() / 1000);
const claims = {
  iss: issuer,
  sub: 'ada',
  aud: ['kube-apiserver'],
  iat: now,
  exp: now + 3600,
  email: 'ada@example.com',
  groups: ['a'],
};

/** Signs whatever an issuer might put into a token, JSON or not. */
function signed(payload: string, header = '{"alg":"ES256","kid":"one"}'): string {
  const [head, body] = [header, payload].map(part => Buffer.from(part).toString('base64url'));
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${head}.${body}.${signature.toString('base64url')}`;
}

const metadata = JSON.stringify({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  device_authorization_endpoint: `${issuer}/device/code`,
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256', 'plain'],
  authorization_response_iss_parameter_supported: true,
});
const client: IssuerClient = {
  issuer,
  clientId: 'dkp-auth',
  clientSecret: 'secret',
  scopes: ['email'],
  extraParameters: {},
  tokenKind: 'id-token',
};
/** The same issuer for targets of other answers. */
export const fuzzedIssuer = { client, metadata, keys: JSON.stringify(keys) };

const signal = new AbortController().signal;
const connectWith = (metadataBody: string, keysBody: string, tokenBody = '') =>
  connectIssuer(
    answering({ '/openid-configuration': metadataBody, '/keys': keysBody, '/token': tokenBody }),
    client,
    signal,
  );

const accountOf = ({ account, groups }: Awaited<ReturnType<typeof verifyIdToken>>) => [
  account.label,
  ...groups,
];
const verify = (token: string) => verifyIdToken(token, { issuer, keys, now: now * 1000 });

export const issuerTargets: readonly Target[] = [
  {
    name: 'discovery',
    seeds: [metadata],
    words: ['"issuer":', '"jwks_uri":', '"token_endpoint":', '_supported":', '["S256"]', issuer],
    run: async body =>
      possibleWays(await connectWith(body, JSON.stringify(keys))).map(({ missing }) => missing ?? ''),
  },
  {
    name: 'key-set',
    seeds: [JSON.stringify(keys), '{"keys":[]}'],
    words: ['"kty":"RSA"', '"kty":"OKP"', '"crv":', '"x":', '"n":"AQAB"', '"kid":"one"', '"alg":"none"'],
    run: async body => {
      const connection = await connectWith(metadata, body);
      const read = await connection.keys(signal);
      return accountOf(
        await verifyIdToken(signed(JSON.stringify(claims)), { issuer, keys: read.keys, now: now * 1000 }),
      );
    },
  },
  {
    name: 'token-claims',
    seeds: [
      JSON.stringify(claims),
      JSON.stringify({ ...claims, aud: 'x', groups: undefined, name: 'Ada', nbf: now }),
    ],
    words: ['"exp":', '"aud":', '"iat":', '"groups":', '"email":', '"nbf":', '1e308'],
    run: async payload => accountOf(await verify(signed(payload))),
  },
  {
    name: 'token-header',
    seeds: ['{"alg":"ES256","kid":"one"}', '{"alg":"none"}', '{"alg":"HS256","crit":["b64"],"b64":false}'],
    words: ['"alg":', '"kid":', '"crit":', '"jwk":', '"x5c":', '"b64":false', '"zip":"DEF"'],
    run: async header => accountOf(await verify(signed(JSON.stringify(claims), header))),
  },
  {
    name: 'token-text',
    seeds: ['eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA', '..', 'a.b.c.d.e'],
    words: ['eyJ', '.', '=', '-', '_', '+', '/'],
    run: async token => accountOf(await verify(token)),
  },
  {
    name: 'token-endpoint',
    seeds: [
      JSON.stringify({
        access_token: 'x',
        token_type: 'Bearer',
        expires_in: 60,
        id_token: signed(JSON.stringify(claims)),
      }),
      '{"error":"invalid_grant","error_description":"no"}',
    ],
    words: [
      '"id_token":',
      '"token_type":"DPoP"',
      '"expires_in":',
      '"refresh_token":',
      '"scope":',
      '"error":',
    ],
    run: async body => {
      const connection = await connectWith(metadata, JSON.stringify(keys), body);
      const result = await signInWithClientCredentials(connection, { signal }).catch(refusal);
      return Array.isArray(result) ? result : accountOf(result.token);
    },
  },
];
