import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { cancelled, isAbort, UserError } from '../errors.ts';
import { masked } from '../secrets.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';
import { statusText } from './issuer.ts';

const nothingStored = 'Nothing was stored.';

/** RFC 6749 section 5.2, RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6, in words that help. */
const hints: Readonly<Record<string, string>> = {
  access_denied: 'The login was refused, by a person or by the issuer. Nothing was stored.',
  invalid_client: 'The issuer does not know this client, or its secret is wrong. Check --client-id.',
  invalid_grant: 'What was sent is no longer good, or never was. Sign in again.',
  invalid_scope: 'The issuer does not give this client one of the scopes that were asked for.',
  unauthorized_client: 'The issuer does not let this client sign in that way. Choose another with --sign-in.',
  unsupported_grant_type: 'The issuer does not offer this way. Choose another with --sign-in.',
  login_required: 'The issuer wants to see the person: do not ask for prompt=none.',
  interaction_required: 'The issuer wants to see the person: do not ask for prompt=none.',
};

/** OAuth errors that say the issuer is in trouble, not that it refuses. */
const troubles = new Set(['server_error', 'temporarily_unavailable']);

/**
 * What went wrong at an issuer, for people: LOGIN_DENIED when it refuses, NETWORK, TLS or ISSUER_ANSWER when it is in
 * trouble, TOKEN_INVALID when what it gave must not be used. What the issuer sent is not kept, for it may hold tokens.
 */
export function protocolError(error: unknown, issuer: string): UserError {
  const known = userErrorIn(error);
  if (known !== undefined) return known;
  const host = parseUrl(issuer)?.host ?? plainText(issuer);
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return refusal(error, host);
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const { status } = error;
    return new UserError('LOGIN_DENIED', `${host} does not accept this client (status ${status}).`, {
      hint: 'Check --client-id, and the client secret if there is one.',
    });
  }
  if (error instanceof ClientError) return clientError(error, host);
  if (isAbort(error)) return cancelled();
  return answerError(host, 'in a way that cannot be used');
}

/** Whether the same request may well succeed later. */
export function mayPass(error: UserError): boolean {
  return error.code === 'NETWORK' || error.code === 'ISSUER_ANSWER';
}

function userErrorIn(error: unknown, depth = 0): UserError | undefined {
  if (error instanceof UserError) return error;
  if (depth > 3 || !(error instanceof Error)) return undefined;
  return userErrorIn(error.cause, depth + 1);
}

function refusal(error: AuthorizationResponseError | ResponseBodyError, host: string): UserError {
  const code = shown(error.error, 60);
  // Whatever its type says: nobody has checked what the issuer put there.
  const sent: unknown = error.error_description;
  const description = typeof sent === 'string' ? shown(sent) : '';
  const said = description === '' ? code : `${code} (${description})`;
  if (troubles.has(error.error)) return answerError(host, `that it is in trouble: ${said}`);
  return new UserError('LOGIN_DENIED', `${host} refused: ${said}.`, {
    // The issuer may name its error as something that every object has.
    hint: Object.hasOwn(hints, error.error) ? hints[error.error] : nothingStored,
  });
}

/** The end of a text that is too long must not cut through what is to be masked. */
const shown = (text: string, length?: number) => plainText(masked(plainText(text, 4000)), length);

function clientError(error: ClientError, host: string): UserError {
  const details = detailsOf(error);
  switch (error.code) {
    case 'OAUTH_TIMEOUT':
      return new UserError('NETWORK', `Could not reach ${host}: no answer in time.`, {
        hint: 'Check your network, VPN and proxy, then try again.',
      });
    case 'OAUTH_ABORT':
      return cancelled();
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return answerError(
        host,
        error.cause instanceof Response ? `with ${statusText(error.cause)}` : 'with an odd status',
      );
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
    case 'OAUTH_PARSE_ERROR':
      return answerError(host, 'with something that is not JSON');
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
    case 'OAUTH_REQUEST_PROTOCOL_FORBIDDEN':
      return new UserError(
        'ISSUER_METADATA',
        `${host} names no good https address for this in its metadata.`,
        {
          hint: 'Tell your administrator.',
        },
      );
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return tokenError(
        details.claim === 'nonce'
          ? 'was made for another login'
          : `has no good "${details.claim ?? 'claim'}"`,
      );
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return tokenError(
        details.claim === 'exp' ? 'has expired' : `is not of this time ("${details.claim ?? 'time'}")`,
        'Check the clock of this machine.',
      );
    case 'OAUTH_INVALID_RESPONSE':
      if (details.ofSignature) return tokenError('is signed in another way than the issuer announces');
      if (details.ofToken) return tokenError('lacks a claim that it must have, or holds one of a wrong kind');
      if (details.ofCallback) return answerError(host, 'in the name of another issuer, or of none');
      return answerError(host, 'with a field missing or of a wrong kind');
    default:
      return tokenError('is of a kind that cannot be checked');
  }
}

type Details = {
  readonly claim: string | undefined;
  readonly ofToken: boolean;
  readonly ofSignature: boolean;
  readonly ofCallback: boolean;
};

/** openid-client's causes tell by their shape what was being looked at. */
function detailsOf(error: ClientError): Details {
  const inner = error.cause instanceof Error ? error.cause.cause : undefined;
  const facts = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  const claim = facts['claim'];
  return {
    claim: typeof claim === 'string' ? plainText(claim, 40) : undefined,
    ofToken: 'claims' in facts || typeof inner === 'string',
    ofSignature: 'header' in facts,
    ofCallback: 'parameters' in facts,
  };
}

function answerError(host: string, how: string): UserError {
  return new UserError('ISSUER_ANSWER', `${host} answered ${how}.`, {
    hint: `${nothingStored} Try again; if it stays so, tell your administrator.`,
  });
}

function tokenError(fault: string, hint = nothingStored): UserError {
  return new UserError('TOKEN_INVALID', `The token ${fault}.`, { hint });
}
