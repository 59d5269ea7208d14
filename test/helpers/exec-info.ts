import type { Profile } from '../../source/profiles/profile.ts';

export type KubectlCall = {
  readonly apiVersion?: string;
  readonly interactive?: boolean;
  /** Over what the profile's own kubeconfig says of its cluster; null: nothing is said of a cluster. */
  readonly cluster?: Readonly<Record<string, unknown>> | null;
};

/** The variable that kubectl sets for a credential plugin, as for a kubeconfig of this profile. */
export function kubectlSays(
  { cluster: { server, ca = '' } }: Pick<Profile, 'cluster'>,
  { apiVersion = 'client.authentication.k8s.io/v1', interactive = false, cluster = {} }: KubectlCall = {},
): { KUBERNETES_EXEC_INFO: string } {
  const own = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64'), config: null };
  const spec = { interactive, ...(cluster !== null && { cluster: { ...own, ...cluster } }) };
  return { KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }) };
}
