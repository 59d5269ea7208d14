/** A point in time of this process. The machine's clock may be set afterwards, and what else runs stands still in its sleep. */
export type Moment = {
  /** By `steadyNow`. */
  readonly steady: number;
  /** By the machine's clock, in milliseconds since the epoch. */
  readonly clock: number;
};

/**
 * The time in milliseconds since the epoch, as the machine's clock said when this process began and as it has passed since.
 * It never jumps; the time that the machine has slept may be missing in it.
 */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

export function thisMoment(): Moment {
  return { steady: steadyNow(), clock: Date.now() };
}

/** Milliseconds that have passed since a moment: the longer of what the clock says, and what has run. */
export function passedSince({ steady, clock }: Moment): number {
  return Math.max(steadyNow() - steady, Date.now() - clock);
}
