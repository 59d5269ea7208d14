import { assertSameCluster } from '../credentials/binding.ts';
import type { CallerCluster, ExecInfo } from '../credentials/exec-credential.ts';
import { UserError } from '../errors.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { plainText } from '../text.ts';
import type { KonvoyArguments } from './arguments.ts';
import { clustersOf, sameArguments } from './served.ts';
import type { KonvoySurroundings } from './surroundings.ts';

/** An API server that a token may go to: normalized address, PEM of its authority. */
export type KonvoyCluster = { readonly server: string; readonly ca: string | undefined };

/** Which cluster a call is for; `shared` where nothing tells, with those that it may be for. */
export type KonvoyBinding =
  | { readonly kind: 'cluster'; readonly cluster: KonvoyCluster }
  | { readonly kind: 'shared'; readonly clusters: readonly KonvoyCluster[] };

/**
 * The caller's own word decides which cluster is meant; without it, the kubeconfigs, where these arguments serve one
 * cluster only.
 * @throws UserError WRONG_CLUSTER for a server that no token is ever sent to
 */
export async function bindingOf(
  request: KonvoyArguments,
  info: ExecInfo | undefined,
  surroundings: () => Promise<KonvoySurroundings>,
): Promise<KonvoyBinding> {
  if (info?.cluster !== undefined) return { kind: 'cluster', cluster: soundCluster(request, info.cluster) };
  const { contexts } = await surroundings();
  const served = clustersOf(contexts.filter(context => sameArguments(context.arguments, request)));
  const clusters = served.map(cluster => soundCluster(request, cluster));
  const [only, second] = clusters;
  return only !== undefined && second === undefined
    ? { kind: 'cluster', cluster: only }
    : { kind: 'shared', clusters };
}

function soundCluster({ user }: KonvoyArguments, caller: CallerCluster): KonvoyCluster {
  const server = normalizeServerUrl(caller.server);
  if (server === undefined) {
    throw new UserError(
      'WRONG_CLUSTER',
      `A kubeconfig asks for a token for ${plainText(caller.server)}, which is not the https address of a cluster.`,
      { hint: 'Mend its "server", or download the kubeconfig again.' },
    );
  }
  const ca = caller.ca === '' ? undefined : caller.ca;
  const name = plainText(user) || 'default';
  assertSameCluster({ name, cluster: { name: new URL(server).host, server, ca } }, caller);
  return { server, ca };
}
