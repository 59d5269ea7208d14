import { decodeProtectedHeader, errors } from 'jose';
import { fetchUserInfo, skipSubjectCheck, type TokenEndpointResponse } from 'openid-client';
import { accountLabel, type IdToken, requireAccount, verifyIdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import type { Account } from '../profiles/profile.ts';
import { type Moment, passedSince, steadyNow } from '../system/moment.ts';
import type { SignedIn } from './issuer-client.ts';
import { configurationOf, type IssuerConnection } from './issuer-connection.ts';
import { protocolError } from './protocol-error.ts';
import type { SignInRequest } from './request.ts';

export type AnswerDemand = Pick<SignInRequest, 'account' | 'audiences'> & {
  /** Scopes that were asked for. */
  readonly scopes: readonly string[];
  /** When the login began; an older token was made for another one. */
  readonly startedAt?: Moment;
  readonly signal: AbortSignal;
};

/**
 * What a token endpoint gave, after openid-client looked at it, checked by the issuer's keys.
 * @throws UserError TOKEN_INVALID, WRONG_ACCOUNT, ISSUER_METADATA, NETWORK
 */
export async function signedInWith(
  connection: IssuerConnection,
  answer: TokenEndpointResponse,
  demand: AnswerDemand,
): Promise<SignedIn> {
  const token =
    connection.client.tokenKind === 'id-token'
      ? await checkedIdToken(connection, answer, demand)
      : await checkedAccessToken(connection, answer, demand);
  return {
    token,
    refreshToken: answer.refresh_token,
    scopes: answer.scope?.split(' ').filter(scope => scope !== '') ?? demand.scopes,
  };
}

async function checkedIdToken(
  connection: IssuerConnection,
  answer: TokenEndpointResponse,
  demand: AnswerDemand,
): Promise<IdToken> {
  if (answer.id_token === undefined) {
    throw new UserError('TOKEN_INVALID', 'The issuer gave no ID token.', {
      hint: 'Nothing was stored. If the clusters take access tokens of this issuer, ask for those instead.',
    });
  }
  return verify(connection, answer.id_token, demand);
}

/**
 * An API server that takes access tokens reads them as signed tokens, so one in that form must pass as an ID token
 * does. One that only its issuer can read tells neither whose it is nor how long it is good; the answer around it must.
 */
async function checkedAccessToken(
  connection: IssuerConnection,
  answer: TokenEndpointResponse,
  demand: AnswerDemand,
): Promise<IdToken> {
  const token = answer.access_token;
  const { audiences, account: pinned, ...unpinned } = demand;
  const readable = isSigned(token) ? await verify(connection, token, { ...unpinned, audiences }) : undefined;
  const account = (await accountBeside(connection, answer, demand)) ?? readable?.account;
  if (account === undefined) {
    throw new UserError('TOKEN_INVALID', 'The issuer does not tell whose access token this is.', {
      hint: 'Nothing was stored. Ask for the scope openid as well.',
    });
  }
  requireAccount(account, pinned);
  if (readable !== undefined) return { ...readable, account };
  if (answer.expires_in === undefined) {
    throw new UserError('TOKEN_INVALID', 'The issuer does not tell how long its access token is good.', {
      hint: 'Nothing was stored.',
    });
  }
  const now = Math.floor((steadyNow() + connection.clockOffset) / 1000);
  const expiresAt = now + Math.floor(answer.expires_in);
  return { token, account, groups: [], audience: [], issuedAt: now, expiresAt };
}

function isSigned(token: string): boolean {
  try {
    return token.split('.').length === 3 && decodeProtectedHeader(token).alg !== undefined;
  } catch {
    return false;
  }
}

/** Whose an access token is, by the ID token that came with it, or by what the issuer tells its bearer. */
async function accountBeside(
  connection: IssuerConnection,
  answer: TokenEndpointResponse,
  demand: AnswerDemand,
): Promise<Account | undefined> {
  const { client, metadata } = connection;
  if (answer.id_token !== undefined) {
    const { audiences, account, ...rest } = demand;
    return (await verify(connection, answer.id_token, rest)).account;
  }
  if (metadata.userinfo_endpoint === undefined || !demand.scopes.includes('openid')) return undefined;
  const configuration = configurationOf(connection, demand.signal);
  try {
    const person = await fetchUserInfo(configuration, answer.access_token, skipSubjectCheck);
    return { issuer: client.issuer, subject: person.sub, label: accountLabel(person) };
  } catch (error) {
    demand.signal.throwIfAborted();
    throw protocolError(error, client.issuer);
  }
}

async function verify(
  connection: IssuerConnection,
  token: string,
  demand: Omit<AnswerDemand, 'scopes'>,
): Promise<IdToken> {
  const { account, audiences, startedAt, signal } = demand;
  const by = ({ keys, clockOffset }: Awaited<ReturnType<IssuerConnection['keys']>>) => {
    const now = steadyNow() + clockOffset;
    return verifyIdToken(token, {
      issuer: connection.client.issuer,
      keys,
      now,
      ...(startedAt !== undefined && { notBefore: now - passedSince(startedAt) }),
      ...(account !== undefined && { account }),
      ...(audiences !== undefined && { audiences }),
    });
  };
  try {
    return await by(await connection.keys(signal));
  } catch (error) {
    const isUnknownKey = error instanceof UserError && error.cause instanceof errors.JWKSNoMatchingKey;
    if (!isUnknownKey) throw error;
    // The keys may have changed since they were read; they are read again once.
    return by(await connection.keys(signal, true));
  }
}
