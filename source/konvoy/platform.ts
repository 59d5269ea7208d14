import { comparablePem } from '../credentials/binding.ts';
import { UserError } from '../errors.ts';
import { readCaFile } from '../login/connect.ts';
import type { TokenDemand } from '../login/obtain.ts';
import { type Cluster, listClusters } from '../portal/clusters.ts';
import { openPortal } from '../portal/open-portal.ts';
import type { DkpPortal, Trust } from '../portal/portal.ts';
import { findClusterPage } from '../sign-in/page.ts';
import { readCertificates } from '../system/certificates.ts';
import { displayFingerprint } from '../system/fingerprint.ts';
import { systemAuthorities } from '../system/http.ts';
import type { Environment } from '../system/paths.ts';
import { chooseProxies } from '../system/proxy.ts';
import type { KonvoyArguments } from './arguments.ts';
import type { KonvoyBinding, KonvoyCluster } from './binding.ts';

/** As the original has it: what the kubeconfig names is trusted beside the system's authorities. */
export async function openKonvoyPortal(
  { link, caData, caFile }: KonvoyArguments,
  env: Environment,
): Promise<DkpPortal> {
  const given = caData === undefined ? [] : [certificatesIn(caData, '-ca-data')];
  if (caFile !== undefined) {
    const { pem, path } = await readCaFile(caFile, env);
    given.push(certificatesIn(pem, path));
  }
  const trust: Trust =
    given.length === 0
      ? { kind: 'system' }
      : { kind: 'authority', pem: [...given, ...systemAuthorities()].join('\n') };
  return openPortal(link, trust, { proxies: chooseProxies(undefined, env) });
}

function certificatesIn(pem: string, source: string): string {
  return readCertificates(pem, source)
    .map(certificate => certificate.pem)
    .join('\n');
}

/** What the platform says of the clusters that a call may be for. */
export type KonvoyStanding = {
  readonly demand: Pick<TokenDemand, 'issuers' | 'audiences'>;
  /** Servers that the platform does not list. */
  readonly unlisted: readonly string[];
};

/** @throws UserError WRONG_CLUSTER when the kubeconfig trusts another authority for a cluster than the platform names */
export async function standingOf(
  portal: DkpPortal,
  binding: KonvoyBinding,
  signal: AbortSignal,
): Promise<KonvoyStanding> {
  const { clusters: listed } = await listClusters(portal, signal);
  const wanted = binding.kind === 'cluster' ? [binding.cluster] : binding.clusters;
  const found = wanted.flatMap(cluster => {
    const same = listed.find(each => each.server === cluster.server);
    if (same !== undefined) assertSameAuthority(cluster, same);
    return same === undefined ? [] : [same];
  });
  const known = new Set(found.map(({ server }) => server));
  const [own] = found;
  const audiences =
    binding.kind === 'cluster' && own !== undefined
      ? (await findClusterPage(portal, own, signal)).audiences
      : undefined;
  return {
    demand: {
      issuers: [...new Set((found.length > 0 ? found : listed).map(({ issuer }) => issuer))],
      audiences,
    },
    unlisted: wanted.map(({ server }) => server).filter(server => !known.has(server)),
  };
}

function assertSameAuthority(cluster: KonvoyCluster, listed: Cluster): void {
  if (comparablePem(cluster.ca ?? '') === comparablePem(listed.ca ?? '')) return;
  const fingerprint = (pem: string | undefined) => {
    if (pem === undefined) return "the system's authorities";
    const [first] = readCertificates(pem, 'the certificate');
    return displayFingerprint(first?.fingerprint ?? '');
  };
  throw new UserError(
    'WRONG_CLUSTER',
    `The kubeconfig trusts another certificate authority for ${cluster.server} than the platform names.`,
    {
      hint: [
        `Kubeconfig: ${fingerprint(cluster.ca)}`,
        `Platform:   ${fingerprint(listed.ca)}`,
        'No token was asked for. Download the kubeconfig again, or ask your administrator.',
      ].join('\n'),
    },
  );
}
