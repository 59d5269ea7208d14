import type { JsonWebKey } from 'node:crypto';
import { call, formBody } from '../client.ts';

export type OidcClient = { readonly id: string; readonly secret: string; readonly scopes: readonly string[] };
export type IssuedTokens = { readonly idToken: string; readonly refreshToken: string | undefined };

type Metadata = { authorization_endpoint: string; token_endpoint: string; jwks_uri: string };

/** The token service's side of OpenID Connect: the embedded issuer or a real one, looked up when first needed. */
export class RelyingParty {
  readonly issuer: string;
  readonly #ca: string | undefined;
  readonly #headers: Record<string, string>;
  #metadata: Promise<Metadata> | undefined;

  constructor(issuer: string, ca: string | undefined, headers: Record<string, string>) {
    this.issuer = issuer;
    this.#ca = ca;
    this.#headers = headers;
  }

  async authorizationUrl(
    client: OidcClient,
    redirectUri: string,
    state: string,
    extra: Record<string, string>,
  ): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.#discover();
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: client.scopes.join(' '),
      state,
      ...extra,
    });
    query.sort();
    return `${endpoint}?${query}`;
  }

  exchange(client: OidcClient, code: string, redirectUri: string): Promise<IssuedTokens> {
    return this.#grant(client, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  }

  refresh(client: OidcClient, refreshToken: string): Promise<IssuedTokens> {
    return this.#grant(client, { grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  async keys(): Promise<JsonWebKey[]> {
    const { jwks_uri: uri } = await this.#discover();
    const { keys } = (await this.#json(uri)) as { keys?: JsonWebKey[] };
    return keys ?? [];
  }

  async #grant(client: OidcClient, fields: Record<string, string>): Promise<IssuedTokens> {
    const { token_endpoint: endpoint } = await this.#discover();
    const form = formBody({ ...fields, client_id: client.id, client_secret: client.secret });
    const answer = (await this.#json(endpoint, form)) as { id_token?: string; refresh_token?: string };
    if (typeof answer.id_token !== 'string') throw new Error('no id_token in the answer');
    return { idToken: answer.id_token, refreshToken: answer.refresh_token };
  }

  #discover(): Promise<Metadata> {
    this.#metadata ??= this.#json(`${this.issuer}/.well-known/openid-configuration`).then(
      document => document as Metadata,
    );
    this.#metadata.catch(() => {
      this.#metadata = undefined;
    });
    return this.#metadata;
  }

  async #json(
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<unknown> {
    const headers = { ...options.headers, ...this.#headers };
    const reply = await call(url, {
      ...options,
      headers,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    });
    if (reply.status !== 200) throw new Error(`${url} answered ${reply.status}: ${reply.body.slice(0, 200)}`);
    return JSON.parse(reply.body);
  }
}
