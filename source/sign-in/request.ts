import { UserError } from '../errors.ts';
import type { Account } from '../profiles/profile.ts';
import { plainText } from '../text.ts';
import type { ClusterAudience, IssuerClient } from './issuer-client.ts';

/** What every way to sign in at an issuer can be asked for besides the client's own wishes. */
export type SignInRequest = {
  /** The clusters whose audiences the token is to have; with `offline_access`, those it can be narrowed to later. */
  readonly clusters?: readonly ClusterAudience[];
  /** The account the token must be of. */
  readonly account?: Account | undefined;
  /** Audiences one of which the token must have. */
  readonly audiences?: readonly string[] | undefined;
};

// What the protocol sets itself; to have it set from outside would undo what protects the login.
const reserved = new Set([
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'client_secret',
  'code',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'device_code',
  'grant_type',
  'nonce',
  'password',
  'redirect_uri',
  'refresh_token',
  'request',
  'request_uri',
  'requested_token_type',
  'response_mode',
  'response_type',
  'scope',
  'state',
  'subject_token',
  'subject_token_type',
  'username',
]);

/** @throws UserError USAGE */
export function checkExtraParameters(parameters: IssuerClient['extraParameters']): void {
  const name = Object.keys(parameters).find(candidate => reserved.has(candidate.toLowerCase()));
  if (name === undefined) return;
  throw new UserError('USAGE', `The request parameter ${plainText(name)} is not one to be given.`, {
    hint: 'dkp-auth sets it itself. Scopes have a flag of their own.',
  });
}

const crossClientScope = 'audience:server:client_id:';

/** How one cluster's audience is asked for: Dex's cross-client scope, RFC 8707, or the parameter of that name. */
export function audienceRequest(audience: ClusterAudience): {
  readonly scopes: readonly string[];
  readonly parameters: [name: string, value: string][];
} {
  switch (audience.kind) {
    case 'dex-client':
      return { scopes: [`${crossClientScope}${audience.client}`], parameters: [] };
    case 'resource':
      return { scopes: [], parameters: [['resource', audience.resource]] };
    case 'audience':
      return { scopes: [], parameters: [['audience', audience.audience]] };
    case 'shared':
      return { scopes: [], parameters: [] };
  }
}

/** Scopes to ask for, `openid` first and nothing twice. */
export function scopesOf(client: IssuerClient, { clusters = [] }: SignInRequest, openid = true): string[] {
  const ofClusters = clusters.flatMap(cluster => audienceRequest(cluster).scopes);
  const all = [...client.scopes, ...ofClusters];
  return [...new Set(openid ? ['openid', ...all] : all)];
}

/** What tells an issuer the clusters in a token request, where scopes do not. */
export function audienceParameters({ clusters = [] }: SignInRequest): URLSearchParams {
  return new URLSearchParams(clusters.flatMap(cluster => audienceRequest(cluster).parameters));
}

/** Scope, clusters and the extra parameters, for a request that is still to get its own. */
export function requestParameters(
  client: IssuerClient,
  request: SignInRequest,
  scopes: readonly string[],
): URLSearchParams {
  const parameters = audienceParameters(request);
  for (const [name, value] of Object.entries(client.extraParameters)) parameters.append(name, value);
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  return parameters;
}
