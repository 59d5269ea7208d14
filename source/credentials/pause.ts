import type { UserError } from '../errors.ts';
import { type Failure, failureOf } from './failure.ts';

/** Something that failed, and is not tried again for a while that grows with each failure. */
export type Pause = {
  /** When it failed, in milliseconds since the epoch. */
  since: number;
  /** How often in a row. */
  failures: number;
  failure: Failure;
};

export type PauseKind = 'login' | 'trouble' | 'ended';

// A login costs a person a browser tab; trouble with the network is often over soon, and looking costs little.
const lengths: Record<PauseKind, { readonly firstMs: number; readonly longestMs: number }> = {
  login: { firstMs: 30_000, longestMs: 1_800_000 },
  trouble: { firstMs: 5_000, longestMs: 60_000 },
  ended: { firstMs: 30_000, longestMs: 1_800_000 },
};
/** Failures that are longer ago do not count any more. */
const memoryMs = 2 * 3600 * 1000;

export function pauseMs({ failures }: Pick<Pause, 'failures'>, kind: PauseKind): number {
  const { firstMs, longestMs } = lengths[kind];
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 30), longestMs);
}

/** What a pause is about: a session that has ended does not come back, anything else may. */
export const renewalKind = ({ failure }: Pick<Pause, 'failure'>): PauseKind =>
  failure.code === 'LOGIN_NEEDED' ? 'ended' : 'trouble';

/**
 * Whether something is still to be left alone. A time that lies ahead was written before a clock was set back: it holds
 * no longer than a time in the past does.
 * @returns until when, in milliseconds since the epoch
 */
export function pausedUntil(pause: Pause | undefined, kind: PauseKind, now: number): number | undefined {
  if (pause === undefined) return undefined;
  const length = pauseMs(pause, kind);
  return Math.abs(now - pause.since) < length ? Math.min(pause.since, now) + length : undefined;
}

export function pauseAfter(before: Pause | undefined, error: UserError, now: number): Pause {
  const counts = before !== undefined && Math.abs(now - before.since) < memoryMs;
  return { since: now, failures: counts ? before.failures + 1 : 1, failure: failureOf(error) };
}

/** The time of day on this machine, with seconds. */
export function clockTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(part => String(part).padStart(2, '0'))
    .join(':');
}
