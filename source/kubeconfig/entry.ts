import type { ProfileName } from '../profiles/profile-name.ts';

/** How a kubeconfig user gets its token: from this program, or a token written out (good until it expires). */
export type EntryUser =
  | { readonly kind: 'exec'; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: 'token'; readonly token: string; readonly expiresAt: number };

/** A profile in a kubeconfig: a cluster, a user and a context, all three under the profile's name. */
export type KubeconfigEntry = {
  readonly profile: ProfileName;
  readonly server: string;
  /** PEM, or undefined for the system's authorities. */
  readonly ca: string | undefined;
  readonly user: EntryUser;
};

const installHint =
  'dkp-auth is not installed. Ask your administrator where to get it, then run: dkp-auth login';

export function clusterOf({ server, ca }: KubeconfigEntry) {
  return {
    server,
    ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca, 'utf8').toString('base64') }),
  };
}

/** Stands above a token that is written out. */
export function commentOf({ user }: KubeconfigEntry): string | undefined {
  if (user.kind !== 'token') return undefined;
  return ` This token is good until ${new Date(user.expiresAt * 1000).toISOString()}; then run dkp-auth login again.`;
}

export function userOf({ user }: KubeconfigEntry) {
  if (user.kind === 'token') return { token: user.token };
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: user.command,
      args: [...user.args],
      interactiveMode: 'IfAvailable',
      // The binding rests on it: kubectl then says which API server it will send the token to.
      provideClusterInfo: true,
      installHint,
    },
  };
}
