import type { Cluster } from '../../portal/clusters.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';

/** What is worth knowing of a cluster before choosing it: its workspace, whether it answers, and a profile it has. */
export function clusterCells({
  clusterList,
  reached,
  profiles,
}: Pick<State, 'clusterList' | 'reached' | 'profiles'>): (server: string) => readonly string[] {
  const workspaces = workspacesOf(clusterList?.clusters ?? none);
  const names = new Map(profiles.map(({ name, cluster }) => [cluster.server, name]));
  return server => {
    const answers = reached.get(server);
    const name = names.get(server);
    return [
      workspaces.get(server) ?? '',
      answers === undefined ? '' : answers ? texts.answers : texts.answersNot,
      name === undefined ? '' : texts.hasProfile(name),
    ];
  };
}

const none: readonly Cluster[] = [];
const known = new WeakMap<readonly Cluster[], ReadonlyMap<string, string>>();

/** By server; of thousands of clusters this is not made at every key. */
function workspacesOf(clusters: readonly Cluster[]): ReadonlyMap<string, string> {
  const before = known.get(clusters);
  if (before !== undefined) return before;
  const workspaces = new Map(clusters.map(({ server, workspace }) => [server, workspace ?? '']));
  known.set(clusters, workspaces);
  return workspaces;
}
