import { randomBytes } from 'node:crypto';
import { signIn } from './browser.ts';
import { writeCaFile } from './ca-file.ts';
import { type Authority, createAuthority } from './certificates.ts';
import { type ClusterSettings, givenCluster, startClusters } from './clusters.ts';
import { createClients } from './dex/clients.ts';
import { createDex } from './dex/front.ts';
import { FaultSwitch } from './faults.ts';
import { hostile } from './hostile.ts';
import { type Handler, sendText } from './http.ts';
import { ownRequestHeader, type RunningServer, startServer } from './https-server.ts';
import { createSigningKey, KeyRing } from './keys.ts';
import { createMint } from './mint.ts';
import { createPortal } from './portal.ts';
import { Recorder } from './recorder.ts';
import { RelyingParty } from './token-service/relying-party.ts';
import { createTokenService } from './token-service/router.ts';
import type { Demo, DemoDocument, DemoOptions } from './types.ts';
import * as world from './world.ts';

const { workspaces } = world;
const names = { dns: ['localhost'], ip: ['127.0.0.1'] };

/** Starts a whole DKP on loopback: portal, issuer, API servers. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  let ahead = 0;
  const clock = options.now ?? Date.now;
  const now = () => clock() + ahead;
  const recorder = new Recorder(now);
  const faults = new FaultSwitch();
  const authority = createAuthority('DKP demo CA');
  const ownRequest = randomBytes(16).toString('hex');
  const servers: RunningServer[] = [];
  const [firstKey, strangersKey] = await Promise.all([createSigningKey(), createSigningKey()]);
  const ring = new KeyRing(firstKey);
  const mint = createMint(ring, strangersKey);

  async function start(name: string, issuer: Authority, handler: Handler, port = 0): Promise<RunningServer> {
    const certificate = issuer.issue({ commonName: name, ...names });
    const intercept = faults.answer.bind(faults);
    const server = await startServer({ name, certificate, port, recorder, intercept, ownRequest, handler });
    servers.push(server);
    return server;
  }

  const starting: Handler = ({ response }) => sendText(response, 503, 'starting');
  const portal = await start('portal', authority, starting, options.port);
  const origin = `https://127.0.0.1:${portal.port}`;
  const issuer = options.issuer?.url ?? `${origin}/dex`;
  const callbacks = [`${origin}/token/callback`, `${origin}/token/async/auth/callback`];
  const { plans, identityProviders, users } = present(options.only);
  const clients = createClients(plans, callbacks);
  const party = new RelyingParty(issuer, options.issuer?.ca ?? authority.pem, {
    [ownRequestHeader]: ownRequest,
  });
  const settings: ClusterSettings = {
    authority,
    hostnames: options.hostnames,
    issuer,
    now,
    keys: async () => (options.issuer === undefined ? ring.jwks() : party.keys()),
    secretOf: id => secretOf(id, options, clients),
    start,
  };
  const clusters =
    options.clusters?.map(given => givenCluster(given, settings)) ?? (await startClusters(plans, settings));
  const tokenService = createTokenService({
    origin,
    clusters: clusters.map(({ service }) => service),
    workspaces,
    relyingParty: party,
    faults,
    mint,
    asyncTtlSeconds: options.asyncTtlSeconds ?? 300,
    now,
  });
  const dex =
    options.issuer === undefined
      ? createDex({
          url: issuer,
          clients,
          users,
          identityProviders,
          keys: ring,
          now,
          tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 24 * 60 * 60,
          deviceIntervalSeconds: options.deviceIntervalSeconds ?? 5,
          providerName: name => (faults.is('names', 'hostile') ? hostile(name) : name),
        })
      : undefined;
  portal.setHandler(createPortal(tokenService, dex));
  const caFile = await writeCaFile(authority.pem, options.folder);

  const landing = `${origin}/token/landing/`;
  const document: DemoDocument = {
    loginLinks: {
      global: landing,
      workspaces: Object.fromEntries(workspaces.map(({ name }) => [name, `${landing}${name}`])),
    },
    workspaces,
    caFile: caFile.path,
    ca: authority.pem,
    issuer,
    port: portal.port,
    identityProviders,
    users,
    clusters: clusters.map(({ shown }) => shown),
    clients: { portal: options.issuer?.clientId ?? world.portalClient, public: world.publicClient },
  };

  return {
    document,
    requests: recorder.requests,
    requestsTo: (server, path = '') =>
      recorder.requests.filter(request => request.server === server && request.path.startsWith(path)),
    forgetRequests: () => void recorder.requests.splice(0),
    faults,
    intercept: faults.intercept.bind(faults),
    signIn: (url, as, how) => signIn(url, as, { ca: authority.pem, ...how }),
    user: login => found(users, user => user.login === login, login),
    cluster: name => found(document.clusters, cluster => cluster.name === name, name),
    mint,
    now,
    advance(seconds) {
      ahead += seconds * 1000;
    },
    rotateKeys: ({ keepOld = true } = {}) => ring.rotate(keepOld),
    async close() {
      await Promise.all([...servers.map(server => server.close()), caFile.remove()]);
    },
  };
}

function present({ clusters, identityProviders }: NonNullable<DemoOptions['only']> = {}) {
  const offered = world.identityProviders.filter(({ id }) => identityProviders?.includes(id) ?? true);
  return {
    plans: world.clusterPlans.filter(({ name }) => clusters?.includes(name) ?? true),
    identityProviders: offered,
    users: world.users.filter(user => offered.some(({ id }) => id === user.identityProvider)),
  };
}

function secretOf(id: string, { issuer }: DemoOptions, clients: ReturnType<typeof createClients>): string {
  if (issuer === undefined) return clients.find(client => client.id === id)?.secret ?? '';
  return id === issuer.clientId ? issuer.clientSecret : (issuer.secrets?.[id] ?? '');
}

function found<Item>(items: readonly Item[], fits: (item: Item) => boolean, name: string): Item {
  const item = items.find(fits);
  if (item === undefined) throw new Error(`the demo has no ${name}`);
  return item;
}
