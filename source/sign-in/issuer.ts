import type { JSONWebKeySet } from 'jose';
import { ClientError, type CustomFetch, customFetch, discovery, None } from 'openid-client';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { HttpClient } from '../system/http.ts';
import { plainText } from '../text.ts';

const keySetSchema = v.object({
  keys: v.pipe(v.array(v.looseObject({ kty: v.string() })), v.maxLength(100)),
});

/** The keys an issuer publishes, and its clock. */
export type IssuerKeys = {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
  /** What to add to this machine's clock to get the issuer's, in milliseconds. */
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
  const jwksUri = await discoverJwksUri(http, issuer, signal);
  const response = await http.send(jwksUri, { ...(signal && { signal }) });
  if (response.status !== 200) throw metadataError(issuer, `answers its keys with status ${response.status}`);
  return {
    issuer,
    keys: parseKeys(response.body, issuer),
    clockOffset: clockOffsetOf(response.headers['date']),
  };
}

async function discoverJwksUri(
  http: HttpClient,
  issuer: string,
  signal: AbortSignal | undefined,
): Promise<URL> {
  try {
    const configuration = await discovery(new URL(issuer), anyClient, undefined, None(), {
      [customFetch]: fetchThrough(http, signal),
    });
    const uri = configuration.serverMetadata().jwks_uri;
    if (uri !== undefined && URL.canParse(uri)) return new URL(uri);
  } catch (error) {
    throw explain(error, issuer);
  }
  throw metadataError(issuer, 'publishes no keys');
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

function explain(error: unknown, issuer: string): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof ClientError) {
    if (error.cause instanceof UserError) return error.cause;
    if (error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') {
      const cause = error.cause as { body?: { issuer?: unknown } } | undefined;
      const named = plainText(String(cause?.body?.issuer ?? 'another one'));
      return metadataError(issuer, `names another issuer in its metadata: ${named}`, error);
    }
  }
  return metadataError(issuer, 'does not publish its metadata as OpenID Connect has it', error);
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
  return Number.isNaN(server) ? 0 : server - Date.now();
}

function metadataError(issuer: string, fault: string, cause?: unknown): UserError {
  return new UserError('ISSUER_METADATA', `The issuer ${plainText(issuer)} ${fault}.`, {
    hint: 'Tokens cannot be checked without its keys, so nothing was stored. Tell your administrator.',
    cause,
  });
}
