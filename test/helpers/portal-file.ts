import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';
import type { Home } from './home.ts';

export type PortalFileOptions = {
  readonly clusters?: readonly string[];
  /** Whether each cluster's own audience is named; otherwise they all accept the same. */
  readonly audiences?: boolean;
};

/** An administrator's file for clusters of the demo, with its public client. */
export async function writePortalFile(
  { document, cluster: clusterOf }: Demo,
  home: Home,
  { clusters = ['kubernetes-cluster', 'red-prod'], audiences = true }: PortalFileOptions = {},
): Promise<string> {
  const file = home.path('portal.yaml');
  const { issuer, ca, clients } = document;
  const described = clusters.map(clusterOf).map(({ name, server, ca: serverCa, audience }) => ({
    name,
    server,
    ca: serverCa,
    ...(audiences && { audience: { dexClient: audience } }),
  }));
  const content = {
    apiVersion: 'dkp-auth/v1',
    kind: 'PortalFile',
    issuer,
    ca,
    client: { id: clients.public },
    clusters: described,
  };
  await writeFile(file, stringify(content));
  return file;
}

/** What a login is told of one cluster of a portal file, in a kubeconfig of its own. */
export const toOneCluster = (portalFile: string, cluster: string, profile = cluster): string[] => [
  '--portal-file',
  portalFile,
  '--cluster',
  cluster,
  '--method',
  '2',
  '--profile',
  profile,
];
