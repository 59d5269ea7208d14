import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { normalizeServerUrl } from './server-url.ts';
import {
  type DownloadedCluster,
  fetchKubeconfigClusters,
  fetchProviders,
  type PortalConnection,
  type PortalProviders,
} from './token-service.ts';

/** A Kubernetes API server of a portal. The server's address is its identity; names may repeat. */
export type Cluster = {
  readonly name: string;
  /** Whether no other cluster of the portal bears the name. */
  readonly nameIsUnique: boolean;
  /** The host name the portal knows it by; tells clusters of equal name apart. */
  readonly hostname: string;
  /** Normalized https address. */
  readonly server: string;
  /** PEM of the certificate authority, or undefined for the system's. */
  readonly ca: string | undefined;
  /** The issuer whose tokens the API server accepts. */
  readonly issuer: string;
  /** The workspace it belongs to, where an administrator's file says. */
  readonly workspace?: string | undefined;
};

/** A cluster the portal lists but that cannot be used, and why. */
export type UnusableCluster = { readonly name: string; readonly hostname: string; readonly reason: string };

export type ClusterList = {
  readonly clusters: readonly Cluster[];
  readonly unusable: readonly UnusableCluster[];
};

/** The clusters a portal offers to anybody who may sign in there; needs no login. */
export async function listClusters(portal: PortalConnection, signal?: AbortSignal): Promise<ClusterList> {
  // One after the other: either has megabytes where there are thousands of clusters.
  const downloaded = await fetchKubeconfigClusters(portal, signal);
  const list = joinClusters(await fetchProviders(portal, signal), downloaded);
  if (list.clusters.length === 0) {
    throw new UserError('NO_CLUSTERS', 'The portal lists no cluster that can be used.', {
      hint:
        list.unusable[0] === undefined
          ? 'Ask your administrator whether the workspace has clusters.'
          : `${list.unusable[0].name}: ${list.unusable[0].reason}.`,
    });
  }
  return list;
}

export function joinClusters(
  providers: PortalProviders,
  downloaded: readonly DownloadedCluster[],
): ClusterList {
  const servers = Map.groupBy(downloaded, cluster => cluster.name);
  const clusters = new Map<string, Omit<Cluster, 'nameIsUnique'>>();
  const unusable: UnusableCluster[] = [];
  for (const provider of providers) {
    const issuer = normalizeServerUrl(provider.url) === undefined ? undefined : provider.url;
    for (const listed of provider.clusters ?? []) {
      const hostname = plainText(listed.clusterHostname);
      const name = plainText(listed.name) || hostname || '(no name)';
      const addresses = servers.get(listed.clusterHostname) ?? [];
      const [address] = addresses;
      const server = address && normalizeServerUrl(address.server);
      if (addresses.some(other => other.server !== address?.server)) {
        unusable.push({ name, hostname, reason: 'the portal gives several addresses for its host name' });
      } else if (issuer === undefined) {
        unusable.push({ name, hostname, reason: 'its issuer is not an https address' });
      } else if (server === undefined) {
        unusable.push({ name, hostname, reason: 'the portal gives no https address of its API server' });
      } else {
        const ca = authorityOf(address?.caData, listed.ca);
        if (!clusters.has(server)) clusters.set(server, { name, hostname, server, ca, issuer });
      }
    }
  }
  const usable = [...clusters.values()];
  const bearers = Map.groupBy(usable, cluster => cluster.name);
  return {
    clusters: usable.map(cluster => ({ ...cluster, nameIsUnique: bearers.get(cluster.name)?.length === 1 })),
    unusable,
  };
}

// The download and the list are two views of one setting; either may leave it out.
function authorityOf(caData: string | undefined, listed: string): string | undefined {
  const pem = caData === undefined ? '' : Buffer.from(caData, 'base64').toString('utf8');
  const chosen = pem.includes('-----BEGIN CERTIFICATE-----') ? pem : listed;
  return chosen.includes('-----BEGIN CERTIFICATE-----') ? chosen : undefined;
}
