import { joinClusters } from '../../portal/clusters.ts';
import { isDkp, type Portal } from '../../portal/portal.ts';
import { fetchKubeconfigClusters, fetchProviders, type PortalProviders } from '../../portal/token-service.ts';
import { shortList } from '../../text.ts';
import { parseUrl } from '../../url.ts';
import { type Check, fault, ok, warning } from '../check.ts';

export type PlatformChecks = {
  readonly checks: readonly Check[];
  /** The issuer that the platform names, once its token service has answered. */
  issuer(): string | undefined;
};

/** The platform's token service, and the clusters it lists. */
export function platformChecks(prefix: string, portal: Portal): PlatformChecks {
  if (!isDkp(portal)) return { checks: [], issuer: () => undefined };
  let listed: PortalProviders = [];
  const checks: Check[] = [
    {
      key: `${prefix}/token-service`,
      id: 'token-service',
      needs: [`${prefix}/tls`],
      async run(signal) {
        listed = await fetchProviders(portal, signal);
        return ok(`answers at ${portal.link.origin}${portal.link.prefix}`);
      },
    },
    {
      key: `${prefix}/clusters`,
      id: 'clusters',
      needs: [`${prefix}/token-service`],
      async run(signal) {
        const { clusters, unusable } = joinClusters(listed, await fetchKubeconfigClusters(portal, signal));
        const odd = unusable.map(({ name, reason }) => `${name} (${reason})`);
        if (clusters.length === 0) {
          return fault(
            odd.length === 0
              ? 'the platform lists no cluster'
              : `no cluster can be used: ${shortList(odd, 5)}`,
            'Ask your administrator whether the workspace has clusters.',
          );
        }
        if (odd.length > 0) {
          return warning(
            `${clusters.length} can be used; not: ${shortList(odd, 5)}`,
            'Tell your administrator.',
          );
        }
        return ok(`${clusters.length}, all with an https address`);
      },
    },
  ];
  return { checks, issuer: () => listed.find(({ url }) => parseUrl(url) !== undefined)?.url };
}
