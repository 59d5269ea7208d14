import { createHash, randomBytes } from 'node:crypto';
import { Provider, type ProviderIdToken } from 'oidc-provider/lib/provider.js';
import type { KeyRing } from '../keys.ts';
import type { DemoUser } from '../types.ts';
import { audienceScope, audiencesOf, type DexClient, redirectAllowed } from './clients.ts';
import { errorPage } from './pages.ts';
import { createStorage } from './storage.ts';
import { subjectOf } from './subject.ts';

export type IssuerSettings = {
  readonly url: string;
  readonly clients: readonly DexClient[];
  readonly users: readonly DemoUser[];
  readonly keys: KeyRing;
  readonly now: () => number;
  readonly tokenLifetimeSeconds: number;
  readonly deviceIntervalSeconds: number;
};

export const refreshTokenSeconds = 30 * 24 * 60 * 60;
export const requestSeconds = 60 * 60;
const deviceSeconds = 300;

/** The OpenID provider library, with Dex's addresses, clients and tokens. */
export function createProvider(settings: IssuerSettings): Provider {
  const { url, clients, users, keys, tokenLifetimeSeconds } = settings;
  const provider = new Provider(url, {
    adapter: createStorage(),
    jwks: { keys: [{ ...keys.present.privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    clients: clients.map(client => libraryClient(client, url)),
    scopes: ['openid', 'offline_access', ...clients.map(client => audienceScope(client.id))],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
      profile: ['name', 'preferred_username'],
      'federated:id': ['federated_claims'],
    },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    extraParams: ['connector_id', 'tenant-id'],
    routes: {
      authorization: '/auth',
      token: '/token',
      userinfo: '/userinfo',
      jwks: '/keys',
      introspection: '/token/introspect',
      device_authorization: '/device/code',
      code_verification: '/device',
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      introspection: { enabled: true, allowedPolicy: async () => true },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
    },
    pkce: { required: () => false },
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    cookies: { keys: [randomBytes(16).toString('hex')], short: { signed: false }, long: { signed: false } },
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: tokenLifetimeSeconds,
      AuthorizationCode: 60,
      DeviceCode: deviceSeconds,
      IdToken: tokenLifetimeSeconds,
      RefreshToken: refreshTokenSeconds,
      Interaction: requestSeconds,
      Session: requestSeconds,
      Grant: refreshTokenSeconds,
    },
    interactions: {
      url: (_context: unknown, { uid, params }: { uid: string; params: Record<string, string> }) => {
        const query = new URLSearchParams({ state: uid });
        return `${new URL(url).pathname}/auth/${encodeURIComponent(params['connector_id'] ?? '')}/login?${query}`;
      },
    },
    findAccount: async (_context: unknown, accountId: string) => {
      const user = users.find(
        ({ login, identityProvider }) => subjectOf(login, identityProvider) === accountId,
      );
      return user && { accountId, claims: async () => claimsOfUser(user) };
    },
    renderError: async (
      context: { type: string; body: string },
      out: { error: string; error_description?: string },
    ) => {
      context.type = 'html';
      context.body = errorPage(url, 'Bad Request', out.error_description ?? out.error);
    },
  });
  provider.Client.prototype.redirectUriAllowed = function allowed(uri) {
    const client = clients.find(({ id }) => id === this.clientId);
    return client !== undefined && redirectAllowed(client, uri, url);
  };
  provider.IdToken.prototype.issue = function issue() {
    return signIdToken(this, settings);
  };
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route !== 'device_authorization' || context.status !== 200) return;
    context.body = { ...Object(context.body), interval: settings.deviceIntervalSeconds };
  });
  return provider;
}

function libraryClient(client: DexClient, issuer: string): Record<string, unknown> {
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  return {
    client_id: client.id,
    client_name: client.name,
    ...(client.secret === undefined ? {} : { client_secret: client.secret }),
    token_endpoint_auth_method: client.secret === undefined ? 'none' : 'client_secret_basic',
    redirect_uris: client.redirectUris.length === 0 ? [`${issuer}/device/callback`] : client.redirectUris,
    grant_types: ['authorization_code', 'refresh_token', device],
    response_types: ['code'],
  };
}

function claimsOfUser(user: DemoUser): Record<string, unknown> {
  return {
    sub: subjectOf(user.login, user.identityProvider),
    email: user.email,
    email_verified: true,
    groups: user.groups,
    name: user.name,
    preferred_username: user.login,
    federated_claims: { connector_id: user.identityProvider, user_id: user.login },
  };
}

/** Dex's ID token: several audiences with `azp`, the hash of the access token, and the demo's clock and keys. */
async function signIdToken(token: ProviderIdToken, settings: IssuerSettings): Promise<string> {
  const payload = await token.payload();
  const audiences = audiencesOf(token.client.clientId, (token.scope ?? '').split(' '));
  const iat = Math.floor(settings.now() / 1000);
  const accessToken = token.ctx?.oidc?.entities.AccessToken?.jti;
  const { sid, auth_time, acr, amr, ...claims } = payload;
  return settings.keys.sign({
    iss: settings.url,
    ...claims,
    aud: audiences.length === 1 ? audiences[0] : audiences,
    ...(audiences.length === 1 ? {} : { azp: token.client.clientId }),
    exp: iat + settings.tokenLifetimeSeconds,
    iat,
    ...(accessToken === undefined ? {} : { at_hash: halfHash(accessToken) }),
  });
}

function halfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}
