/** Unix seconds, as in the token's `iat` and `exp` (RFC 7519, section 4.1). */
export type Lifetime = { readonly issuedAt: number; readonly expiresAt: number };

/** A token and whether another one can be had without the person. */
export type Renewable = Lifetime & { readonly renewable: boolean };

/** A token this close to its end is not handed out any more: the request it is for must still arrive. Seconds. */
export const marginSeconds = 30;

// A fifth of a life leaves the issuer time to be down for a while; more would ask it more often for nothing.
const lastPart = 1 / 5;
// A background renewal must be over before callers have to wait for it.
const shortestLastPart = 60;
// A token of a day is as good as new for the rest of it; two hours outlast most outages.
const longestLastPart = 2 * 3600;

/**
 * The Unix second from which a token is in the last part of its life. One that can be renewed without the person is then
 * still handed out, and renewed meanwhile; any other is good until the margin before its end.
 */
export function renewalTime({ issuedAt, expiresAt }: Lifetime, renewable: boolean): number {
  if (!renewable) return expiresAt - marginSeconds;
  const life = Math.max(0, expiresAt - issuedAt);
  const wanted = Math.min(Math.max(life * lastPart, shortestLastPart), longestLastPart);
  // A token of a minute or two is fresh for half its life at least, or each call would renew it.
  return expiresAt - Math.max(marginSeconds, Math.ceil(Math.min(wanted, life / 2)));
}

/** What the issuer's clock may be ahead of this machine's before the time here is in doubt. Seconds. */
const clockToleranceSeconds = 60;

/** The Unix seconds from which (inclusive) and until which (exclusive) a token is handed out without a second thought. */
export function freshBetween(token: Renewable): readonly [from: number, due: number] {
  return [token.issuedAt - clockToleranceSeconds, renewalTime(token, token.renewable)];
}

/** Whether a token is handed out without a second thought. `now` in Unix seconds. */
export function isFresh(token: Renewable, now: number): boolean {
  const [from, due] = freshBetween(token);
  return from <= now && now < due;
}

/** Whether a token may be handed out at all. `now` in Unix seconds. */
export function isUsable({ expiresAt }: Pick<Lifetime, 'expiresAt'>, now: number): boolean {
  return expiresAt - marginSeconds > now;
}

/** Whether it is time to get another one, or to ask the person for a login. `now` in Unix seconds. */
export function isDue(token: Renewable, now: number): boolean {
  return renewalTime(token, token.renewable) <= now;
}
