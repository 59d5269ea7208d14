import type { Profile } from '../../source/profiles/profile.ts';

export type ClientGoCall = {
  readonly version?: 'v1' | 'v1beta1';
  readonly interactive?: boolean;
  /** Fields of the cluster besides, or instead of, the profile's own. */
  readonly cluster?: Readonly<Record<string, unknown>>;
};

/**
 * `KUBERNETES_EXEC_INFO` letter for letter as client-go writes it (Go's encoding/json of the versioned ExecCredential, and
 * a newline); that it does is shown in test/kubectl/fast-path.test.ts.
 */
export function clientGoSays(
  { cluster: { server, ca } }: Pick<Profile, 'cluster'>,
  { version = 'v1', interactive = false, cluster = {} }: ClientGoCall = {},
): string {
  const own = {
    server,
    'certificate-authority-data': ca && Buffer.from(ca).toString('base64'),
    config: null,
    ...cluster,
  };
  const apiVersion = `client.authentication.k8s.io/${version}`;
  const text = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { cluster: own, interactive } });
  const escapes: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };
  return `${text.replace(/[<>&]/g, character => escapes[character] ?? '').replaceAll('\u2028', '\\u2028')}\n`;
}
