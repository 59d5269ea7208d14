import type { State } from '../state.ts';
import { texts } from '../texts.ts';

/** What is worth knowing of a cluster before choosing it: its workspace, whether it answers, and a profile it has. */
export function clusterCells({
  clusterList,
  reached,
  profiles,
}: Pick<State, 'clusterList' | 'reached' | 'profiles'>): (server: string) => readonly string[] {
  const workspaces = new Map(clusterList?.clusters.map(({ server, workspace }) => [server, workspace ?? '']));
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
