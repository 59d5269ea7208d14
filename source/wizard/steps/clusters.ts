import { chooseClusters } from '../../login/choose.ts';
import type { Cluster, ClusterList, UnusableCluster } from '../../portal/clusters.ts';
import type { EffectEvent } from '../effects.ts';
import { chosenItems, createSelectList, type SelectListState } from '../parts/select-list.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { rememberedOf } from './link.ts';
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
      return ask(withProblem(withSelect(state, list), error), list);
    }
    return ask(withSelect(state, list), list);
  },

  retry(state) {
    const again = describe(state, state.chosen);
    return { ...again, effects: [{ kind: 'abort' }, ...again.effects] };
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
    if (event.type === 'probed')
      return stay({ ...state, reached: new Map([...state.reached, ...event.answers]) });
    if (event.type === 'failed') return stay(withProblem(state, event.error));
    const described = withAudiences(state, event);
    if (described === undefined) return stay(state);
    return state.clusterSelect === undefined ? skip(described) : next(described);
  },
};

/** While somebody chooses, it is seen which clusters answer from here. */
function ask(state: State, { clusters }: ClusterList): Turn {
  const open = clusters.filter(({ server }) => !state.reached.has(server));
  return stay(state, ...(open.length === 0 ? [] : [{ kind: 'probe' as const, clusters: open }]));
}

function withAudiences(state: State, event: EffectEvent): State | undefined {
  if (event.type === 'described') return { ...state, audiences: event.audiences };
  return event.type === 'audiencesKnown' ? { ...state, issuerAudiences: event.audiences } : undefined;
}

function describe(state: State, chosen: readonly Cluster[]): Turn {
  const { target } = state;
  if (target !== undefined) {
    return stay(
      waitFor({ ...state, chosen }, texts.describing),
      { kind: 'stopProbing' },
      { kind: 'askAudiences', target, clusters: chosen },
    );
  }
  if (state.portal === undefined) return skip(state);
  const waiting = waitFor({ ...state, chosen: tokenFirst(chosen, state.pageCluster) }, texts.describing);
  return stay(waiting, { kind: 'stopProbing' }, { kind: 'describe', portal: state.portal, clusters: chosen });
}

// A token from a cluster's page is that cluster's, so it comes first.
function tokenFirst(chosen: readonly Cluster[], pageCluster: Cluster | undefined): readonly Cluster[] {
  if (pageCluster === undefined || !chosen.includes(pageCluster)) return chosen;
  return [pageCluster, ...chosen.filter(cluster => cluster !== pageCluster)];
}

function withSelect(state: State, list: ClusterList): State {
  if (state.clusterSelect !== undefined) return { ...state, busy: undefined };
  const used = rememberedOf(state, state.link)?.clusters ?? [];
  const chosen = state.pageCluster === undefined ? used : [state.pageCluster.server];
  return { ...state, busy: undefined, clusterSelect: selectOf(list, chosen) };
}

function selectOf({ clusters, unusable }: ClusterList, chosen: readonly string[]): SelectListState {
  const items = [
    ...clusters.map(({ server, name, workspace }) => ({
      id: server,
      label: name,
      detail: server,
      keywords: workspace,
    })),
    ...unusable.map((cluster: UnusableCluster, index) => ({
      id: `unusable ${index}`,
      label: cluster.name,
      disabledReason: cluster.reason,
    })),
  ];
  const known = new Set(clusters.map(({ server }) => server));
  const active = chosen.find(server => known.has(server));
  return createSelectList(items, { multiple: true, chosen, activeId: active });
}
