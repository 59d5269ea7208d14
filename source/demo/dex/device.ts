import { type Exchange, type Handler, redirect, sendHtml } from '../http.ts';
import type { Dex } from './context.ts';
import { devicePage, deviceSuccessPage } from './pages.ts';

/** Dex's device pages: the code is typed, then an ordinary login runs, whose result the device fetches. */
export function createDevicePages(dex: Dex): Handler {
  const { provider, settings, base } = dex;
  const action = `${base}/device/auth/verify_code`;
  const stored = (code: string) =>
    provider.DeviceCode.findByUserCode(code.toUpperCase().replace(/\W/g, ''), { ignoreExpiration: true });

  async function verify(exchange: Exchange): Promise<void> {
    const typed = new URLSearchParams(exchange.body).get('user_code') ?? '';
    if (typed === '') return dex.fail(exchange, 400, 'No user code received');
    const code = await stored(typed);
    if (code === undefined || code.isExpired || code.accountId !== undefined) {
      return sendHtml(exchange.response, 400, devicePage(settings.url, action, typed.toUpperCase(), true));
    }
    const query = new URLSearchParams({
      client_id: code.clientId ?? '',
      redirect_uri: `${base}/device/callback`,
      response_type: 'code',
      scope: code.params?.['scope'] ?? 'openid',
      state: typed.toUpperCase(),
    });
    redirect(exchange.response, 302, `${base}/auth?${query}`);
  }

  async function callback(exchange: Exchange): Promise<void> {
    const state = exchange.query.get('state') ?? '';
    const granted = exchange.query.get('code') ?? '';
    if (state === '' || granted === '') return dex.fail(exchange, 400, 'Request was missing parameters');
    const authorization = await provider.AuthorizationCode.find(granted);
    if (authorization === undefined) return dex.fail(exchange, 400, 'Invalid or expired auth code.');
    const code = await stored(state);
    if (code === undefined || code.isExpired || code.clientId !== authorization.clientId) {
      return dex.fail(exchange, 400, 'Invalid or expired user code.');
    }
    const { accountId, grantId, scope, authTime } = authorization;
    await authorization.consume();
    await Object.assign(code, { accountId, grantId, scope, authTime }).save();
    const client = settings.clients.find(({ id }) => id === code.clientId);
    sendHtml(exchange.response, 200, deviceSuccessPage(settings.url, client?.name ?? ''));
  }

  return exchange => {
    const { request, response, path, query } = exchange;
    const method = request.method ?? 'GET';
    if (path === `${base}/device` && method === 'GET') {
      const page = devicePage(
        settings.url,
        action,
        query.get('user_code') ?? '',
        query.get('invalid') === 'true',
      );
      return sendHtml(response, 200, page);
    }
    if (path === action && method === 'POST') return verify(exchange);
    if (path === `${base}/device/callback` && method === 'GET') return callback(exchange);
    return dex.fail(exchange, 400, 'Requested resource does not exist.');
  };
}
