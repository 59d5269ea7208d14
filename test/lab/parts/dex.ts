import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { toolPath } from '../build.ts';
import { ensureLeaf } from '../certificates.ts';
import { answers, fetchFrom } from '../probe.ts';
import type { Run } from '../run.ts';
import { findTool } from '../tools.ts';
import {
  clusterClientSecret,
  connectors,
  directory,
  type IssuerId,
  localPasswordHash,
  peerClient,
  portalClient,
  portals,
  publicClient,
  servers,
  users,
} from '../world.ts';
import { etcdUrl } from './etcd.ts';
import type { Part } from './part.ts';

/** As in DKP, Dex lives under a path. */
export const issuerUrl = (run: Run, id: IssuerId) => `https://127.0.0.1:${run.port(id)}/dex`;
export const portalUrl = (run: Run, name: string) => `https://127.0.0.1:${run.port(name)}`;

export type LabClient = {
  readonly id: string;
  readonly secret?: string;
  readonly public?: true;
  readonly redirectURIs?: readonly string[];
  readonly trustedPeers?: readonly string[];
  readonly about: string;
};

export function clients(run: Run): LabClient[] {
  const redirectURIs = portals.flatMap(portal =>
    ['callback', 'async/auth/callback'].map(path => `${portalUrl(run, portal.name)}/token/${path}`),
  );
  return [
    {
      ...portalClient,
      redirectURIs,
      about: 'what the token service logs people in with; the audience of the stock servers',
    },
    {
      ...publicClient,
      public: true,
      about: 'browser and device sign-in; trusted by the clients of the isolated servers',
    },
    {
      id: peerClient.id,
      secret: peerClient.secret,
      redirectURIs: [peerClient.redirectUri, 'http://localhost:18000'],
      about: 'a confidential client for other programs, int128/kubelogin for one',
    },
    ...servers
      .filter(server => server.layout === 'isolated')
      .map(server => ({
        id: server.audience,
        secret: clusterClientSecret(server.name),
        redirectURIs,
        trustedPeers: [publicClient.id, portalClient.id, peerClient.id],
        about: `the client, and so the audience, of ${server.name} alone`,
      })),
  ];
}

const connectorConfig = (run: Run) => ({
  ldap: {
    host: `127.0.0.1:${run.port('slapd')}`,
    insecureNoSSL: true,
    bindDN: directory.bindDn,
    bindPW: directory.bindPassword,
    usernamePrompt: 'User name',
    userSearch: {
      baseDN: `ou=people,${directory.baseDn}`,
      filter: '(objectClass=inetOrgPerson)',
      username: 'uid',
      idAttr: 'DN',
      emailAttr: 'mail',
      nameAttr: 'cn',
      preferredUsernameAttr: 'uid',
    },
    groupSearch: {
      baseDN: `ou=groups,${directory.baseDn}`,
      filter: '(objectClass=groupOfNames)',
      userMatchers: [{ userAttr: 'DN', groupAttr: 'member' }],
      nameAttr: 'cn',
    },
  },
  mockCallback: {},
});

/** What `scripts/lab restart dex --token-lifetime` leaves for the next start. */
export const lifetimeFile = (run: Run) => run.path('token-lifetime');
const lifetime = async (run: Run) => (await readFile(lifetimeFile(run), 'utf8').catch(() => '24h')).trim();

/** What `scripts/lab restart dex --with` leaves: put over the configuration, one top-level field after the other. */
export const overlayFile = (run: Run) => run.path('dex-overlay.yaml');
const overlay = async (run: Run) =>
  parse(await readFile(overlayFile(run), 'utf8').catch(() => '{}')) as Record<string, unknown>;

/** As in DKP, keys and sessions outlive a restart. */
const storage = (id: IssuerId) => `${id}/`;

/** Dex comes back with other keys, and knows nobody. Only while it is stopped. */
export async function forget(run: Run, id: IssuerId): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const body = JSON.stringify({ key: base64(storage(id)), range_end: base64(`${id}0`) });
  const answer = await fetchFrom(`${etcdUrl(run)}/v3/kv/deleterange`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`etcd answered ${answer.status}: ${answer.body}`);
}

async function configuration(run: Run, id: IssuerId) {
  const certificate = await ensureLeaf(run.authority, id, { commonName: id, usage: 'server' });
  return {
    issuer: issuerUrl(run, id),
    storage: { type: 'etcd', config: { endpoints: [etcdUrl(run)], namespace: storage(id) } },
    web: {
      https: `127.0.0.1:${run.port(id)}`,
      tlsCert: certificate.certFile,
      tlsKey: certificate.keyFile,
    },
    telemetry: { http: `127.0.0.1:${run.port(`${id}-telemetry`)}` },
    logger: { level: 'debug' },
    // Dex's own default is 0: then a renewal whose answer is lost ends the session.
    expiry: { idTokens: await lifetime(run), refreshTokens: { reuseInterval: '30s' } },
    oauth2: { skipApprovalScreen: true, passwordConnector: 'ldap' },
    connectors: connectors.flatMap(connector =>
      connector.type === 'local' ? [] : [{ ...connector, config: connectorConfig(run)[connector.type] }],
    ),
    enablePasswordDB: true,
    staticPasswords: users
      .filter(user => user.connector === 'local')
      .map(user => ({
        email: user.email,
        hash: localPasswordHash,
        username: user.name,
        userID: `local-${user.name}`,
      })),
    staticClients: clients(run).map(({ about, ...client }) => ({ ...client, name: about })),
    ...(await overlay(run)),
  };
}

const dexPart = (id: IssuerId, about: string): Part => ({
  id,
  about,
  loses: id === 'dex' ? 'every login' : 'logins at an older Dex',
  after: ['etcd', 'slapd'],
  tools: [id],
  files: [],
  address: run => issuerUrl(run, id),
  prepare: async run => {
    const file = run.path(`${id}.json`);
    await writeFile(file, JSON.stringify(await configuration(run, id), null, 2), { mode: 0o600 });
    return { command: toolPath(findTool(id)), args: ['serve', file] };
  },
  ready: run => answers(`${issuerUrl(run, id)}/.well-known/openid-configuration`, { ca: run.authority.pem }),
  patienceSeconds: 20,
});

export const dex = dexPart('dex', 'the OpenID Connect issuer, current release');
export const dexOlder = dexPart('dex-older', 'the OpenID Connect issuer, an older release');
