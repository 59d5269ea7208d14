import { ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { UserError } from '../errors.ts';
import { protocolError } from '../sign-in/protocol-error.ts';

/**
 * Why an issuer gave no token for a refresh token.
 * `trouble`: it, or the way to it, does not work now. `ended`: it does not accept this refresh token any more.
 * `not-granted`: it accepts it, but not for this. `refused`: it will not, whoever signs in. `foreign`: it answered with
 * somebody else's token.
 */
export type IssuerFailure = {
  readonly kind: 'trouble' | 'ended' | 'not-granted' | 'refused' | 'foreign';
  readonly error: UserError;
  /** The request may have been carried out though its answer did not come. */
  readonly answerLost: boolean;
};

// Dex says invalid_request of a refresh token that it does not know, has seen used, or that has expired.
const endings = new Set(['invalid_grant', 'invalid_request']);
const newLogins = new Set(['invalid_scope', 'login_required', 'interaction_required', 'consent_required']);
const passing = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
const cuts = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ECONNRESET', 'EPIPE']);
/** A proxy between us and the issuer lost the answer. */
const lostBehindProxy = new Set([502, 504]);
const passingStatus = (status: number) => status >= 500 || status === 429 || status === 408;

export function issuerFailure(error: unknown, issuer: string): IssuerFailure {
  const told = protocolError(error, issuer);
  if (error instanceof ResponseBodyError) {
    const { status } = error;
    if (passingStatus(status) || passing.has(error.error)) return trouble(inTrouble(told), status);
    if (endings.has(error.error)) return failure('ended', loginNeeded('The login has ended.', told));
    return newLogins.has(error.error)
      ? failure('not-granted', loginNeeded('The issuer wants a new login for this.', told))
      : failure('refused', told);
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return passingStatus(error.status) ? trouble(inTrouble(told), error.status) : failure('refused', told);
  }
  if (isForeign(error, told)) return failure('foreign', told);
  if (told.code === 'TOKEN_INVALID') return failure('refused', told);
  const cause = (told.cause as { code?: unknown } | undefined)?.code;
  const isCut = typeof cause === 'string' && cuts.has(cause);
  return isCut ? { kind: 'trouble', error: told, answerLost: true } : trouble(told, statusIn(error));
}

export function loginNeeded(message: string, cause?: UserError): UserError {
  const text = cause === undefined ? message : `${message} ${cause.message}`;
  return new UserError('LOGIN_NEEDED', text, { hint: 'Sign in again: dkp-auth login.', cause });
}

const failure = (kind: IssuerFailure['kind'], error: UserError): IssuerFailure => ({
  kind,
  error,
  answerLost: false,
});

const trouble = (error: UserError, status?: number): IssuerFailure => ({
  kind: 'trouble',
  error,
  answerLost: status !== undefined && lostBehindProxy.has(status),
});

function inTrouble(told: UserError): UserError {
  return new UserError('ISSUER_ANSWER', told.message, {
    hint: 'You stay signed in. Try again later.',
    cause: told,
  });
}

/** OpenID Connect Core, section 12.2: a renewed token has the issuer and the subject of the first one. */
function isForeign(error: unknown, told: UserError): boolean {
  if (told.code === 'WRONG_ACCOUNT') return true;
  if (!(error instanceof ClientError) || error.code !== 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') return false;
  let cause = error.cause;
  while (cause instanceof Error) cause = cause.cause;
  return (cause as { claim?: unknown } | undefined)?.claim === 'iss';
}

function statusIn(error: unknown): number | undefined {
  return error instanceof ClientError && error.cause instanceof Response ? error.cause.status : undefined;
}
