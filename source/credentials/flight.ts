import { randomBytes } from 'node:crypto';
import { isAbort, toUserError, UserError } from '../errors.ts';
import { loginNeeded } from '../profiles/login-needed.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { listFolder, makePrivateFolder } from '../system/files.ts';
import { type Lease, type Pace, withLock } from '../system/lock.ts';
import type { Paths } from '../system/paths.ts';
import { watchFile } from '../system/watch-file.ts';
import { type Allowed, allowedNow, loginUnderWay, withoutAbandonedLogin } from './allowed.ts';
import type { Credential } from './credential.ts';
import { openDoor } from './door.ts';
import { errorOf, failureOf } from './failure.ts';
import {
  type FlightRecord,
  flightFolder,
  flightLock,
  readFlightRecord,
  recordName,
  writeFlightRecord,
} from './flight-record.ts';
import { pauseAfter } from './pause.ts';

/** One process's wish for a token of a profile, which it shares with every other that has the same. */
export type Flight = {
  readonly paths: Paths;
  readonly profile: ProfileName;
  /** What this caller could do if nothing had failed before. */
  readonly could: Allowed;
  /** How long to wait for another one, in milliseconds; with 0, LOCKED is thrown at once. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /**
   * A stored token that will do.
   * @param isNew it was obtained while we waited: there is none better
   */
  find(isNew: boolean): Promise<Credential | undefined>;
  run(turn: Turn): Promise<Credential>;
  /** Told, when it has waited for a second, whether the other one asks a person, and again when that begins later. */
  readonly onWait?: (isLogin: boolean) => void;
};

/** What the one that flies may do, and has to tell. */
export type Turn = Allowed & {
  /** Aborted too when the profile has got its token otherwise. */
  readonly signal: AbortSignal;
  /** To be awaited before the person is asked. */
  asking(): Promise<void>;
  /** Only a login helps. */
  renewalEnded(error: UserError): void;
};

const quietMs = 1000;
/** In this time somebody who was killed while a person was being asked has been found out. */
const settlingMs = 300;
// The end of a flight is told by its record; the lock is looked at for those that were killed.
const pace: Pace = { firstMs: 50, longestMs: 250 };

/**
 * Gets a token as one of any number of processes: one of them works, the others wait for it and take its token, or what
 * it failed with. Whether a flight ended while one waited is told by its id, so no clock is compared.
 * @throws UserError LOGIN_NEEDED, LOCKED, NETWORK, ...
 */
export async function joinFlight(flight: Flight): Promise<Credential> {
  const { paths, profile, could, patienceMs, signal } = flight;
  const deadline = performance.now() + patienceMs;
  await makePrivateFolder(flightFolder(paths)).catch(() => undefined);
  for (;;) {
    const record = await readFlightRecord(paths, profile);
    const found = await flight.find(false);
    if (found !== undefined) return found;
    allowedNow(record, could, profile, Date.now());
    const wait = startWaiting(flight, record.last?.id);
    let isFlying = false;
    try {
      const outcome = await withLock(
        flightLock(paths, profile),
        lease => {
          isFlying = true;
          return fly(flight, wait, lease);
        },
        {
          signal: AbortSignal.any([signal, wait.settled]),
          timeoutMs: Math.max(0, deadline - performance.now()),
          what: `a token for the profile "${profile}"`,
          pace,
        },
      );
      if (outcome !== 'ended-meanwhile') return outcome;
    } catch (error) {
      signal.throwIfAborted();
      // Where nothing can be written nothing can be shared; a token for this call is still better than none.
      if (!isFlying && error instanceof UserError && error.code === 'IO') return flyAlone(flight, record);
      if (isFlying || !wait.settled.aborted) throw error;
      if (wait.settled.reason instanceof UserError) throw wait.settled.reason;
    } finally {
      wait.stop();
    }
    const shared = await outcomeOfAnother(flight);
    if (shared !== undefined) return shared;
  }
}

type Wait = {
  /** The id of the last flight when waiting began. */
  readonly seen: string | undefined;
  /** Aborted when another flight has ended since, or with an error when there is nothing to wait for. */
  readonly settled: AbortSignal;
  /** It is our turn: what others are doing does not matter any more, only whether they have succeeded. */
  fly(): void;
  stop(): void;
};

function startWaiting({ paths, profile, could, onWait }: Flight, seen: string | undefined): Wait {
  const settled = new AbortController();
  const begun = performance.now();
  let isFlying = false;
  let told: boolean | undefined;
  const tell = (isLogin: boolean) => {
    if (isFlying || settled.signal.aborted || told === isLogin) return;
    told = isLogin;
    onWait?.(isLogin);
  };
  const stop = watchFile(flightFolder(paths), recordName(profile), async () => {
    const { last, asking } = await readFlightRecord(paths, profile);
    if (last !== undefined && last.id !== seen) settled.abort();
    else if (!isFlying && !could.signIn && asking && performance.now() - begun > settlingMs)
      settled.abort(loginUnderWay(profile));
    else if (told !== undefined && asking) tell(true);
  });
  const quiet = setTimeout(async () => {
    tell((await readFlightRecord(paths, profile)).asking !== undefined);
  }, quietMs);
  return {
    seen,
    settled: settled.signal,
    fly() {
      isFlying = true;
      clearTimeout(quiet);
    },
    stop() {
      clearTimeout(quiet);
      stop();
    },
  };
}

