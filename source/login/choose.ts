import type { Cluster } from '../portal/clusters.ts';
import { findCluster } from '../portal/find-cluster.ts';
import type { LoginAnswers } from './answers.ts';

/**
 * The clusters that the answers name; undefined when they leave it open. A portal's only cluster needs no naming.
 * @throws UserError UNKNOWN_CLUSTER
 */
export function chooseClusters(
  { clusters }: Pick<LoginAnswers, 'clusters'>,
  offered: readonly Cluster[],
): readonly Cluster[] | undefined {
  if (clusters === 'all') return offered;
  if (clusters !== undefined && clusters.length > 0) {
    return [...new Set(clusters.map(text => findCluster(offered, text)))];
  }
  return offered.length === 1 ? offered : undefined;
}
