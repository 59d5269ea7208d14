import { toUserError } from '../../errors.ts';
import type { Effect, EffectEvent } from '../effects.ts';
import type { Key } from '../parts/keys.ts';
import { type SelectListState, selectListKey, setFilter } from '../parts/select-list.ts';
import type { State } from '../state.ts';

/**
 * What comes of an event: the next state, what to do outside, and where to go. `next` remembers this step as one to
 * come back to; `skip` goes on without that, because nothing was asked; `login` goes back to make the login again.
 */
export type Turn = {
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly go: 'stay' | 'next' | 'skip' | 'back' | 'login';
};

/** One question: what happens when it comes up, at a key, and when an effect of its own answers. */
export type StepLogic = {
  enter(state: State): Turn;
  /** Undefined when the key means nothing here. */
  key(state: State, key: Key): Turn | undefined;
  event(state: State, event: EffectEvent): Turn;
  /** Begins anew what is under way; not every step has something that can be. */
  retry?(state: State): Turn;
};

export const stay = (state: State, ...effects: readonly Effect[]): Turn => ({ state, effects, go: 'stay' });
export const next = (state: State, ...effects: readonly Effect[]): Turn => ({
  state: calm(state),
  effects,
  go: 'next',
});
export const skip = (state: State): Turn => ({ state: calm(state), effects: [], go: 'skip' });
export const again = (state: State): Turn => ({ state: calm(state), effects: [], go: 'login' });
export const back = (state: State): Turn => ({ state: calm(state), effects: [], go: 'back' });

const calm = (state: State): State => ({
  ...state,
  busy: undefined,
  problem: undefined,
  isSlow: false,
  progress: undefined,
});

/** A step that waits; what went wrong before is off the screen. */
export const waitFor = (state: State, busy: string): State => ({ ...calm(state), busy });

export function withProblem(state: State, error: unknown): State {
  const { message, hint, code } = toUserError(error);
  return { ...calm(state), problem: { message, hint, code } };
}

/** A key for a list: Escape first clears the filter; undefined when the list has no use for the key. */
export function listKey(list: SelectListState, key: Key): SelectListState | undefined {
  if (key.name === 'escape') return list.filter === '' ? undefined : setFilter(list, '');
  const changed = selectListKey(list, key);
  return changed === list ? undefined : changed;
}
