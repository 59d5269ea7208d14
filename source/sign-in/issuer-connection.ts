import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  None,
  type ServerMetadata,
} from 'openid-client';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { HttpClient } from '../system/http.ts';
import { steadyNow } from '../system/moment.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';
import { discoverIssuer, fetchKeysAt, fetchThrough, type IssuerKeys } from './issuer.ts';
import type { IssuerClient } from './issuer-client.ts';
import { checkExtraParameters } from './request.ts';

const clockToleranceSeconds = 60;

/** An issuer whose metadata and keys were read, and the client that signs in there. */
export type IssuerConnection = {
  readonly client: IssuerClient;
  readonly http: HttpClient;
  readonly metadata: ServerMetadata;
  /** What to add to steadyNow to get the issuer's clock, in milliseconds. */
  readonly clockOffset: number;
  /** The issuer's keys as known; read `again` when a token names one that is not among them. */
  keys(signal: AbortSignal, again?: boolean): Promise<IssuerKeys>;
};

const names = v.nullish(v.array(v.string()));
const address = v.nullish(v.string());

/** What is read of the metadata here; openid-client looks at the rest. */
const metadataSchema = v.looseObject({
  authorization_endpoint: address,
  token_endpoint: address,
  device_authorization_endpoint: address,
  userinfo_endpoint: address,
  grant_types_supported: names,
  response_types_supported: names,
  code_challenge_methods_supported: names,
  token_endpoint_auth_methods_supported: names,
  id_token_signing_alg_values_supported: names,
  authorization_response_iss_parameter_supported: v.nullish(v.boolean()),
});

/**
 * Reads what an issuer says of itself, so that one can sign in there.
 * @throws UserError USAGE, ISSUER_METADATA, NETWORK, TLS
 */
export async function connectIssuer(
  http: HttpClient,
  client: IssuerClient,
  signal: AbortSignal,
): Promise<IssuerConnection> {
  const { issuer } = client;
  if (parseUrl(issuer)?.protocol !== 'https:') {
    throw new UserError('USAGE', `The issuer ${plainText(issuer)} is not an https address.`, {
      hint: 'Give it as its metadata names it, for example https://dkp.example.com/dex.',
    });
  }
  checkExtraParameters(client.extraParameters);
  const metadata = await discoverIssuer(http, issuer, signal);
  if (!v.safeParse(metadataSchema, metadata).success) {
    throw new UserError('ISSUER_METADATA', `The issuer ${plainText(issuer)} publishes odd metadata.`, {
      hint: 'A list or an address in it is something else. Tell your administrator.',
    });
  }
  checkEndpoints(issuer, metadata);
  const read = (within: AbortSignal) => fetchKeysAt(http, issuer, metadata.jwks_uri, within);
  let known = await read(signal);
  return {
    client,
    http,
    metadata,
    clockOffset: known.clockOffset,
    async keys(within, again = false) {
      if (again) known = await read(within);
      return known;
    },
  };
}

/**
 * Every address has TLS. And the page to sign in at is the issuer's own, or where its codes are redeemed: from another's page
 * the browser would bring us that one's code, to be handed to this issuer (mix-up, RFC 9700, section 4.4).
 */
function checkEndpoints(issuer: string, metadata: ServerMetadata): void {
  const {
    authorization_endpoint: page,
    token_endpoint: tokens,
    device_authorization_endpoint: codes,
  } = metadata;
  const hint = 'Nothing was opened or sent there. Tell your administrator.';
  for (const address of [page, tokens, codes]) {
    if (address == null || parseUrl(address)?.protocol === 'https:') continue;
    const fault = `names ${plainText(address, 200)} in its metadata, which is no https address`;
    throw new UserError('ISSUER_METADATA', `The issuer ${plainText(issuer)} ${fault}.`, { hint });
  }
  if (page == null) return;
  const { origin, host } = new URL(page);
  if ([issuer, tokens ?? issuer].some(address => new URL(address).origin === origin)) return;
  const fault = `has people sign in at ${host}, which is neither its own address nor that of its tokens`;
  throw new UserError('ISSUER_METADATA', `The issuer ${plainText(issuer)} ${fault}.`, { hint });
}

/** openid-client's view of the connection, for one attempt: its requests end with `signal`. */
export function configurationOf(connection: IssuerConnection, signal: AbortSignal): Configuration {
  const { client, metadata, http, clockOffset } = connection;
  // openid-client goes by the machine's clock.
  const skewMs = steadyNow() + clockOffset - Date.now();
  const configuration = new Configuration(
    metadata,
    client.clientId,
    { [clockSkew]: Math.round(skewMs / 1000), [clockTolerance]: clockToleranceSeconds },
    clientAuthentication(client, metadata),
  );
  configuration[customFetch] = fetchThrough(http, signal);
  return configuration;
}

function clientAuthentication({ clientSecret }: IssuerClient, metadata: ServerMetadata): ClientAuth {
  if (clientSecret === undefined) return None();
  // Where both are offered the body is safer: issuers do not agree on how the header is encoded.
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return offered.includes('client_secret_post')
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret);
}

/** The ways to sign in at an issuer. */
export type IssuerWay = 'browser' | 'device' | 'paste' | 'client-credentials' | 'token-exchange' | 'password';

export const grantTypes: Readonly<Record<IssuerWay, string>> = {
  browser: 'authorization_code',
  paste: 'authorization_code',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  'client-credentials': 'client_credentials',
  'token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
  password: 'password',
};

/** Each way, and what stands against it; undefined when the issuer's metadata and the client allow it. */
export function possibleWays(
  connection: Pick<IssuerConnection, 'client' | 'metadata'>,
): { readonly way: IssuerWay; readonly missing: string | undefined }[] {
  return (Object.keys(grantTypes) as IssuerWay[]).map(way => ({ way, missing: missingFor(way, connection) }));
}

/** @throws UserError SIGN_IN_NOT_OFFERED */
export function requireWay(way: IssuerWay, connection: IssuerConnection): void {
  const missing = missingFor(way, connection);
  if (missing === undefined) return;
  throw new UserError('SIGN_IN_NOT_OFFERED', `Sign-in by ${way} is not possible here: ${missing}.`, {
    hint: 'Choose another way with --sign-in, or ask your administrator to allow it.',
  });
}

function missingFor(
  way: IssuerWay,
  { client, metadata }: Pick<IssuerConnection, 'client' | 'metadata'>,
): string | undefined {
  const lists = (list: readonly string[] | null | undefined, name: string) => list?.includes(name) ?? true;
  if (metadata.token_endpoint == null) return 'the issuer names no token endpoint';
  if (way === 'device') {
    // Some issuers have the endpoint and do not list the grant.
    return metadata.device_authorization_endpoint == null
      ? 'the issuer does not offer device codes'
      : undefined;
  }
  if (!lists(metadata.grant_types_supported, grantTypes[way]))
    return `the issuer does not offer ${grantTypes[way]}`;
  if (way === 'client-credentials' && client.clientSecret === undefined) return 'it needs a client secret';
  if (way !== 'browser' && way !== 'paste') return undefined;
  if (metadata.authorization_endpoint == null) return 'the issuer has no page to sign in at';
  if (!lists(metadata.response_types_supported, 'code'))
    return 'the issuer does not offer authorization codes';
  if (!lists(metadata.code_challenge_methods_supported, 'S256')) {
    return 'the issuer offers PKCE only in forms that protect nothing; S256 is needed';
  }
  return undefined;
}
