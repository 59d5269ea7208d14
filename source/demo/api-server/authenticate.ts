import type { JsonWebKey } from 'node:crypto';
import { verifiedClaims } from '../keys.ts';

export type KubernetesUser = { readonly name: string; readonly groups: readonly string[] };

export type AuthenticationSettings = {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: () => Promise<readonly JsonWebKey[]>;
  readonly now: () => number;
};

const groupPrefix = 'oidc:';

/**
 * The user of a bearer token, by the rules of kube-apiserver with `--oidc-username-claim=email` and
 * `--oidc-groups-prefix=oidc:`, or undefined when the token is not good here.
 */
export async function authenticate(
  token: string,
  settings: AuthenticationSettings,
): Promise<KubernetesUser | undefined> {
  const claims = verifiedClaims(token, await settings.keys());
  if (claims === undefined || claims['iss'] !== settings.issuer) return undefined;
  const seconds = settings.now() / 1000;
  const {
    exp,
    nbf,
    aud,
    email,
    groups = [],
  } = claims as Record<string, unknown> & {
    exp?: unknown;
    nbf?: unknown;
    aud?: unknown;
    email?: unknown;
    groups?: unknown;
  };
  if (typeof exp !== 'number' || seconds >= exp) return undefined;
  if (typeof nbf === 'number' && seconds < nbf) return undefined;
  if (![aud].flat().includes(settings.audience)) return undefined;
  if (typeof email !== 'string' || claims['email_verified'] === false) return undefined;
  if (!Array.isArray(groups) || !groups.every(group => typeof group === 'string')) return undefined;
  return { name: email, groups: [...groups.map(group => `${groupPrefix}${group}`), 'system:authenticated'] };
}

export const plainGroups = (user: KubernetesUser) =>
  user.groups.filter(group => group.startsWith(groupPrefix)).map(group => group.slice(groupPrefix.length));
