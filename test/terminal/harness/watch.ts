import type { Screen } from './screen.ts';

export type Expectation = string | RegExp | ((screen: string[]) => boolean);

export type Watch = {
  /** To be called whenever the screen may have changed. */
  changed(): void;
  /** Ends every wait: nothing more will come. */
  ended(reason: string): void;
  waitFor(expectation: Expectation, options?: { timeout?: number }): Promise<string[]>;
};

const meets = (expectation: Expectation, screen: string[]) => {
  if (typeof expectation === 'function') return expectation(screen);
  const text = screen.join('\n');
  return typeof expectation === 'string' ? text.includes(expectation) : expectation.test(text);
};

/** Waits for the screen to show something, woken by output and never by a clock. */
export function createWatch(
  screen: Screen,
  describe: () => string,
  /** Half a frame is nothing that anybody sees. */
  isDrawing: () => boolean = () => false,
): Watch {
  const listeners = new Set<() => void>();
  let end: string | undefined;
  const wake = () => {
    for (const listener of listeners) listener();
  };
  return {
    changed: wake,
    ended(reason) {
      end = reason;
      wake();
    },
    waitFor(expectation, { timeout = 10_000 } = {}) {
      const { stack } = new Error();
      return new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          listeners.delete(check);
        };
        const fail = (why: string) => {
          stop();
          const error = new Error(`${why} while waiting for ${String(expectation)}\n${describe()}`);
          error.stack = `${error.message}\n${stack?.split('\n').slice(2).join('\n') ?? ''}`;
          reject(error);
        };
        const check = () => {
          if (end === undefined && isDrawing()) return;
          if (meets(expectation, screen.screen())) {
            stop();
            resolve(screen.screen());
          } else if (end !== undefined) {
            fail(end);
          }
        };
        const timer = setTimeout(() => fail(`${timeout} ms passed`), timeout);
        listeners.add(check);
        check();
      });
    },
  };
}

export const frameOf = (lines: readonly string[], columns: number) => {
  const edge = `+${'-'.repeat(columns)}+`;
  return [edge, ...lines.map(line => `|${line.padEnd(columns)}|`), edge].join('\n');
};
