import inspector from 'node:inspector';

export type Coverage = {
  /** Whether code ran since the last call that never ran before. */
  isNew(): boolean;
  /** Makes known what the last call saw. */
  note(): void;
  stop(): void;
};

type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };
type Script = { readonly url: string; readonly functions: readonly { readonly ranges: readonly Range[] }[] };
/** The blocks of each function that did not run, by where the function stands. */
type Missed = Map<string, readonly Range[]>;

/** The engine's own counters of blocks, for the code under a folder. */
export function startCoverage(folder: string): Coverage {
  const session = new inspector.Session();
  session.connect();
  const post = <T>(method: string, parameters: object = {}): T | undefined => {
    let answer: T | undefined;
    // To a session of the same thread, the answer comes before the call returns.
    session.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result as T;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const missed: Missed = new Map();
  let seen: Missed = new Map();
  return {
    isNew() {
      const { result = [] } = post<{ result: Script[] }>('Profiler.takePreciseCoverage') ?? {};
      seen = missedIn(result.filter(({ url }) => url.includes(folder)));
      return [...seen].some(([where, now]) => {
        const before = missed.get(where);
        return before === undefined || before.some(range => !isWithin(range, now));
      });
    },
    note() {
      for (const [where, now] of seen) {
        const before = missed.get(where);
        missed.set(where, before === undefined ? now : inBoth(before, now));
      }
    },
    stop() {
      post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}

// A block that ran as often as what is around it is not listed; one that did not run is.
function missedIn(scripts: readonly Script[]): Missed {
  const missed: Missed = new Map();
  for (const { url, functions } of scripts) {
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined || whole.count === 0) continue;
      missed.set(
        `${url} ${whole.startOffset} ${whole.endOffset}`,
        ranges.filter(({ count }) => count === 0),
      );
    }
  }
  return missed;
}

function isWithin({ startOffset, endOffset }: Range, ranges: readonly Range[]): boolean {
  return ranges.some(range => range.startOffset <= startOffset && endOffset <= range.endOffset);
}

/** What two runs both missed: a block of the one, or a smaller one inside it of the other. */
function inBoth(some: readonly Range[], others: readonly Range[]): Range[] {
  const smaller = others.filter(
    range => isWithin(range, some) && !some.some(each => isWithin(each, [range])),
  );
  return [...some.filter(range => isWithin(range, others)), ...smaller];
}
