import type { FaultSwitch } from '../faults.ts';
import type { Exchange } from '../http.ts';
import type { TokenMint } from '../mint.ts';
import type { DemoWorkspace } from '../types.ts';
import type { OidcClient, RelyingParty } from './relying-party.ts';

/** A cluster in the token service's configuration. */
export type ServiceCluster = {
  readonly name: string;
  readonly displayName: string;
  readonly workspace: string | null;
  readonly hostname: string;
  readonly server: string;
  /** PEM as the providers list gives it, "" for the system's roots */
  readonly listedCa: string;
  /** PEM as the download carries it */
  readonly ca: string;
  readonly client: OidcClient;
};

/** What the parts of the token service share. */
export type TokenService = {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** The first is the management cluster. */
  readonly clusters: readonly ServiceCluster[];
  readonly workspaces: readonly DemoWorkspace[];
  readonly relyingParty: RelyingParty;
  readonly faults: FaultSwitch;
  readonly mint: TokenMint;
  readonly asyncTtlSeconds: number;
  readonly now: () => number;
};

export const prefix = '/token/';

/** Every cluster without a tenant, and only the workspace's own with one. */
export function clustersOf(service: TokenService, tenant: string | null): readonly ServiceCluster[] {
  return tenant === null || tenant === ''
    ? service.clusters
    : service.clusters.filter(({ workspace }) => workspace === tenant);
}

export const tenantOf = ({ query }: Exchange): string | null => query.get('tenant-id');

export function firstCluster(service: TokenService): ServiceCluster {
  const [first] = service.clusters;
  if (first === undefined) throw new Error('no clusters have been defined');
  return first;
}

/** JSON as Go's encoder writes it. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
