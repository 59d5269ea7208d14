import { decodeJwt } from 'jose';
import { type IdToken, verifyIdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import type { Portal } from '../portal/portal.ts';
import type { Account } from '../profiles/profile.ts';
import { fetchIssuerKeys } from '../sign-in/issuer.ts';
import { type Moment, passedSince, steadyNow } from '../system/moment.ts';
import { plainText } from '../text.ts';

/** What a token must live up to before anything is done with it. */
export type TokenDemand = {
  /** Issuers of the clusters it may be for. */
  readonly issuers: readonly string[];
  /** When the login began; not given for a pasted token. */
  readonly startedAt?: Moment;
  readonly account?: Account | undefined;
  readonly audiences?: readonly string[] | undefined;
};

/**
 * Checks a token that came through a portal, a page or a person's hands.
 * @throws UserError TOKEN_INVALID, WRONG_ACCOUNT, ISSUER_METADATA
 */
export async function checkToken(
  portal: Portal,
  token: string,
  demand: TokenDemand,
  signal?: AbortSignal,
): Promise<IdToken> {
  const issuer = demand.issuers.find(candidate => candidate === claimedIssuer(token));
  if (issuer === undefined) {
    throw new UserError('TOKEN_INVALID', `The token is not from ${plainText(demand.issuers.join(' or '))}.`, {
      hint: 'Nothing was stored. It may belong to another platform.',
    });
  }
  const { keys, clockOffset } = await fetchIssuerKeys(portal.httpFor(issuer), issuer, signal);
  const now = steadyNow() + clockOffset;
  return verifyIdToken(token, {
    issuer,
    keys,
    now,
    ...(demand.startedAt !== undefined && { notBefore: now - passedSince(demand.startedAt) }),
    ...(demand.account && { account: demand.account }),
    ...(demand.audiences && { audiences: demand.audiences }),
  });
}

function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    throw new UserError('TOKEN_INVALID', 'The token cannot be read.', {
      hint: 'Nothing was stored.',
      cause: error,
    });
  }
}
