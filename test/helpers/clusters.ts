import type { Cluster } from '../../source/portal/clusters.ts';
import { issuer } from './profiles.ts';

/** A cluster as a portal lists it. */
export function sampleCluster(name: string, more: Partial<Cluster> = {}): Cluster {
  return {
    name,
    nameIsUnique: true,
    hostname: `${name}.example.com`,
    server: `https://${name}.example.com:6443`,
    ca: undefined,
    issuer,
    ...more,
  };
}
