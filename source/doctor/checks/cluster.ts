import type { Profile } from '../../profiles/profile.ts';
import { createHttpClient } from '../../system/http.ts';
import { type Proxies, proxyFor } from '../../system/proxy.ts';
import { hostOf } from '../../system/reach.ts';
import { plainText, shortList } from '../../text.ts';
import { type Check, ok } from '../check.ts';

const limits = { connectMs: 3_000, silenceMs: 3_000, totalMs: 3_000 };
const mostClusters = 30;

/** A place that other checks look at already. */
export type Place = { readonly prefix: string; readonly origin: URL };

/** Whether each API server answers and has a certificate of the authority that its profiles name. No token is sent. */
export function clusterChecks(
  profiles: readonly Profile[],
  proxies: Proxies,
  places: readonly Place[],
): Check[] {
  const servers = Map.groupBy(profiles, ({ cluster }) => cluster.server);
  return [...servers.values()].slice(0, mostClusters).flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const { server, ca, name } = first.cluster;
    const url = new URL(server);
    return {
      key: `cluster ${server}`,
      id: 'api-server',
      needs: needsOf(url, proxies, places),
      async run(signal) {
        const http = createHttpClient({
          ...(ca !== undefined && { authorities: [ca] }),
          proxies,
          limits,
        });
        try {
          await http.send(new URL(`${server}/version`), { signal });
        } finally {
          await http.close();
        }
        const names = shortList(
          group.map(profile => profile.name),
          5,
        );
        return ok(`${plainText(name)} (${names}) answers at ${url.host}`);
      },
    };
  });
}

/** What is wrong with the way to a platform is not told again for each cluster behind the same name. */
function needsOf(url: URL, proxies: Proxies, places: readonly Place[]): string[] {
  const sameOrigin = places.find(({ origin }) => origin.origin === url.origin);
  if (sameOrigin !== undefined) return [`${sameOrigin.prefix}/tcp`];
  const through = proxyFor(proxies, url);
  return places.flatMap(({ prefix, origin }) => [
    ...(hostOf(origin) === hostOf(url) ? [`${prefix}/name`] : []),
    ...(through !== undefined && proxyFor(proxies, origin) !== undefined ? [`${prefix}/proxy`] : []),
  ]);
}
