import { toUserError } from '../errors.ts';
import type { Driver, DriverContext } from './driver.ts';

/** A driver whose code is loaded when there is something to do outside the reducer, or `warmUp` is called. */
export type LaterDriver = Driver & { warmUp(): void };

/** The first screen is there before the code that talks to servers and writes files. */
export function createLaterDriver(context: DriverContext): LaterDriver {
  let loading: Promise<Driver> | undefined;
  const load = () => (loading ??= import('./driver.ts').then(({ createDriver }) => createDriver(context)));
  return {
    run(effect, emit) {
      // Nothing is under way yet.
      if (effect.kind === 'abort' && loading === undefined) return;
      load().then(
        driver => driver.run(effect, emit),
        error => emit({ type: 'failed', error: toUserError(error) }),
      );
    },
    warmUp() {
      void load().catch(() => undefined);
    },
    async close() {
      await (await loading?.catch(() => undefined))?.close();
    },
  };
}
