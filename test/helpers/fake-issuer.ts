import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../source/demo/certificates.ts';
import { call, type Reply } from '../../source/demo/client.ts';
import { type Exchange, readBody, send } from '../../source/demo/http.ts';
import { type Claims, createSigningKey, KeyRing, signJwt, unsignedJwt } from '../../source/demo/keys.ts';
import type { IssuerClient } from '../../source/sign-in/issuer-client.ts';
import { connectIssuer, type IssuerConnection } from '../../source/sign-in/issuer-connection.ts';
import { createHttpClient, type HttpClient, type HttpLimits } from '../../source/system/http.ts';

/** An answer to one request: a document to be sent as JSON, or anything else in full. */
export type Answer =
  | Record<string, unknown>
  | { readonly raw: string; readonly status?: number; readonly headers?: Record<string, string> }
  | 'cut'
  | 'hang';

/** An OAuth error as RFC 6749 has it. */
export const oauthError = (error: string, description?: string, status = 400): Answer => ({
  raw: JSON.stringify({ error, error_description: description }),
  status,
  headers: { 'content-type': 'application/json' },
});

export type FakeRequest = {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** An issuer that does whatever a test wants, for what the embedded DKP has no switch for. */
export type FakeIssuer = {
  readonly url: string;
  readonly ca: string;
  readonly http: HttpClient;
  readonly keys: KeyRing;
  readonly requests: FakeRequest[];
  /** Added to the published metadata; undefined takes a field away. */
  metadata: Record<string, unknown>;
  /** Answers by path below the issuer. A function is asked for every request anew. */
  readonly answers: Map<string, Answer | ((form: URLSearchParams) => Answer)>;
  client(more?: Partial<IssuerClient>): IssuerClient;
  connect(more?: Partial<IssuerClient>): Promise<IssuerConnection>;
  /** A good ID token of Ada for the client, but for these claims; undefined takes one away. */
  idToken(claims?: Claims, how?: 'issuer' | 'stranger' | 'unsigned' | 'shared-secret'): Promise<string>;
  /** Plays an issuer's page: where the browser is sent back to, with a new code and the nonce kept. */
  accept(authorizationUrl: URL, more?: Record<string, string | undefined>): URL;
  requestsTo(path: string): FakeRequest[];
};

type Test = { after(run: () => Promise<void>): void };

export const fakeClientId = 'test-client';

export async function startFakeIssuer(test: Test, limits?: Partial<HttpLimits>): Promise<FakeIssuer> {
  const authority = createAuthority('fake issuer');
  const { key, chain } = authority.issue({ commonName: '127.0.0.1', dns: [], ip: ['127.0.0.1'] });
  const server = createServer({ key, cert: chain });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/issuer`;
  const keys = new KeyRing(await createSigningKey());
  const stranger = await createSigningKey();
  const http = createHttpClient([authority.pem], limits);
  let nonce: string | undefined;

  const fake: FakeIssuer = {
    url,
    ca: authority.pem,
    http,
    keys,
    requests: [],
    metadata: {},
    answers: new Map(),
    client: more => ({
      issuer: url,
      clientId: fakeClientId,
      scopes: ['email'],
      extraParameters: {},
      tokenKind: 'id-token',
      ...more,
    }),
    connect: more => connectIssuer(http, fake.client(more), AbortSignal.timeout(10_000)),
    async idToken(claims = {}, how = 'issuer') {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        iss: url,
        sub: 'ada',
        aud: fakeClientId,
        exp: now + 3600,
        iat: now,
        email: 'ada@corp.example',
        nonce,
        ...claims,
      };
      if (how === 'unsigned') return unsignedJwt(all);
      if (how === 'shared-secret') return withSharedSecret(all, keys);
      return how === 'issuer' ? keys.sign(all) : signJwt(all, { ...stranger, kid: keys.present.kid });
    },
    accept(authorizationUrl, more = {}) {
      const asked = authorizationUrl.searchParams;
      nonce = asked.get('nonce') ?? undefined;
      const back = new URL(asked.get('redirect_uri') ?? '');
      const query = { code: 'the-code', state: asked.get('state') ?? '', ...more };
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) back.searchParams.set(name, value);
      }
      return back;
    },
    requestsTo: path => fake.requests.filter(request => request.path === path),
  };

  const discovery = (): Answer => ({
    issuer: url,
    authorization_endpoint: `${url}/auth`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device`,
    jwks_uri: `${url}/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    ...fake.metadata,
  });

  async function answer(path: string, form: URLSearchParams): Promise<Answer> {
    const given = fake.answers.get(path);
    if (given !== undefined) return typeof given === 'function' ? given(form) : given;
    if (path === '/.well-known/openid-configuration') return discovery();
    if (path === '/keys') return { keys: keys.jwks() };
    if (path === '/token') return tokenAnswer(await fake.idToken());
    return { raw: 'not found', status: 404 };
  }

  server.on('request', async (request, response) => {
    const body = await readBody(request).catch(() => '');
    const path = new URL(request.url ?? '/', url).pathname.replace('/issuer', '');
    const form = new URLSearchParams(body);
    fake.requests.push({ method: request.method ?? '', path, form, headers: request.headers });
    sendAnswer(response, await answer(path, form));
  });
  test.after(async () => {
    await http.close();
    server.closeAllConnections();
    server.close();
  });
  return fake;
}

export function tokenAnswer(idToken: string | undefined, more: Record<string, unknown> = {}) {
  return {
    access_token: 'the-access-token',
    token_type: 'bearer',
    expires_in: 3600,
    refresh_token: 'the-refresh-token',
    ...(idToken !== undefined && { id_token: idToken }),
    ...more,
  };
}

function sendAnswer(response: Exchange['response'], answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'cut') {
    response.destroy();
    return;
  }
  if ('raw' in answer && typeof answer.raw === 'string') {
    const { raw, status, headers } = answer as Extract<Answer, { raw: string }>;
    send(response, status ?? 200, raw, headers);
    return;
  }
  send(response, 200, JSON.stringify(answer), { 'content-type': 'application/json' });
}

/** Signed with what everybody knows: the issuer's public key taken for a shared secret. */
function withSharedSecret(claims: Claims, keys: KeyRing): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256', kid: keys.present.kid })}.${encode(claims)}`;
  const secret = JSON.stringify(keys.jwks()[0]);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** What a browser does with an address on this machine. */
export function visit(url: URL, ca?: string): Promise<Reply> {
  return call(url, ca === undefined ? {} : { ca });
}
