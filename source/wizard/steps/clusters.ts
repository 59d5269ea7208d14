import { chooseClusters } from '../../login/resolve.ts';
import type { Cluster, ClusterList, UnusableCluster } from '../../portal/clusters.ts';
import type { EffectEvent } from '../effects.ts';
import { chosenItems, createSelectList, type SelectListState } from '../parts/select-list.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, waitFor, withProblem } from './turn.ts';

export const clustersStep: StepLogic = {
  enter(state) {
    const list = state.clusterList;
    if (list === undefined) return skip(state);
    if (state.chosen.length > 0 && state.clusterSelect === undefined) return describe(state, state.chosen);
    try {
      const chosen = chooseClusters(state.answers, list.clusters);
      if (chosen !== undefined) return describe(state, chosen);
    } catch (error) {
      return stay(withProblem(withSelect(state, list), error));
    }
    return stay(withSelect(state, list));
  },

  key(state, key) {
    const { clusterSelect, clusterList } = state;
    if (state.busy !== undefined) return undefined;
    if (clusterSelect === undefined)
      return state.problem && key.name === 'enter' ? describe(state, state.chosen) : undefined;
    const changed = listKey(clusterSelect, key);
    if (changed !== undefined) return stay({ ...state, clusterSelect: changed, problem: undefined });
    if (key.name !== 'enter') return undefined;
    const ids = new Set(chosenItems(clusterSelect).map(item => item.id));
    const chosen = (clusterList?.clusters ?? []).filter(cluster => ids.has(cluster.server));
    if (chosen.length > 0) return describe(state, chosen);
    return stay({ ...state, problem: { code: 'USAGE', message: texts.clustersNone, hint: undefined } });
  },

  event(state, event) {
    if (event.type === 'failed') return stay(withProblem(state, event.error));
    const described = withAudiences(state, event);
    if (described === undefined) return stay(state);
    return state.clusterSelect === undefined ? skip(described) : next(described);
  },
};

function withAudiences(state: State, event: EffectEvent): State | undefined {
  if (event.type === 'described') return { ...state, audiences: event.audiences };
  return event.type === 'audiencesKnown' ? { ...state, issuerAudiences: event.audiences } : undefined;
}

function describe(state: State, chosen: readonly Cluster[]): Turn {
  const { target } = state;
  if (target !== undefined) {
    return stay(waitFor({ ...state, chosen }, texts.describing), {
      kind: 'askAudiences',
      target,
      clusters: chosen,
    });
  }
  if (state.portal === undefined) return skip(state);
  const waiting = waitFor({ ...state, chosen: tokenFirst(chosen, state.pageCluster) }, texts.describing);
  return stay(waiting, { kind: 'describe', portal: state.portal, clusters: chosen });
}

// A token from a cluster's page is that cluster's, so it comes first.
function tokenFirst(chosen: readonly Cluster[], pageCluster: Cluster | undefined): readonly Cluster[] {
  if (pageCluster === undefined || !chosen.includes(pageCluster)) return chosen;
  return [pageCluster, ...chosen.filter(cluster => cluster !== pageCluster)];
}

function withSelect(state: State, list: ClusterList): State {
  if (state.clusterSelect !== undefined) return { ...state, busy: undefined };
  const chosen = state.pageCluster === undefined ? [] : [state.pageCluster.server];
  return { ...state, busy: undefined, clusterSelect: selectOf(list, chosen) };
}

function selectOf({ clusters, unusable }: ClusterList, chosen: readonly string[]): SelectListState {
  const items = [
    ...clusters.map(cluster => ({ id: cluster.server, label: cluster.name, detail: cluster.server })),
    ...unusable.map((cluster: UnusableCluster, index) => ({
      id: `unusable ${index}`,
      label: cluster.name,
      disabledReason: cluster.reason,
    })),
  ];
  return createSelectList(items, { multiple: true, chosen, activeId: chosen[0] });
}
