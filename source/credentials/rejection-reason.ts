import * as v from 'valibot';
import type { Profile } from '../profiles/profile.ts';
import { plainText, shortList } from '../text.ts';
import { clockTime } from './pause.ts';

const claimsSchema = v.object({
  iss: v.optional(v.string(), ''),
  aud: v.optional(v.union([v.string(), v.array(v.string())]), []),
  iat: v.optional(v.number(), 0),
  groups: v.optional(v.array(v.string())),
  /** Where the groups are too many for a token (OpenID Connect Core, section 5.6.2). */
  _claim_names: v.optional(v.object({ groups: v.optional(v.string()) })),
});
type Claims = v.InferOutput<typeof claimsSchema>;

/** What the issuer's clock and this machine's may differ by without anybody minding. */
const clockToleranceSeconds = 60;

export type RejectedToken = {
  readonly token: string;
  /** When it was stored here, in milliseconds since the epoch by this machine's clock. */
  readonly storedAt: number;
};

/** Why an API server may reject a token, as far as the token and the profile tell: one or two sentences. */
export function rejectionReason({ token, storedAt }: RejectedToken, profile: Profile): string {
  const claims = claimsOf(token);
  if (claims === undefined) return 'The token cannot be read here.';
  const audiences = [claims.aud].flat();
  const told = audiences.length === 0 ? 'no audience' : `the audience ${plainText(shortList(audiences, 5))}`;
  const expected = expectedAudience(profile);
  if (expected !== undefined && !audiences.includes(expected)) {
    return `It is for ${told}, but the cluster is known to expect ${plainText(expected)}.`;
  }
  if (claims.iss !== profile.issuer) {
    return `It is from the issuer ${plainText(claims.iss)}, but the cluster is known to trust ${plainText(profile.issuer)}.`;
  }
  // A token cannot have been stored before it was made.
  const behind = Math.round(claims.iat - storedAt / 1000);
  if (behind > clockToleranceSeconds) {
    return `This machine's clock is ${behind} s behind the issuer's; if the API server's is too, the token is not valid yet for it.`;
  }
  return `It is from the issuer ${plainText(claims.iss)}, for ${told}, issued at ${clockTime(claims.iat * 1000)}, with ${groupsOf(claims)}: the server may expect another audience or issuer, have a clock that is wrong, or let none of these groups in.`;
}

function expectedAudience({ audience }: Profile): string | undefined {
  switch (audience?.kind) {
    case 'dex-client':
      return audience.client;
    case 'resource':
      return audience.resource;
    case 'audience':
      return audience.audience;
    default:
      return undefined;
  }
}

function groupsOf({ groups, _claim_names: elsewhere }: Claims): string {
  if (groups !== undefined && groups.length > 0) return `the groups ${plainText(shortList(groups, 5))}`;
  return elsewhere?.groups === undefined ? 'no groups' : 'no groups, which were too many for it';
}

function claimsOf(token: string): Claims | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const result = v.safeParse(claimsSchema, payload);
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
