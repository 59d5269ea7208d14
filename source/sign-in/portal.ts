import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { type PortalConnection, queryAsync, startAsync } from '../portal/token-service.ts';
import { type Moment, steadyNow, thisMoment } from '../system/moment.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

const pollIntervalMs = 1000;
// Enough for a morning on which a team signs in at once: of three logins a second two are hidden.
const mostAttempts = 8;
const longestJitter = 3;
const collisionWindowMs = 1000;

/** A portal sign-in that waits for its person. */
export type PendingSignIn = {
  /** The issuer's authorization address, to be opened in any browser. */
  readonly authorizationUrl: URL;
  readonly hmac: string;
  readonly requestCode: string;
  readonly startedAt: Moment;
  /** When the portal forgets the login, by steadyNow. */
  readonly deadline: number;
};

/**
 * Begins a portal sign-in. The real service keys a login by the second in which it began, and the later of two hides
 * the earlier; so the address is only handed out once that second is over and the login is still ours.
 */
export async function beginPortalSignIn(
  portal: PortalConnection,
  signal?: AbortSignal,
): Promise<PendingSignIn> {
  let isForgotten = true;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const pending = await start(portal, signal);
    await sleep(collisionWindowMs, undefined, { ...(signal && { signal }) });
    const answer = await queryAsync(portal, pending, signal);
    if (answer.kind === 'pending') return pending;
    isForgotten &&= answer.kind === 'expired';
    // Two programs that were in step once must not stay so.
    const jitter = Math.random() * Math.min(attempt, longestJitter);
    await sleep(jitter * collisionWindowMs, undefined, { ...(signal && { signal }) });
  }
  if (isForgotten) {
    throw new UserError(
      'PORTAL_ANSWER',
      `${portal.link.origin} forgets every login as soon as it has begun.`,
      {
        hint: 'The platform is in trouble: try again in a while, or get a token with --sign-in page.',
      },
    );
  }
  throw new UserError('LOGIN_DENIED', 'Other logins keep taking the place of this one.', {
    hint: 'Many people are signing in at this moment. Try again.',
  });
}

async function start(portal: PortalConnection, signal: AbortSignal | undefined): Promise<PendingSignIn> {
  const requestCode = randomBytes(24).toString('hex');
  const startedAt = thisMoment();
  const { authURL, hmac, ttl } = await startAsync(portal, requestCode, signal);
  return {
    authorizationUrl: checkedAddress(authURL),
    hmac,
    requestCode,
    startedAt,
    deadline: startedAt.steady + ttl * 1000,
  };
}

// A person opens this address, so it must be one that a browser shows and a terminal can print.
function checkedAddress(text: string): URL {
  const url = /^https:\/\//.test(text) && plainText(text, 8000) === text ? parseUrl(text) : undefined;
  if (url?.username === '' && url.password === '') return url;
  throw new UserError(
    'PORTAL_ANSWER',
    'The portal gave an address to sign in at that is not an https address.',
    {
      hint: 'Nothing was opened. Check the login link.',
    },
  );
}

export type WaitOptions = {
  readonly signal?: AbortSignal;
  /** Told when a poll fails in a way that may pass, and (undefined) when polls go through again. */
  readonly onTrouble?: (trouble: UserError | undefined) => void;
};

/**
 * Polls until the person has signed in. Trouble on the way is waited out until the deadline, which also ends a poll
 * that is not answered.
 * @throws UserError LOGIN_TIMEOUT
 */
export async function waitForPortalSignIn(
  portal: PortalConnection,
  pending: PendingSignIn,
  options: WaitOptions = {},
): Promise<string> {
  const late = AbortSignal.timeout(Math.max(0, pending.deadline - steadyNow()));
  const either = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  let trouble: UserError | undefined;
  while (steadyNow() < pending.deadline) {
    try {
      const answer = await queryAsync(portal, pending, either);
      if (trouble !== undefined) options.onTrouble?.(undefined);
      trouble = undefined;
      if (answer.kind === 'token') return answer.token;
      if (answer.kind !== 'pending') throw gone(answer.kind);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (late.aborted) break;
      if (!(error instanceof UserError) || !mayPass(error)) throw error;
      if (trouble?.message !== error.message) options.onTrouble?.(error);
      trouble = error;
    }
    await sleep(pollIntervalMs, undefined, { ...(options.signal && { signal: options.signal }) });
  }
  throw trouble ?? gone('expired');
}

function mayPass(error: UserError): boolean {
  return error.code === 'NETWORK' || error.code === 'PORTAL_ANSWER';
}

function gone(kind: 'overtaken' | 'expired'): UserError {
  return kind === 'expired'
    ? new UserError('LOGIN_TIMEOUT', 'Nobody signed in before the login expired.', {
        hint: 'Begin the login again.',
      })
    : new UserError('LOGIN_TIMEOUT', "Somebody else's login took the place of this one.", {
        hint: 'The platform mixes up logins that begin in the same second. Begin the login again.',
      });
}
