import { rfc3339 } from './rfc3339.ts';

export const execApiVersions = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] as const;
export type ExecApiVersion = (typeof execApiVersions)[number];

/** What the well-known plugins answer when a caller names no version. */
export const defaultVersion: ExecApiVersion = 'client.authentication.k8s.io/v1beta1';

/** The answer kubectl expects on stdout, in the version it asked for. */
export function formatExecCredential(
  credential: { readonly token: string; readonly expiresAt: number },
  apiVersion: ExecApiVersion = defaultVersion,
): string {
  return JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    status: {
      expirationTimestamp: rfc3339(credential.expiresAt),
      token: credential.token,
    },
  });
}
