import type { Choice, LoginOptions } from '../../login/options.ts';
import type { State } from '../state.ts';
import { isIssuerWay } from '../waiting.ts';

/** The plain options that the answers amount to; the same that flags fill. */
export function optionsOf(state: State, choices: readonly Choice[]): LoginOptions | undefined {
  const { method, way, target } = state;
  const portal = target?.portal ?? state.portal;
  const atIssuer = isIssuerWay(way);
  if (portal === undefined || method === undefined) return undefined;
  const offered = state.clusterList?.clusters.length ?? 0;
  return {
    portal,
    identityProvider:
      atIssuer || target !== undefined
        ? state.answers.identityProvider
        : way === 'page'
          ? undefined
          : state.provider?.id,
    issuerLogin: atIssuer ? target?.issuerLogin : undefined,
    choices,
    allClusters: choices.length === offered && offered > 1,
    method,
    output: state.answers.output,
    setCurrent: state.answers.setCurrent,
    merge: state.destination.merge || undefined,
    onConflict: state.destination.onConflict,
    portable: state.answers.portable,
    signInTime: state.signInTime ?? 'first',
  };
}
