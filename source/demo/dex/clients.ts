import { randomBytes } from 'node:crypto';
import { parseUrl } from '../../url.ts';
import { type ClusterPlan, portalClient, publicClient } from '../world.ts';

/** A static client of Dex. */
export type DexClient = {
  readonly id: string;
  readonly name: string;
  /** undefined: a public client */
  readonly secret: string | undefined;
  readonly redirectUris: readonly string[];
  /** clients that may ask for tokens meant for this one */
  readonly trustedPeers: readonly string[];
};

export function createClients(plans: readonly ClusterPlan[], callbacks: readonly string[]): DexClient[] {
  const confidential = [...new Set([portalClient, ...plans.map(plan => plan.clientId)])].map(id => ({
    id,
    name: id === portalClient ? 'Kubernetes API server' : id,
    secret: randomBytes(16).toString('hex'),
    redirectUris: callbacks,
    trustedPeers: id === portalClient ? [publicClient] : [publicClient, portalClient],
  }));
  const anyone = {
    id: publicClient,
    name: 'dkp-auth',
    secret: undefined,
    redirectUris: [],
    trustedPeers: [],
  };
  return [...confidential, anyone];
}

/** What the token service asks for when a cluster's configuration names no scopes. */
export const portalClientScopes = ['openid', 'profile', 'email', 'offline_access', 'groups'];

const audiencePrefix = 'audience:server:client_id:';
export const audienceScope = (clientId: string) => `${audiencePrefix}${clientId}`;

/** Dex's audiences: the peers that the scopes name, and the asking client, which `azp` then names. */
export function audiencesOf(clientId: string, scopes: readonly string[]): string[] {
  const peers = scopes
    .filter(scope => scope.startsWith(audiencePrefix))
    .map(scope => scope.slice(audiencePrefix.length));
  return [...new Set([...peers, clientId])];
}

/** A public client without redirect addresses may use any loopback address, port and path. */
export function redirectAllowed(client: DexClient, uri: string, issuer: string): boolean {
  if (client.redirectUris.includes(uri) || uri === `${issuer}/device/callback`) return true;
  const url = parseUrl(uri);
  if (client.secret !== undefined || url === undefined) return false;
  const { protocol, hostname } = url;
  return (
    protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.'))
  );
}

export type AuthorizationFault = { readonly error: string; readonly description: string };

const plainScopes = new Set(['openid', 'offline_access', 'email', 'profile', 'groups', 'federated:id']);

/** What Dex would answer with, by redirect, to these scopes. */
export function scopeFault(
  clients: readonly DexClient[],
  clientId: string,
  scopes: readonly string[],
): AuthorizationFault | undefined {
  const others = scopes.filter(scope => !plainScopes.has(scope));
  const unknown = others.filter(scope => !scope.startsWith(audiencePrefix));
  const refused = others.filter(scope => {
    const peer = scope.slice(audiencePrefix.length);
    return (
      peer !== clientId &&
      !clients.some(({ id, trustedPeers }) => id === peer && trustedPeers.includes(clientId))
    );
  });
  const invalid = (description: string) => ({ error: 'invalid_scope', description });
  if (!scopes.includes('openid')) return invalid('Missing required scope(s) ["openid"].');
  if (unknown.length > 0) return invalid(`Unrecognized scope(s) ${goList(unknown)}`);
  if (refused.length > 0) return invalid(`Client can't request scope(s) ${goList(refused)}`);
  return undefined;
}

const goList = (items: readonly string[]) => `[${items.map(item => JSON.stringify(item)).join(' ')}]`;