async function fly(flight: Flight, wait: Wait, lease: Lease): Promise<Credential | 'ended-meanwhile'> {
  const { paths, profile, could } = flight;
  wait.fly();
  const present = await readFlightRecord(paths, profile);
  if (present.last?.id !== wait.seen) return 'ended-meanwhile';
  const found = await flight.find(false);
  if (found !== undefined) return found;
  const before = withoutAbandonedLogin(present, profile);
  const write = async (record: FlightRecord) => {
    // A record that cannot be written costs the others a flight of their own.
    await lease
      .confirm()
      .then(() => writeFlightRecord(paths, profile, record))
      .catch(() => undefined);
  };
  let allowed: Allowed;
  try {
    allowed = allowedNow(before, could, profile, Date.now());
  } catch (error) {
    if (before !== present) await write(before);
    throw error;
  }
  const progress: Progress = { asked: false, ended: undefined };
  const id = randomBytes(12).toString('hex');
  try {
    const credential = await flight.run({
      ...allowed,
      signal: AbortSignal.any([flight.signal, wait.settled, lease.signal]),
      async asking() {
        progress.asked = true;
        await write({ ...before, asking: { since: Date.now() } });
        // Who waits before it for a renewal has to learn that there is something to do.
        await openDoor(paths, profile);
      },
      renewalEnded(error) {
        progress.ended = error;
      },
    });
    await write({ version: 1, last: { id, attended: could.signIn } });
    return credential;
  } catch (error) {
    if (wait.settled.aborted && !flight.signal.aborted) return 'ended-meanwhile';
    const after = recordAfter(before, progress, error, { id, flight });
    if (after !== undefined) await write(after);
    throw error;
  }
}

type Progress = { asked: boolean; ended: UserError | undefined };

/** @returns undefined when there is nothing to remember: it was called off before it had come to anything */
function recordAfter(
  before: FlightRecord,
  { asked, ended }: Progress,
  error: unknown,
  { id, flight }: { readonly id: string; readonly flight: Flight },
): FlightRecord | undefined {
  const { profile, could } = flight;
  const { aborted, reason } = flight.signal;
  const isCalledOff = isAbort(error) || (aborted && isAbort(reason));
  if (isCalledOff && !asked)
    return ended && { ...before, renewal: pauseAfter(before.renewal, ended, Date.now()) };
  const told = isCalledOff ? loginNeeded(profile, 'It was cancelled.') : toUserError(error);
  const now = Date.now();
  // A pause spares issuers and people; a disk of ours is neither, and may be well by the next call.
  const renewal = ended ?? (asked || told.code === 'IO' ? undefined : told);
  return {
    version: 1,
    last: { id, attended: could.signIn, failure: failureOf(told) },
    login: asked ? pauseAfter(before.login, told, now) : before.login,
    renewal: renewal === undefined ? before.renewal : pauseAfter(before.renewal, renewal, now),
  };
}

function flyAlone(flight: Flight, record: FlightRecord): Promise<Credential> {
  const { could, profile, signal } = flight;
  return flight.run({
    ...allowedNow(record, could, profile, Date.now()),
    signal,
    asking: async () => undefined,
    renewalEnded: () => undefined,
  });
}

/** @returns undefined when it is of no use to this caller, who then tries itself */
async function outcomeOfAnother(flight: Flight): Promise<Credential | undefined> {
  const found = await flight.find(true);
  if (found !== undefined) return found;
  const { last } = await readFlightRecord(flight.paths, flight.profile);
  if (last?.failure === undefined) return undefined;
  const couldDoMore = flight.could.signIn && !last.attended && last.failure.code === 'LOGIN_NEEDED';
  if (couldDoMore) return undefined;
  throw errorOf(last.failure);
}

/** A login that the person began has brought a token: those that wait take it, and nothing is held back any more. */
export async function tellOfLogin(paths: Paths, profile: ProfileName): Promise<void> {
  // Where nobody has flown there is nobody to tell.
  if (!(await listFolder(flightFolder(paths))).some(name => name.startsWith(`${profile}.`))) return;
  const id = randomBytes(12).toString('hex');
  await writeFlightRecord(paths, profile, { version: 1, last: { id, attended: true } });
}

/** There is a new session for a profile, so that it may be renewed again. */
export async function forgetRenewalFailures(paths: Paths, profile: ProfileName): Promise<void> {
  const { renewal, ...rest } = await readFlightRecord(paths, profile);
  if (renewal !== undefined) await writeFlightRecord(paths, profile, rest);
}
