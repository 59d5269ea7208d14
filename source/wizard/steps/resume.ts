import { formatLoginLink } from '../../portal/login-link.ts';
import type { Key } from '../parts/keys.ts';
import type { Interrupted, State } from '../state.ts';
import { isAccountAsked } from './control.ts';
import { type Step, stepsOf } from './order.ts';

const pick = (...ids: readonly string[]): Key => ({ name: 'pick', ids });
const enter: Key = { name: 'enter' };

/**
 * The keys that give the answer of a wizard that was left to the question at hand.
 * @returns undefined where it was left, and where it had no answer
 */
export function resumingKeys(state: State, left: Interrupted): readonly Key[] | undefined {
  const steps = stepsOf(state);
  if (steps.indexOf(state.step) >= steps.indexOf(left.step)) return undefined;
  switch (state.step) {
    case 'provider':
      return left.identityProvider === undefined ? undefined : [pick(left.identityProvider), enter];
    case 'login':
      return isAccountAsked(state) ? [enter] : undefined;
    case 'clusters':
      return left.clusters === undefined ? undefined : [pick(...left.clusters), enter];
    case 'method':
      return left.method === undefined ? undefined : [pick(left.method), enter];
    case 'time':
      return left.signInTime === undefined ? undefined : [pick(left.signInTime), enter];
    case 'names':
      return state.nameRows.flatMap(({ cluster, field }) => {
        const name = left.names?.[cluster.server] ?? field.value;
        return [
          { name: 'ctrl', letter: 'e' },
          { name: 'ctrl', letter: 'u' },
          { name: 'paste', text: name },
          enter,
        ] satisfies Key[];
      });
    default:
      return undefined;
  }
}

/** What is worth keeping of a wizard that is left: what was answered, and nothing secret. */
export function interruptedAt(state: State, now: number): Interrupted | undefined {
  const { link, step, provider, chosen, method, signInTime, nameRows } = state;
  // At an issuer the flags say where to go, and before the portal has answered there is nothing to go on with.
  if (link === undefined || state.target !== undefined || state.portal === undefined) return undefined;
  const isPast = (earlier: Step) => {
    const steps = stepsOf(state);
    return steps.indexOf(step) > steps.indexOf(earlier);
  };
  return {
    loginLink: formatLoginLink(link),
    step: step === 'run' ? 'review' : step,
    leftAt: now,
    ...(provider !== undefined && { identityProvider: provider.id }),
    ...(chosen.length > 0 && isPast('clusters') && { clusters: chosen.map(({ server }) => server) }),
    ...(method !== undefined && isPast('method') && { method }),
    ...(signInTime !== undefined && isPast('time') && { signInTime }),
    ...(nameRows.length > 0 &&
      isPast('names') && {
        names: Object.fromEntries(nameRows.map(({ cluster, field }) => [cluster.server, field.value])),
      }),
  };
}
