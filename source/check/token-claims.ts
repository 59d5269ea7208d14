import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { isFields } from '../kubeconfig/section.ts';

const longestToken = 64_000;

const claimsSchema = v.object({
  iss: v.optional(v.string()),
  aud: v.optional(v.union([v.string(), v.array(v.string())])),
  exp: v.optional(v.number()),
  iat: v.optional(v.number()),
});

/** What a token says of itself (RFC 7519, section 4.1); nobody has verified it. Times are Unix seconds. */
export type TokenClaims = {
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
};

/** A token, without the token. */
export type TokenFacts = {
  /** Equal for equal tokens. */
  readonly digest: string;
  /** One word, as every token is (RFC 6750, section 2.1). */
  readonly isOneWord: boolean;
  /** undefined: not a JSON Web Token, so it tells nothing. */
  readonly claims: TokenClaims | undefined;
};

export function factsOfToken(token: string): TokenFacts {
  const digest = createHash('sha256').update(token).digest('hex');
  return { digest, isOneWord: !/[^\x21-\x7e]/.test(token), claims: claimsOf(token) };
}

function claimsOf(token: string): TokenClaims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || token.length > longestToken) return undefined;
  try {
    const payload: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    if (!isFields(payload)) return undefined;
    const { iss, aud, exp, iat } = v.parse(claimsSchema, payload);
    return {
      issuer: iss,
      audience: aud === undefined ? [] : typeof aud === 'string' ? [aud] : aud,
      issuedAt: iat,
      expiresAt: exp,
    };
  } catch {
    return undefined;
  }
}
