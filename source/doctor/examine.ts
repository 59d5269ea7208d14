import type { StoreChoice } from '../credentials/store-choice.ts';
import { toUserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Paths } from '../system/paths.ts';
import { chooseProxies, type Proxies } from '../system/proxy.ts';
import type { Streams } from '../system/streams.ts';
import { type Check, type CheckGroup, type FindingGroup, fault } from './check.ts';
import { clusterChecks } from './checks/cluster.ts';
import { folderChecks } from './checks/folders.ts';
import { issuerChecks } from './checks/issuer.ts';
import { kubectlChecks } from './checks/kubectl.ts';
import { networkChecks } from './checks/network.ts';
import { platformChecks } from './checks/platform.ts';
import { pluginChecks } from './checks/plugin.ts';
import { surroundingChecks } from './checks/surroundings.ts';
import { tlsChecks } from './checks/tls.ts';
import { openTarget, type PortalTarget } from './portal-target.ts';
import { runChecks } from './run-checks.ts';

export type Examination = {
  readonly targets: readonly PortalTarget[];
  /** Those whose API servers are looked at. */
  readonly profiles: readonly Profile[];
  readonly proxy: string | undefined;
  readonly store: StoreChoice;
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/** Looks at everything that a login and kubectl's calls depend on, from the outside in. No credential is sent anywhere. */
export async function examine(examination: Examination): Promise<FindingGroup[]> {
  const { targets, profiles, proxy, store, paths, streams, signal } = examination;
  const { env } = streams;
  const proxies = proxiesOf(proxy, streams);
  const places = targets.map((target, number) => ({ prefix: `portal ${number}`, target }));
  const opened = places.map(({ prefix, target }) => {
    const reach = proxies instanceof Error ? undefined : proxies;
    const portal = openTarget(target, reach);
    const outside = reach === undefined ? [unusableProxy(prefix, proxies)] : [];
    const { origin, ca } = target;
    const way = { prefix, origin, ca, proxies: reach ?? { proxy: undefined, except: '' } };
    const network = networkChecks(way).filter(({ key }) => !outside.some(check => check.key === key));
    const platform = platformChecks(prefix, portal);
    const issuer = issuerChecks(prefix, target, portal, platform.issuer);
    const checks = [...outside, ...network, ...tlsChecks(way), ...platform.checks, ...issuer];
    return { portal, group: { title: target.title, checks } };
  });
  const origins = places.map(({ prefix, target }) => ({ prefix, origin: target.origin }));
  const clusters = proxies instanceof Error ? [] : clusterChecks(profiles, proxies, origins);
  const machine: CheckGroup = {
    title: 'This machine',
    checks: [
      ...kubectlChecks(env),
      ...pluginChecks({ env, paths, profiles }),
      ...folderChecks({ env, paths }),
      ...surroundingChecks({ streams, store }),
    ],
  };
  const groups = [...opened.map(({ group }) => group), { title: 'API servers', checks: clusters }, machine];
  try {
    return await runChecks(
      groups.filter(({ checks }) => checks.length > 0),
      signal,
    );
  } finally {
    // What hangs is not waited for.
    for (const { portal } of opened) void portal.close().catch(() => undefined);
  }
}

function proxiesOf(flag: string | undefined, { env }: Streams): Proxies | Error {
  try {
    return chooseProxies(flag, env);
  } catch (error) {
    return toUserError(error);
  }
}

function unusableProxy(prefix: string, error: unknown): Check {
  const { message, hint } = toUserError(error);
  return { key: `${prefix}/proxy`, id: 'proxy', run: async () => fault(message, hint ?? 'Mend it.') };
}
