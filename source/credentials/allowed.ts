import type { UserError } from '../errors.ts';
import { loginCommand, loginNeeded } from '../profiles/login-needed.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { errorOf } from './failure.ts';
import type { FlightRecord } from './flight-record.ts';
import { clockTime, type Pause, pauseAfter, pausedUntil, renewalKind } from './pause.ts';

/** How a caller may get a token: without the person, and by asking the person. */
export type Allowed = { readonly renew: boolean; readonly signIn: boolean };

/**
 * What may be tried now of what this caller could do.
 * @param now milliseconds since the epoch
 * @throws UserError LOGIN_NEEDED, or what the last renewal failed with, when nothing may
 */
export function allowedNow(record: FlightRecord, could: Allowed, profile: ProfileName, now: number): Allowed {
  const { login, renewal } = record;
  const kind = renewal && renewalKind(renewal);
  const noRenewal = kind && pausedUntil(renewal, kind, now);
  // Without a network no login would work either.
  if (could.renew && renewal && kind === 'trouble' && noRenewal !== undefined) {
    throw stillFailing(renewal, noRenewal);
  }
  const noLogin = pausedUntil(login, 'login', now);
  const allowed = {
    renew: could.renew && noRenewal === undefined,
    signIn: could.signIn && noLogin === undefined,
  };
  if (allowed.renew || allowed.signIn) return allowed;
  throw could.signIn && login && noLogin !== undefined
    ? noLoginYet(profile, login, noLogin)
    : loginNeeded(profile);
}

function stillFailing({ failure }: Pause, until: number): UserError {
  const hint = `Not tried again before ${clockTime(until)}. ${failure.hint ?? ''}`.trim();
  return errorOf({ ...failure, hint });
}

export function noLoginYet(profile: ProfileName, { failure }: Pause, until: number): UserError {
  const why = `The last login for the profile "${profile}" came to nothing (${failure.message.replace(/\.$/, '')}), and kubectl begins no other before ${clockTime(until)}.`;
  return loginNeeded(profile, why);
}

/** Of a login whose process was killed: it counts as one that nobody finished. */
export function withoutAbandonedLogin(record: FlightRecord, profile: ProfileName): FlightRecord {
  const { asking, ...rest } = record;
  if (asking === undefined) return record;
  const error = loginNeeded(profile, 'It was begun and never finished.');
  return { ...rest, login: pauseAfter(rest.login, error, asking.since) };
}

/** For who may not ask and finds that somebody else is being asked. */
export function loginUnderWay(profile: ProfileName): UserError {
  return loginNeeded(
    profile,
    `A login for the profile "${profile}" is under way in another terminal.`,
    `Finish it, or run: ${loginCommand(profile)}`,
  );
}
