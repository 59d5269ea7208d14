import { UserError } from '../errors.ts';
import { plainText, shortList } from '../text.ts';
import type { Cluster } from './clusters.ts';
import { normalizeServerUrl } from './server-url.ts';

/**
 * The cluster a person names: by name, host name or API server address.
 * @throws UserError UNKNOWN_CLUSTER when none or several fit
 */
export function findCluster(list: readonly Cluster[], text: string): Cluster {
  const server = normalizeServerUrl(text);
  const exact = list.filter(cluster => cluster.server === server || cluster.hostname === text);
  const fitting = exact.length > 0 ? exact : list.filter(cluster => cluster.name === text);
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) {
    throw new UserError('UNKNOWN_CLUSTER', `There is no cluster "${plainText(text)}" at this portal.`, {
      hint: `It has: ${shortList(list.map(cluster => cluster.name))}.`,
    });
  }
  throw new UserError('UNKNOWN_CLUSTER', `Several clusters are called "${plainText(text)}".`, {
    hint: `Name one by its address: ${shortList(fitting.map(cluster => cluster.server))}.`,
  });
}
