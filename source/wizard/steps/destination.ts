import type { OnConflict } from '../../kubeconfig/merge.ts';
import type { LoginAnswers } from '../../login/answers.ts';
import { isText, type Key } from '../parts/keys.ts';
import type { State } from '../state.ts';

/** Where a login is written: into a file of its own, or into the kubeconfig that kubectl uses. */
export type Destination = { readonly merge: boolean; readonly onConflict: OnConflict | undefined };

export function destinationOf({ merge = false, onConflict }: LoginAnswers): Destination {
  return { merge, onConflict };
}

/** Whether the person may still say where: a file that a flag names is an answer. */
export function mayMoveDestination({ answers, busy }: State): boolean {
  return busy === undefined && answers.output === undefined && answers.merge === undefined;
}

/** Whether a name is taken by somebody else's entry, and the person may say what becomes of ours. */
export function isConflict({ problem, destination }: State): boolean {
  return problem?.code === 'KUBECONFIG_CONFLICT' && destination.onConflict === undefined;
}

/** A key of the review that changes where or how is written; undefined for any other. */
export function destinationKey(state: State, key: Key): State | undefined {
  const { destination } = state;
  if (mayMoveDestination(state) && isText(key, 'm')) {
    return { ...state, destination: { merge: !destination.merge, onConflict: state.answers.onConflict } };
  }
  if (!isConflict(state)) return undefined;
  if (isText(key, 'r')) return { ...state, destination: { ...destination, onConflict: 'rename' } };
  if (isText(key, 'o')) return { ...state, destination: { ...destination, onConflict: 'replace' } };
  return undefined;
}
