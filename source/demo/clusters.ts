import type { JsonWebKey } from 'node:crypto';
import { createApiServer } from './api-server/server.ts';
import { type Authority, createAuthority } from './certificates.ts';
import { portalClientScopes } from './dex/clients.ts';
import type { Handler } from './http.ts';
import type { RunningServer } from './https-server.ts';
import { unusedPort } from './ports.ts';
import type { ServiceCluster } from './token-service/context.ts';
import type { DemoCluster, DemoOptions, GivenCluster } from './types.ts';
import { type ClusterPlan, portalClient } from './world.ts';

export type ClusterSettings = {
  readonly authority: Authority;
  readonly hostnames: DemoOptions['hostnames'];
  readonly issuer: string;
  readonly now: () => number;
  readonly keys: () => Promise<readonly JsonWebKey[]>;
  readonly secretOf: (clientId: string) => string;
  readonly start: (name: string, authority: Authority, handler: Handler) => Promise<RunningServer>;
};

export type StartedCluster = {
  readonly shown: DemoCluster;
  readonly service: ServiceCluster;
  readonly server?: RunningServer;
};

export function startClusters(
  plans: readonly ClusterPlan[],
  settings: ClusterSettings,
): Promise<StartedCluster[]> {
  return Promise.all(plans.map(plan => startCluster(plan, settings)));
}

async function startCluster(plan: ClusterPlan, settings: ClusterSettings): Promise<StartedCluster> {
  const authority = plan.authority === 'own' ? createAuthority(`${plan.name} CA`) : settings.authority;
  const pending: Handler = ({ response }) => void response.destroy();
  const running = plan.reachable ? await settings.start(plan.name, authority, pending) : undefined;
  const server = `https://127.0.0.1:${running?.port ?? (await unusedPort())}${plan.path}`;
  const { name, workspace, audience } = plan;
  const { issuer, now, keys } = settings;
  running?.setHandler(createApiServer({ name, workspace, server, issuer, audience, now, keys }));
  const shown: DemoCluster = {
    name,
    displayName: plan.displayName,
    workspace,
    clusterHostname: settings.hostnames === 'loopback' ? '127.0.0.1' : `${name}.dkp.example`,
    server,
    ca: authority.pem,
    audience,
    clientId: plan.clientId,
    reachable: plan.reachable,
  };
  const listedCa = plan.authority === 'own' ? '' : authority.pem;
  return {
    shown,
    service: asService(shown, listedCa, settings),
    ...(running === undefined ? {} : { server: running }),
  };
}

/** A cluster that somebody else runs. */
export function givenCluster(given: GivenCluster, settings: ClusterSettings): StartedCluster {
  const shown: DemoCluster = {
    name: given.name,
    displayName: given.displayName ?? given.name,
    workspace: given.workspace ?? null,
    clusterHostname: given.hostname ?? new URL(given.server).hostname,
    server: given.server,
    ca: given.ca,
    audience: given.audience ?? portalClient,
    clientId: given.client?.id ?? portalClient,
    reachable: true,
  };
  const service = asService(shown, given.ca, settings);
  if (given.client === undefined) return { shown, service };
  const { id, secret, scopes = service.client.scopes } = given.client;
  return { shown, service: { ...service, client: { id, secret, scopes } } };
}

function asService(shown: DemoCluster, listedCa: string, settings: ClusterSettings): ServiceCluster {
  const { name, displayName, workspace, clusterHostname: hostname, server, ca, clientId: id } = shown;
  const client = { id, secret: settings.secretOf(id), scopes: portalClientScopes };
  return { name, displayName, workspace, hostname, server, listedCa, ca, client };
}
