import { cookiesOf, type Exchange, redirect, sendHtml, sendText } from '../http.ts';
import { claimsOf, verifiedClaims } from '../keys.ts';
import { faultyToken } from '../mint.ts';
import { clustersOf, prefix, type ServiceCluster, type TokenService, tenantOf } from './context.ts';
import { errorPage } from './pages.ts';
import type { IssuedTokens } from './relying-party.ts';
import { tokenPage } from './token-page.ts';

// The real one's state is a constant of its source, the same for everybody.
const state = 'Wq7bT0s4mZ3yKf9LxVd1Rn8CgPj2HuEo5iAa6SpDkQwMcXvBtYzNrJhGlFeU';
const cookieName = 'cluster-name';

/** `/token/login/CLUSTER` and `/token/callback`: a token for one cluster, by that cluster's own client and scopes. */
export function createLoginPages(service: TokenService) {
  const redirectUri = `${service.origin}${prefix}callback`;
  const fail = ({ response }: Exchange, status: number, message = 'Invalid token request') =>
    sendHtml(response, status, errorPage(status, message));

  async function login(exchange: Exchange, name: string): Promise<void> {
    const tenant = tenantOf(exchange);
    const cluster = clustersOf(service, tenant).find(candidate => candidate.name === name);
    if (cluster === undefined) return fail(exchange, 404, `Cluster \`${name}\` does not exist`);
    const extra: Record<string, string> = {
      access_type: 'offline',
      ...(tenant ? { 'tenant-id': tenant } : {}),
    };
    const target = await service.relyingParty.authorizationUrl(cluster.client, redirectUri, state, extra);
    const value = Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    redirect(exchange.response, 303, target, { 'set-cookie': `${cookieName}=${value}; Path=${prefix}` });
  }

  async function callback(exchange: Exchange): Promise<void> {
    const cookie = cookiesOf(exchange.request).get(cookieName);
    if (cookie === undefined) return fail(exchange, 400, 'Callback invoked without cluster name cookie');
    const name = Buffer.from(cookie, 'base64url').toString();
    const cluster = service.clusters.find(candidate => candidate.name === name);
    if (cluster === undefined)
      return fail(exchange, 500, `Cluster \`${name}\` requested from cookie does not exists`);
    const { request, response, query, body } = exchange;
    if (request.method !== 'GET' && request.method !== 'POST') {
      return sendText(response, 400, `Method not implemented: ${request.method}`);
    }
    const code = query.get('code') ?? '';
    const refreshToken = new URLSearchParams(body).get('refresh_token') ?? '';
    const bad =
      request.method === 'GET'
        ? query.get('error') || code === '' || query.get('state') !== state
        : refreshToken === '';
    if (bad) return fail(exchange, 400);
    try {
      const { relyingParty } = service;
      const tokens =
        request.method === 'GET'
          ? await relyingParty.exchange(cluster.client, code, redirectUri)
          : await relyingParty.refresh(cluster.client, refreshToken);
      await check(cluster, tokens);
      sendHtml(response, 200, tokenPage(cluster, handedOut(tokens)));
    } catch {
      fail(exchange, 500);
    }
  }

  async function check(cluster: ServiceCluster, { idToken }: IssuedTokens): Promise<void> {
    const claims = verifiedClaims(idToken, await service.relyingParty.keys());
    const audiences = [claimsOf(idToken)?.['aud']].flat();
    if (claims === undefined || !audiences.includes(cluster.client.id))
      throw new Error('the ID token is not good');
  }

  function handedOut(tokens: IssuedTokens): IssuedTokens {
    const fault = service.faults.taken('token');
    return fault === undefined
      ? tokens
      : { ...tokens, idToken: faultyToken(service.mint, tokens.idToken, fault) };
  }

  return { login, callback };
}
