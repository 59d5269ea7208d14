import type { IdToken } from '../credentials/id-token.ts';

/** Which of the issuer's tokens the API servers take; nearly always the ID token. */
export type TokenKind = 'id-token' | 'access-token';

/** An OAuth client at an issuer, and what to ask for in its name. */
export type IssuerClient = {
  readonly issuer: string;
  readonly clientId: string;
  /** A confidential client's secret; a public client has none. Never written to a profile. */
  readonly clientSecret?: string;
  /** Scopes besides `openid`. */
  readonly scopes: readonly string[];
  /** Parameters of the authorization request beyond the protocol's own: `connector_id`, `tenant-id`, `prompt`, ... */
  readonly extraParameters: Readonly<Record<string, string>>;
  readonly tokenKind: TokenKind;
};

/** What a login at an issuer leaves: a checked token, and what renews it where the issuer allows that. */
export type SignedIn = {
  readonly token: IdToken;
  readonly refreshToken: string | undefined;
  /** Scopes granted, as the issuer tells them; those asked for when it does not. */
  readonly scopes: readonly string[];
};

/**
 * How the token of one cluster is told from another's at the same issuer.
 * `dex-client`: Dex's scope `audience:server:client_id:CLIENT`; `resource`: RFC 8707; `audience`: the parameter of that
 * name that several issuers have; `shared`: not at all, all clusters accept the same audience.
 */
export type ClusterAudience =
  | { readonly kind: 'dex-client'; readonly client: string }
  | { readonly kind: 'resource'; readonly resource: string }
  | { readonly kind: 'audience'; readonly audience: string }
  | { readonly kind: 'shared' };
