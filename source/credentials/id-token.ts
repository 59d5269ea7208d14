import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { type Account, sameAccount, toldApart } from '../profiles/profile.ts';
import { plainText } from '../text.ts';

/** Signatures by a private key only: neither `none` nor a shared secret can be checked by a client. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 60;
/** Between the clocks of the token service and the issuer, which run in one platform. */
const ageToleranceSeconds = 5;
const longestToken = 64_000;
/** The last second that a date with four digits of year can tell. */
const endOfCalendar = 253_402_300_799;

const claimsSchema = v.object({
  iss: v.string(),
  sub: v.pipe(v.string(), v.minLength(1), v.maxLength(1000)),
  aud: v.union([v.string(), v.array(v.string())]),
  exp: v.pipe(v.number(), v.maxValue(endOfCalendar)),
  iat: v.number(),
  email: v.optional(v.string()),
  name: v.optional(v.string()),
  preferred_username: v.optional(v.string()),
  groups: v.optional(v.array(v.string())),
});

type NamingClaims = Pick<v.InferOutput<typeof claimsSchema>, 'sub' | 'email' | 'name' | 'preferred_username'>;

/** What a checked ID token says. */
export type IdToken = {
  readonly token: string;
  readonly account: Account;
  readonly groups: readonly string[];
  readonly audience: readonly string[];
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
};

export type IdTokenExpectation = {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
  /** The issuer's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** When this login began, by the issuer's clock; an older token was made for somebody else's. Milliseconds. */
  readonly notBefore?: number;
  /** The account the profile is pinned to. */
  readonly account?: Account;
  /** Audiences the cluster's API server accepts, one of which must be there; undefined when not known. */
  readonly audiences?: readonly string[];
};

/**
 * Checks an ID token before it is stored (OpenID Connect Core, section 3.1.3.7): signature by the issuer's published
 * keys, issuer, expiry, age, account and audience.
 * @throws UserError TOKEN_INVALID, WRONG_ACCOUNT
 */
export async function verifyIdToken(token: string, expected: IdTokenExpectation): Promise<IdToken> {
  if (token.length > longestToken) throw invalid('is too large', undefined);
  const claims = await verifiedClaims(token, expected);
  const audience = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  if (expected.notBefore !== undefined && (claims.iat + ageToleranceSeconds) * 1000 < expected.notBefore) {
    throw invalid('is older than this login, so it was made for another one', undefined, 'Sign in again.');
  }
  if (expected.audiences !== undefined && !expected.audiences.some(name => audience.includes(name))) {
    throw invalid(
      `is meant for ${plainText(audience.join(', '))}, but this cluster accepts ${plainText(expected.audiences.join(', '))}`,
      undefined,
      "Use the cluster's own page: --sign-in page.",
    );
  }
  const account: Account = { issuer: claims.iss, subject: claims.sub, label: accountLabel(claims) };
  requireAccount(account, expected.account);
  const groups = (claims.groups ?? []).slice(0, 1000).map(group => plainText(group));
  return { token, account, groups, audience, issuedAt: claims.iat, expiresAt: Math.floor(claims.exp) };
}

/** @throws UserError WRONG_ACCOUNT */
export function requireAccount(account: Account, pinned: Account | undefined): void {
  if (pinned === undefined || sameAccount(account, pinned)) return;
  const [signedIn, owner] = toldApart(account, pinned);
  throw new UserError(
    'WRONG_ACCOUNT',
    `You signed in as ${signedIn}, but this profile belongs to ${owner}.`,
    {
      hint: 'Nothing was stored. Sign in with that account, or choose another profile name for this one.',
    },
  );
}

async function verifiedClaims(token: string, expected: IdTokenExpectation) {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(expected.keys), {
      algorithms,
      issuer: expected.issuer,
      currentDate: new Date(expected.now),
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'aud', 'exp', 'iat'],
    });
    const result = v.safeParse(claimsSchema, payload);
    if (result.success) return result.output;
  } catch (error) {
    throw explain(error, expected);
  }
  throw invalid('holds claims of a wrong kind', undefined);
}

/** What people know an account by: e-mail address, user name, name, or else its subject. */
export function accountLabel(claims: NamingClaims): string {
  for (const candidate of [claims.email, claims.preferred_username, claims.name]) {
    const label = plainText(candidate ?? '', 100);
    if (label !== '') return label;
  }
  return plainText(claims.sub, 60);
}

function explain(error: unknown, expected: IdTokenExpectation): UserError {
  if (error instanceof errors.JWTExpired) return invalid('has expired', error, 'Sign in again.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const fault =
      error.claim === 'iss'
        ? `is not from ${plainText(expected.issuer)}`
        : error.claim === 'nbf'
          ? 'is not valid yet'
          : `has no good "${plainText(error.claim, 40)}"`;
    const hint = error.claim === 'nbf' ? 'Check the clock of this machine.' : undefined;
    return invalid(fault, error, hint);
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalid('is signed in a way that proves nothing', error);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid("is not signed by the issuer's keys", error);
  }
  return invalid('cannot be read', error);
}

function invalid(fault: string, cause: unknown, hint = 'Nothing was stored.'): UserError {
  return new UserError('TOKEN_INVALID', `The token ${fault}.`, { hint, cause });
}
