import type { StoredInteraction } from 'oidc-provider/lib/provider.js';
import { type Exchange, redirect, sendHtml } from '../http.ts';
import { approvalMac, type Dex } from './context.ts';
import { loginPage } from './pages.ts';
import { refreshTokenSeconds } from './provider.ts';
import { subjectOf } from './subject.ts';

/** The login form of a connector, and the way back to the client. */
export function createLogin(dex: Dex) {
  const { provider, settings, base } = dex;

  async function form(exchange: Exchange, connector: string): Promise<void> {
    const { request, response, query, body, url } = exchange;
    const state = query.get('state') ?? '';
    if (state === '') return dex.fail(exchange, 400, 'User session error.');
    const interaction = await provider.Interaction.find(state);
    if (interaction === undefined || interaction.params['connector_id'] !== connector) {
      return dex.fail(exchange, 400, 'Requested resource does not exist.');
    }
    const page = { action: `${url.pathname}${url.search}`, back: backLink(interaction) };
    if (request.method === 'GET') {
      return sendHtml(response, 200, loginPage(settings.url, { ...page, login: '', invalid: false }));
    }
    if (request.method !== 'POST') return dex.fail(exchange, 400, 'Unsupported request method.');
    const fields = new URLSearchParams(body);
    const login = fields.get('login') ?? '';
    const user = settings.users.find(
      candidate =>
        candidate.identityProvider === connector &&
        candidate.login === login &&
        candidate.password === fields.get('password'),
    );
    if (user === undefined) {
      return sendHtml(response, 401, loginPage(settings.url, { ...page, login, invalid: true }));
    }
    await complete(interaction, subjectOf(user.login, user.identityProvider));
    const approval = new URLSearchParams({ hmac: approvalMac(dex.secret, state), req: state });
    redirect(response, 303, `${base}/approval?${approval}`);
  }

  async function complete(interaction: StoredInteraction, accountId: string): Promise<void> {
    const { client_id: clientId = '', scope = '' } = interaction.params;
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save(refreshTokenSeconds);
    interaction.result = { login: { accountId, remember: false }, consent: { grantId } };
    await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
  }

  /** `/dex/approval`: nothing is asked; the library redirects to the client with a code. */
  async function finish(exchange: Exchange): Promise<void> {
    const request = exchange.query.get('req') ?? '';
    if (exchange.query.get('hmac') !== approvalMac(dex.secret, request)) {
      return dex.fail(exchange, 401, 'Unauthorized request');
    }
    const interaction = await provider.Interaction.find(request);
    if (interaction?.result === undefined) return dex.fail(exchange, 400, 'User session error.');
    await dex.toLibrary(exchange, {
      path: `/auth/${request}`,
      method: 'GET',
      cookie: `_interaction_resume=${request}`,
    });
  }

  function backLink({ params }: StoredInteraction): string {
    const query = new URLSearchParams();
    for (const name of Object.keys(params).sort()) {
      const value = params[name];
      if (value !== undefined && name !== 'connector_id' && name !== 'prompt') query.set(name, value);
    }
    return `${base}/auth?${query}`;
  }

  return { form, finish };
}
