import { createHmac, randomBytes } from 'node:crypto';
import { type Exchange, send, sendText } from '../http.ts';
import { faultyToken } from '../mint.ts';
import { firstCluster, goJson, prefix, type TokenService, tenantOf } from './context.ts';

type Pending = { readonly requestCode: string; readonly createdAt: number; token: string };

const mostPending = 1000;

/** The asynchronous sign-in, with the fault of the real one: the state is made of a secret, an address and the second. */
export function createAsync(service: TokenService) {
  const secret = randomBytes(32);
  const pending = new Map<string, Pending>();
  const redirectUri = `${service.origin}${prefix}async/auth/callback`;
  const seconds = () => Math.floor(service.now() / 1000);
  let frozen: number | undefined;

  const signature = (second: string) =>
    createHmac('sha256', secret).update(redirectUri).update(second).digest('hex');

  function newState(): string {
    if (service.faults.take('start', 'same-second')) frozen ??= seconds();
    else frozen = undefined;
    const second = String(frozen ?? seconds());
    return `${signature(second)}.${second}`;
  }

  function isGenuine(state: string): boolean {
    const [mac, second, ...more] = state.split('.');
    return more.length === 0 && second !== undefined && /^-?\d+$/.test(second) && mac === signature(second);
  }

  async function start(exchange: Exchange): Promise<void> {
    const { request, response, body } = exchange;
    if (request.method !== 'POST') return sendText(response, 405, 'Method Not Allowed');
    const requestCode = requestCodeIn(body);
    if (requestCode === undefined) return sendText(response, 400, 'Bad Request');
    const hmac = newState();
    pending.set(hmac, { requestCode, createdAt: seconds(), token: '' });
    for (const key of pending.keys()) {
      if (pending.size <= mostPending) break;
      pending.delete(key);
    }
    const { client } = firstCluster(service);
    const scopes = client.scopes.filter(scope => scope !== 'offline_access');
    const tenant = tenantOf(exchange);
    const extra: Record<string, string> = tenant === null || tenant === '' ? {} : { 'tenant-id': tenant };
    const authURL = await service.relyingParty.authorizationUrl(
      { ...client, scopes },
      redirectUri,
      hmac,
      extra,
    );
    const answer = goJson({ authURL, hmac, ttl: service.asyncTtlSeconds });
    send(response, 201, answer, { 'content-type': 'application/json' });
  }

  async function callback({ request, response, query }: Exchange): Promise<void> {
    if (request.method !== 'GET') return sendText(response, 405, 'Method Not Allowed');
    const state = query.get('state') ?? '';
    const code = query.get('code') ?? '';
    if (state === '') return sendText(response, 400, 'Bad Request');
    if (!isGenuine(state)) return sendText(response, 401, 'Unauthorized: HMAC');
    if (code === '') return sendText(response, 400, 'Bad Request');
    let token: string;
    try {
      ({ idToken: token } = await service.relyingParty.exchange(
        firstCluster(service).client,
        code,
        redirectUri,
      ));
    } catch {
      return sendText(response, 401, 'Unauthorized: Token exchange');
    }
    const entry = pending.get(state);
    if (entry === undefined) return sendText(response, 500, 'Internal Server Error');
    entry.token = token;
    send(response, 200, 'OK', { 'content-type': 'text/plain; charset=utf-8' });
  }

  function query({ request, response, query }: Exchange) {
    if (request.method !== 'GET') return sendText(response, 405, 'Method Not Allowed');
    const hmac = query.get('hmac') ?? '';
    const requestCode = query.get('requestCode') ?? '';
    if (hmac === '') return sendText(response, 400, 'Bad Request');
    if (!isGenuine(hmac)) return sendText(response, 401, 'Unauthorized: HMAC');
    if (requestCode === '') return sendText(response, 400, 'Bad Request');
    const entry = pending.get(hmac);
    if (entry === undefined) return sendText(response, 404, 'Not Found');
    const fault = service.faults.taken('query');
    if (entry.requestCode !== requestCode || fault === 'wrong-code')
      return sendText(response, 401, 'Unauthorized: RC');
    if (seconds() - entry.createdAt > service.asyncTtlSeconds) {
      pending.delete(hmac);
      return sendText(response, 400, 'HMAC expired');
    }
    const ready = entry.token !== '' && fault !== 'never-ready';
    if (ready) pending.delete(hmac);
    // The real one writes the status before the content type, which then is lost.
    const answer = goJson({ token: ready ? handedOut(entry.token) : '', ready });
    send(response, 200, answer, { 'content-type': 'text/plain; charset=utf-8' });
  }

  function handedOut(token: string): string {
    const fault = service.faults.taken('token');
    return fault === undefined ? token : faultyToken(service.mint, token, fault);
  }

  return { start, callback, query };
}

function requestCodeIn(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const { requestCode = '' } = value as { requestCode?: unknown };
    return typeof requestCode === 'string' ? requestCode : undefined;
  } catch {
    return undefined;
  }
}
