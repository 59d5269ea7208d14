import type { Cluster } from '../portal/clusters.ts';
import type { PortalConnection } from '../portal/token-service.ts';
import { findClusterPage } from '../sign-in/page.ts';
import { mapLimited } from '../system/limited.ts';

const pagesAtOnce = 16;

/** Audiences each cluster's API server accepts, asked from its page; clusters whose page does not tell are left out. */
export async function findAudiences(
  portal: PortalConnection,
  clusters: readonly Cluster[],
  signal?: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<Map<Cluster, readonly string[]>> {
  let done = 0;
  const pages = await mapLimited(clusters, pagesAtOnce, async cluster => {
    const page = await findClusterPage(portal, cluster, signal);
    done += 1;
    onProgress?.(done);
    return [cluster, page] as const;
  });
  return new Map(pages.flatMap(([cluster, page]) => (page.audiences ? [[cluster, page.audiences]] : [])));
}
