import type { JSONWebKeySet } from 'jose';
import {
  ClientError,
  type CustomFetch,
  customFetch,
  discovery,
  None,
  type ServerMetadata,
} from 'openid-client';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { HttpClient } from '../system/http.ts';
import { steadyNow } from '../system/moment.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

const keySetSchema = v.object({
  keys: v.pipe(v.array(v.looseObject({ kty: v.string() })), v.maxLength(100)),
});

/** The keys an issuer publishes, and its clock. */
export type IssuerKeys = {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
  /** What to add to steadyNow to get the issuer's clock, in milliseconds. */
  readonly clockOffset: number;
};

/** The client id is not used: only published metadata is read. */
const anyClient = 'dkp-auth';

/**
 * Reads an issuer's metadata (OpenID Connect Discovery, section 4) and keys.
 * @throws UserError ISSUER_METADATA, NETWORK, TLS
 */
export async function fetchIssuerKeys(
  http: HttpClient,
  issuer: string,
  signal?: AbortSignal,
): Promise<IssuerKeys> {
  const { jwks_uri: uri } = await discoverIssuer(http, issuer, signal);
  return fetchKeysAt(http, issuer, uri, signal);
}

/**
 * Reads an issuer's metadata. It must name the very issuer that was asked for, or tokens of one issuer could be taken
 * for another's.
 * @throws UserError ISSUER_METADATA, NETWORK, TLS
 */
export async function discoverIssuer(
  http: HttpClient,
  issuer: string,
  signal?: AbortSignal,
): Promise<ServerMetadata> {
  let metadata: ServerMetadata;
  try {
    const configuration = await discovery(new URL(issuer), anyClient, undefined, None(), {
      [customFetch]: fetchThrough(http, signal),
    });
    metadata = configuration.serverMetadata();
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error, issuer);
  }
  // openid-client compares addresses, which a slash at the end may tell apart; the token's `iss` is compared as text.
  if (metadata.issuer !== issuer) throw namesAnother(issuer, metadata.issuer);
  return metadata;
}

/** @throws UserError ISSUER_METADATA, NETWORK, TLS */
export async function fetchKeysAt(
  http: HttpClient,
  issuer: string,
  jwksUri: string | undefined,
  signal?: AbortSignal,
): Promise<IssuerKeys> {
  const url = parseUrl(jwksUri ?? '');
  if (url === undefined) throw metadataError(issuer, 'publishes no keys');
  const response = await http.send(url, { ...(signal && { signal }) });
  if (response.status !== 200) throw metadataError(issuer, `answers its keys with status ${response.status}`);
  return {
    issuer,
    keys: parseKeys(response.body, issuer),
    clockOffset: clockOffsetOf(response.headers['date']),
  };
}

/** openid-client's requests, sent by our own client: its trust, its limits, no redirects. */
export function fetchThrough(http: HttpClient, signal?: AbortSignal): CustomFetch {
  return async (url, options) => {
    const response = await http.send(new URL(url), {
      method: options.method === 'POST' ? 'POST' : 'GET',
      headers: options.headers,
      ...(options.body !== null && options.body !== undefined && { body: String(options.body) }),
      ...(signal && { signal }),
    });
    const bodyless = response.status === 204 || response.status === 304;
    return new Response(bodyless ? null : response.body, {
      status: response.status,
      headers: response.headers,
    });
  };
}

/** What a status says, where a redirect is told apart because none is followed. */
export function statusText({ status, headers }: Response): string {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null) return `status ${status}`;
  const host = parseUrl(location)?.host ?? location;
  return `a redirect (to ${plainText(host, 100)}), which is not followed`;
}

function explain(error: unknown, issuer: string): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof ClientError) {
    if (error.cause instanceof UserError) return error.cause;
    if (error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') {
      const cause = error.cause as { body?: { issuer?: unknown } } | undefined;
      return namesAnother(issuer, String(cause?.body?.issuer ?? 'another one'), error);
    }
    if (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' && error.cause instanceof Response) {
      return metadataError(issuer, `answers the request for its metadata with ${statusText(error.cause)}`);
    }
  }
  return metadataError(issuer, 'does not publish its metadata as OpenID Connect has it', error);
}

function namesAnother(issuer: string, named: string, cause?: unknown): UserError {
  return metadataError(issuer, `names another issuer in its metadata: ${plainText(named)}`, cause);
}

function parseKeys(body: string, issuer: string): JSONWebKeySet {
  try {
    return v.parse(keySetSchema, JSON.parse(body));
  } catch (error) {
    throw metadataError(issuer, 'publishes keys that cannot be read', error);
  }
}

export function clockOffsetOf(date: string | undefined): number {
  const server = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(server) ? 0 : server - steadyNow();
}

function metadataError(issuer: string, fault: string, cause?: unknown): UserError {
  return new UserError('ISSUER_METADATA', `The issuer ${plainText(issuer)} ${fault}.`, {
    hint: 'Tokens cannot be checked without its keys, so nothing was stored. Tell your administrator.',
    cause,
  });
}
