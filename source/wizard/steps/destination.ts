import type { OnConflict } from '../../kubeconfig/merge.ts';
import type { LoginAnswers } from '../../login/answers.ts';
import { isText, type Key } from '../parts/keys.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';

/** Where a login is written: into a file of its own, or into the kubeconfig that kubectl uses. */
export type Destination = { readonly merge: boolean; readonly onConflict: OnConflict | undefined };

export function destinationOf({ merge = false, onConflict }: LoginAnswers): Destination {
  return { merge, onConflict };
}

/** Whether the person may still say where: a file that a flag names is an answer. */
export function mayMoveDestination({ answers, busy }: State): boolean {
  return busy === undefined && answers.output === undefined && answers.merge === undefined;
}

/** The other place where it could be written, and the key that goes there. */
export const destinationText = ({ destination }: State): string =>
  destination.merge ? texts.destinationOwn : texts.destinationMerge;

/** What changes in files that are there already, line by line. */
export function diffOf({ plan }: State): string[] {
  const diff = (plan?.files ?? []).filter(({ action }) => action === 'update').map(file => file.diff());
  const text = diff.join('').trimEnd();
  return text === '' ? [] : text.split('\n');
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
