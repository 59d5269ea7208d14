import path from 'node:path';
import * as v from 'valibot';
import type { Account } from '../profiles/profile.ts';
import type { IssuerClient, SignedIn } from '../sign-in/issuer-client.ts';
import { sha256 } from '../system/digest.ts';
import type { Paths } from '../system/paths.ts';

const text = (length: number) => v.pipe(v.string(), v.maxLength(length));
const refreshToken = v.pipe(v.string(), v.minLength(1), v.maxLength(64_000));

const sessionSchema = v.object({
  version: v.literal(1),
  id: text(64),
  issuer: text(2000),
  clientId: text(1000),
  account: v.object({ issuer: text(2000), subject: text(1000), label: text(300) }),
  refreshToken,
  /** The one before, until the present one has been accepted: an issuer's answer may get lost on either side. */
  previousRefreshToken: v.optional(refreshToken),
  /** What the person agreed to at the login: no token can ever have more. */
  scopes: v.array(text(2000)),
  identityProvider: v.optional(text(200)),
});

/** What a login leaves at an issuer: there is one for an issuer, client and account, and profiles share it. */
export type Session = v.InferOutput<typeof sessionSchema>;

/** What tells a session from another. */
export type SessionKey = {
  readonly issuer: string;
  readonly clientId: string;
  readonly account: Pick<Account, 'issuer' | 'subject'>;
};

/** A hash, because what issuers and people are called must not become part of a path. */
export function sessionId({ issuer, clientId, account }: SessionKey): string {
  const names = [issuer, clientId, account.issuer, account.subject];
  return sha256(JSON.stringify(names)).slice(0, 40);
}

export const sessionFolder = (paths: Paths) => path.join(paths.state, 'sessions');
export const sessionFile = (paths: Paths, id: string) => path.join(sessionFolder(paths), `${id}.json`);

export const isSessionId = (id: string) => /^[0-9a-f]{40}$/.test(id);

/** @returns undefined when the issuer gave nothing to renew with */
export function sessionOf(
  client: Pick<IssuerClient, 'issuer' | 'clientId'>,
  { token, refreshToken, scopes }: SignedIn,
  identityProvider?: string,
): Session | undefined {
  if (refreshToken === undefined) return undefined;
  const { issuer, clientId } = client;
  const { account } = token;
  return {
    version: 1,
    id: sessionId({ issuer, clientId, account }),
    issuer,
    clientId,
    account,
    refreshToken,
    scopes: [...scopes],
    ...(identityProvider !== undefined && { identityProvider }),
  };
}

/** @returns undefined when the text is not a session, or not the one with this id */
export function parseSession(content: string, id: string): Session | undefined {
  try {
    const result = v.safeParse(sessionSchema, JSON.parse(content));
    return result.success && result.output.id === id && sessionId(result.output) === id
      ? result.output
      : undefined;
  } catch {
    return undefined;
  }
}
