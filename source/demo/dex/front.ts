import { randomBytes } from 'node:crypto';
import { type Exchange, type Handler, redirect, send, sendHtml, sendText } from '../http.ts';
import { redirectAllowed, scopeFault } from './clients.ts';
import type { Dex, DexSettings } from './context.ts';
import { createDevicePages } from './device.ts';
import { discoveryDocument } from './discovery.ts';
import { forward } from './forward.ts';
import { createLogin } from './login.ts';
import { choicePage, errorPage } from './pages.ts';
import { createProvider } from './provider.ts';

/** Dex as a browser and a client see it: its own pages in front, the provider library behind them. */
export function createDex(settings: DexSettings): Handler {
  const provider = createProvider(settings);
  const callback = provider.callback();
  const { url } = settings;
  const dex: Dex = {
    settings,
    provider,
    base: new URL(url).pathname,
    secret: randomBytes(32),
    toLibrary: (exchange, change) => forward(callback, url, exchange, change),
    fail: ({ response }, status, message) => {
      sendHtml(response, status, errorPage(url, status === 404 ? 'Not Found' : 'Bad Request', message));
    },
  };
  const login = createLogin(dex);
  const device = createDevicePages(dex);

  return async exchange => {
    const { request, response, path } = exchange;
    const route = path.slice(dex.base.length);
    const [, first = '', second = '', third = ''] = route.split('/');
    if (route === '/.well-known/openid-configuration') return sendDocument(exchange, discoveryDocument(url));
    if (route === '/keys') return sendDocument(exchange, { keys: settings.keys.jwks() });
    if (route === '/healthz') return send(response, 200, 'Health check passed');
    if (route === '/auth') return choose(dex, exchange);
    if (first === 'auth' && third === 'login') return login.form(exchange, decodeURIComponent(second));
    if (first === 'auth' && third === '') return begin(dex, exchange, decodeURIComponent(second));
    if (route === '/approval') return login.finish(exchange);
    if (route === '/device' || route.startsWith('/device/auth') || route === '/device/callback')
      return device(exchange);
    const ofLibrary = ['/token', '/userinfo', '/token/introspect', '/device/code'].includes(route);
    if (ofLibrary) return dex.toLibrary(exchange, { path: `${route}${exchange.url.search}` });
    return sendText(response, request.method === 'POST' ? 405 : 404, '404 page not found');
  };
}

function sendDocument({ response }: Exchange, document: unknown): void {
  send(response, 200, JSON.stringify(document, null, 2), { 'content-type': 'application/json' });
}

/** `/dex/auth`: the choice of identity providers, or the way straight to one. */
function choose(dex: Dex, exchange: Exchange) {
  const { settings, base } = dex;
  const query = new URLSearchParams(exchange.query);
  if (!settings.clients.some(client => client.id === query.get('client_id'))) {
    return dex.fail(exchange, 400, 'Invalid client_id provided.');
  }
  const tenant = query.get('tenant-id');
  const offered = settings.identityProviders.filter(
    ({ workspace }) => workspace === null || (tenant !== null && workspace === tenant),
  );
  const chosen = query.get('connector_id');
  query.delete('connector_id');
  query.sort();
  const href = (id: string) => `${base}/auth/${encodeURIComponent(id)}?${query}`;
  if (chosen !== null && chosen !== '') {
    if (offered.some(({ id }) => id === chosen)) return redirect(exchange.response, 302, href(chosen));
    return dex.fail(exchange, 400, 'Connector ID does not match a valid Connector');
  }
  const [only, second] = offered;
  if (only !== undefined && second === undefined) return redirect(exchange.response, 302, href(only.id));
  const sorted = [...offered].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const choices = sorted.map(provider => ({
    provider,
    name: settings.providerName(provider.name),
    href: href(provider.id),
  }));
  sendHtml(exchange.response, 200, choicePage(settings.url, choices));
}

/** `/dex/auth/CONNECTOR`: checks the request as Dex does, in its words, then lets the library begin. */
function begin(dex: Dex, exchange: Exchange, connector: string): void | Promise<void> {
  const { settings } = dex;
  const query = new URLSearchParams(exchange.query);
  const client = settings.clients.find(({ id }) => id === query.get('client_id'));
  if (client === undefined) return dex.fail(exchange, 404, 'Invalid client_id.');
  if (!settings.identityProviders.some(({ id }) => id === connector)) {
    return dex.fail(exchange, 400, 'Connector failed to initialize');
  }
  const deviceCallback = `${dex.base}/device/callback`;
  const asked = query.get('redirect_uri') ?? '';
  const target = asked === deviceCallback ? `${settings.url}/device/callback` : asked;
  if (!redirectAllowed(client, target, settings.url))
    return dex.fail(exchange, 400, 'Unregistered redirect_uri.');
  const scopes = (query.get('scope') ?? '').split(/\s+/).filter(scope => scope !== '');
  const fault = scopeFault(settings.clients, client.id, scopes);
  if (fault !== undefined) {
    const url = new URL(target);
    url.searchParams.set('state', query.get('state') ?? '');
    url.searchParams.set('error', fault.error);
    url.searchParams.set('error_description', fault.description);
    return redirect(exchange.response, 303, url.href);
  }
  query.set('redirect_uri', target);
  query.set('scope', scopes.join(' '));
  query.set('connector_id', connector);
  // Everybody signs in every time, and nobody is asked for approval: Dex without sessions and with skipApprovalScreen.
  query.set('prompt', 'login consent');
  for (const unsupported of ['max_age', 'id_token_hint', 'access_type', 'approval_prompt'])
    query.delete(unsupported);
  return dex.toLibrary(exchange, { path: `/auth?${query}` });
}
