import { UserError } from '../errors.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { plainText } from '../text.ts';
import type { CallerCluster, ExecInfo } from './exec-credential.ts';

/** What a token is for: a profile, or what stands in for one, and its cluster. */
export type Bound = {
  readonly name: string;
  /** Whether callers must say which cluster they mean. */
  readonly callers?: 'must-name-cluster' | 'any' | undefined;
  readonly cluster: {
    readonly name: string;
    /** Normalized address. */
    readonly server: string;
    /** PEM, or undefined for the system's authorities. */
    readonly ca?: string | undefined;
  };
};

/**
 * Gives a token out only for the API server its profile is bound to: same address, same certificate authority, and the
 * server's certificate checked against its own name. A caller that is kubectl must say which server it means, unless the
 * profile takes any; without `KUBERNETES_EXEC_INFO` a person calls, and there is nothing to compare.
 * @throws UserError WRONG_CLUSTER, CLUSTER_UNKNOWN_TO_CALLER
 */
export function assertBound(profile: Bound, info: ExecInfo | undefined): void {
  if (info === undefined) return;
  const caller = info.cluster;
  if (caller === undefined) {
    if (profile.callers === 'any') return;
    throw new UserError(
      'CLUSTER_UNKNOWN_TO_CALLER',
      `The kubeconfig does not say which cluster the profile "${profile.name}" is asked for.`,
      { hint: 'Set provideClusterInfo: true in the exec entry of its user, or run dkp-auth login again.' },
    );
  }
  assertSameCluster(profile, caller);
}

/** @throws UserError WRONG_CLUSTER */
export function assertSameCluster(profile: Bound, caller: CallerCluster): void {
  const server = normalizeServerUrl(caller.server);
  if (server !== profile.cluster.server) {
    throw refused(profile, `its kubeconfig names ${plainText(caller.server)} instead`);
  }
  if (caller.insecureSkipTlsVerify) throw refused(profile, 'its kubeconfig sets insecure-skip-tls-verify');
  if (caller.tlsServerName !== '') {
    throw refused(
      profile,
      `its kubeconfig expects the server to be ${plainText(caller.tlsServerName)} (tls-server-name)`,
    );
  }
  if (comparablePem(caller.ca) !== comparablePem(profile.cluster.ca ?? '')) {
    throw refused(profile, 'its kubeconfig trusts another certificate authority');
  }
}

/** A PEM text as it is compared: line ends and blanks do not count. */
export function comparablePem(pem: string): string {
  return pem.replace(/\s+/g, '');
}

function refused(profile: Bound, fault: string): UserError {
  return new UserError(
    'WRONG_CLUSTER',
    `The profile "${profile.name}" is bound to ${profile.cluster.name} (${profile.cluster.server}), but ${fault}.`,
    {
      hint: 'A token is never sent to another cluster. Undo the change, or run dkp-auth login for that cluster.',
    },
  );
}
