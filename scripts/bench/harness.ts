/** One line of the report: a figure of this run, and what it is measured against. */
export type Figure = {
  readonly what: string;
  /** In `unit`, the median unless `what` says otherwise; undefined: not measured, and `note` says why. */
  readonly value: number | undefined;
  readonly unit: 'ms' | 'ratio' | 'MB' | 'requests' | 'times';
  /** The most that it may be. */
  readonly target?: number;
  readonly note?: string;
};

export type Context = {
  /** How many rounds each measurement takes. */
  readonly runs: number;
  /** A folder for this measurement, removed after it. */
  readonly folder: string;
  /** Run when the measurement is over, the latest first. */
  after(run: () => Promise<void> | void): void;
};

export type Measurement = {
  readonly name: string;
  readonly title: string;
  /** How it is measured, in one sentence or two. */
  readonly method: string;
  run(context: Context): Promise<Figure[]>;
};

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

export type Subject = {
  readonly name: string;
  /** One measurement, in milliseconds. */
  measure(round: number): number | Promise<number>;
};

export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Measures all subjects in every round, each round in another order, so that whatever else the machine does meets all of
 * them alike. The first round warms up, and does not count.
 */
export async function interleaved(subjects: readonly Subject[], runs: number): Promise<Times> {
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    const from = round % subjects.length;
    for (const { name, measure } of [...subjects.slice(from), ...subjects.slice(0, from)]) {
      const time = await measure(round);
      if (round > 0) times.get(name)?.push(time);
    }
  }
  return times;
}

/** The median of the ratios within the rounds. */
export function ratioOf(times: Times, name: string, base: string): number {
  const bases = times.get(base) ?? [];
  return median((times.get(name) ?? []).map((time, round) => time / (bases[round] ?? Number.NaN)));
}

export const medianOf = (times: Times, name: string) => median(times.get(name) ?? []);
