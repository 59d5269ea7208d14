import type { LoginOutcome } from '../login/run.ts';
import type { Driver } from './driver.ts';
import type { WizardEvent } from './effects.ts';
import { type Reaction, reduce, start } from './flow.ts';
import type { State } from './state.ts';

/** The wizard's one place of change: events go in one by one, whoever draws is told afterwards. */
export type Store = {
  readonly getState: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  readonly dispatch: (event: WizardEvent) => void;
};

export function createStore(
  initial: State,
  driver: Driver,
  onExit: (outcome: LoginOutcome | undefined) => void,
): Store {
  const listeners = new Set<() => void>();
  let state = initial;

  function apply(reaction: Reaction): void {
    state = reaction.state;
    for (const effect of reaction.effects) {
      if (effect.kind === 'exit') onExit(effect.outcome);
      else {
        const { turn } = state;
        driver.run(effect, event => dispatch({ ...event, turn }));
      }
    }
    for (const listener of listeners) listener();
  }

  function dispatch(event: WizardEvent): void {
    apply(reduce(state, event));
  }

  apply(start(initial));
  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch,
  };
}
