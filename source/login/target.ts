import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { UserError } from '../errors.ts';
import type { Cluster, ClusterList } from '../portal/clusters.ts';
import { type ConnectionOptions, openIssuer, openPortal } from '../portal/open-portal.ts';
import { isDkp, type Portal, type Trust } from '../portal/portal.ts';
import { readPortalFile, usualScopes } from '../portal/portal-file.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { noteSecret } from '../secrets.ts';
import type { ClusterAudience, IssuerClient } from '../sign-in/issuer-client.ts';
import { readTextFile } from '../system/files.ts';
import { createHttpClient } from '../system/http.ts';
import { expandPath } from '../system/paths.ts';
import { chooseProxies } from '../system/proxy.ts';
import { readClientCertificate } from '../system/tls-files.ts';
import { shortList } from '../text.ts';
import type { IssuerAnswers, LoginAnswers } from './answers.ts';
import { type ConnectContext, connectPortal, readCaFile } from './connect.ts';
import { findAudiences } from './find-audiences.ts';
import type { IssuerLogin, MachineCredentials } from './options.ts';

/** Where a login is to: a platform, or an issuer with clusters that an administrator or the flags describe. */
export type Target = {
  readonly portal: Portal;
  readonly clusters: ClusterList;
  readonly issuerLogin: IssuerLogin | undefined;
  /** How each cluster's token is asked from the issuer; only with an issuer login. */
  audiencesFor(
    clusters: readonly Cluster[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Cluster, ClusterAudience>>;
};

/**
 * Reaches what the answers name, asking nobody.
 * @param trust what the person was asked about the portal's certificate already
 */
export async function openTarget(
  answers: LoginAnswers,
  context: ConnectContext,
  trust?: Trust,
): Promise<Target> {
  const { issuer } = answers;
  const connection = await connectionOptions(answers, context);
  if (issuer?.portalFile !== undefined)
    return portalFileTarget(issuer.portalFile, answers, connection, context);
  if (answers.link === undefined && issuer?.issuer !== undefined)
    return issuerTarget(issuer.issuer, answers, connection, context);
  const { portal, clusters } = await connectPortal(answers, context, connection, trust);
  if (issuer?.clientId === undefined)
    return { portal, clusters, issuerLogin: undefined, audiencesFor: nothing };
  const client = clientOf(issuer, issuer.issuer ?? onlyIssuer(clusters.clusters), issuer.clientId);
  return {
    portal,
    clusters,
    issuerLogin: await loginOf(client, answers, context),
    audiencesFor: (chosen, signal) => pageAudiences(portal, chosen, issuer.audienceScope, signal),
  };
}

const nothing = async () => new Map<Cluster, ClusterAudience>();

async function connectionOptions(
  { proxy, issuer }: LoginAnswers,
  { env }: ConnectContext,
): Promise<ConnectionOptions> {
  const { certificateFile, keyFile } = issuer ?? {};
  return {
    proxies: chooseProxies(proxy, env),
    ...(certificateFile !== undefined && {
      clientCertificate: await readClientCertificate(
        expandPath(certificateFile, env),
        expandPath(keyFile ?? certificateFile, env),
      ),
    }),
  };
}

async function portalFileTarget(
  source: string,
  answers: LoginAnswers,
  connection: ConnectionOptions,
  context: ConnectContext,
): Promise<Target> {
  const { env, signal } = context;
  const given = answers.caFile === undefined ? undefined : (await readCaFile(answers.caFile, env)).pem;
  const http = createHttpClient({ ...connection, ...(given !== undefined && { authorities: [given] }) });
  const file = await readPortalFile(source, { http, env, signal }).finally(() => http.close());
  const ca = given ?? file.ca;
  const trust: Trust = ca === undefined ? { kind: 'system' } : { kind: 'authority', pem: ca };
  const { link, client, clusters, redirectPorts } = file;
  const portal =
    link === undefined ? openIssuer(client.issuer, trust, connection) : openPortal(link, trust, connection);
  const listen = redirectPorts.map(port => `127.0.0.1:${port}`);
  return {
    portal,
    clusters: { clusters, unusable: [] },
    issuerLogin: await loginOf(overridden(client, answers.issuer), answers, context, listen),
    audiencesFor: async () => new Map(clusters.map(cluster => [cluster, cluster.audience])),
  };
}

async function issuerTarget(
  issuer: string,
  answers: LoginAnswers,
  connection: ConnectionOptions,
  context: ConnectContext,
): Promise<Target> {
  const { clientId, serverCaFile } = answers.issuer ?? {};
  const { into } = answers;
  const address = into?.cluster.server ?? answers.issuer?.server ?? '';
  if (clientId === undefined) throw needs('--client-id ID');
  const server = normalizeServerUrl(address);
  if (server === undefined) throw needs('--server https://HOST:PORT, the address of the API server');
  const { env } = context;
  const trust: Trust =
    answers.caFile === undefined
      ? { kind: 'system' }
      : { kind: 'authority', pem: (await readCaFile(answers.caFile, env)).pem };
  const { host } = new URL(server);
  const named = answers.clusters === 'all' ? undefined : answers.clusters?.[0];
  const name = into?.cluster.name ?? named ?? host;
  const ca = serverCaFile === undefined ? into?.cluster.ca : (await readCaFile(serverCaFile, env)).pem;
  const cluster: Cluster = { name, nameIsUnique: true, hostname: host, server, ca, issuer };
  const client = clientOf(answers.issuer, issuer, clientId);
  return {
    portal: openIssuer(issuer, trust, connection),
    clusters: { clusters: [cluster], unusable: [] },
    issuerLogin: await loginOf(client, answers, context),
    audiencesFor: async () => new Map([[cluster, { kind: 'shared' } as const]]),
  };
}

function needs(flag: string): UserError {
  return new UserError('MISSING_ANSWERS', `An issuer without a portal needs ${flag}.`);
}

function onlyIssuer(clusters: readonly Cluster[]): string {
  const issuers = [...new Set(clusters.map(cluster => cluster.issuer))];
  const [issuer, other] = issuers;
  if (issuer !== undefined && other === undefined) return issuer;
  throw new UserError('USAGE', `The clusters of this portal have several issuers: ${shortList(issuers)}.`, {
    hint: 'Name one with --issuer.',
  });
}

function clientOf(answers: IssuerAnswers | undefined, issuer: string, clientId: string): IssuerClient {
  const client = {
    issuer,
    clientId,
    scopes: usualScopes,
    extraParameters: {},
    tokenKind: 'id-token',
  } as const;
  return { ...client, ...extras(answers, client) };
}

/** The flags win over an administrator's file: a machine has a client of its own. */
function overridden(client: IssuerClient, answers: IssuerAnswers | undefined): IssuerClient {
  return {
    ...client,
    ...(answers?.issuer !== undefined && { issuer: answers.issuer }),
    ...(answers?.clientId !== undefined && { clientId: answers.clientId }),
    ...extras(answers, client),
  };
}

function extras(answers: IssuerAnswers | undefined, client: Pick<IssuerClient, 'scopes'>) {
  return {
    scopes: answers !== undefined && answers.scopes.length > 0 ? answers.scopes : client.scopes,
    extraParameters: answers?.extraParameters ?? {},
    tokenKind: answers?.accessToken ? ('access-token' as const) : ('id-token' as const),
  };
}

async function pageAudiences(
  portal: Portal,
  chosen: readonly Cluster[],
  audienceScope: boolean,
  signal: AbortSignal,
): Promise<Map<Cluster, ClusterAudience>> {
  const audiences =
    audienceScope && isDkp(portal)
      ? await findAudiences(portal, chosen, signal)
      : new Map<Cluster, string[]>();
  return new Map(
    chosen.map(cluster => {
      const [client] = audiences.get(cluster) ?? [];
      return [cluster, client === undefined ? { kind: 'shared' } : { kind: 'dex-client', client }];
    }),
  );
}

/** The client with its secret, and what of all this is kept, said in flags, or read when it is needed. */
async function loginOf(
  client: IssuerClient,
  answers: LoginAnswers,
  { env }: ConnectContext,
  listen: readonly string[] = [],
): Promise<IssuerLogin> {
  const issuer = answers.issuer;
  if (issuer === undefined) throw new Error('an issuer login without answers about an issuer');
  const file = (name: string | undefined) => (name === undefined ? undefined : expandPath(name, env));
  const secretFile = file(issuer.clientSecretFile);
  const subjectTokenFile = issuer.subjectTokenFile === '-' ? '-' : file(issuer.subjectTokenFile);
  const certificateFile = file(issuer.certificateFile);
  const keyFile = file(issuer.keyFile);
  const flags = issuerFlags(answers, issuer, file);
  const addresses = issuer.listen.length > 0 ? issuer.listen : listen;
  return {
    client: secretFile === undefined ? client : { ...client, clientSecret: await readSecret(secretFile) },
    settings: {
      id: client.clientId,
      scopes: [...client.scopes],
      extraParameters: { ...client.extraParameters },
      tokenKind: client.tokenKind,
      ...(secretFile !== undefined && { secretFile }),
      ...(subjectTokenFile !== undefined && subjectTokenFile !== '-' && { subjectTokenFile }),
      ...(issuer.subjectTokenEnv !== undefined && { subjectTokenEnv: issuer.subjectTokenEnv }),
      ...(certificateFile !== undefined && { certificateFile }),
      ...(keyFile !== undefined && { keyFile }),
      flags,
      ...(issuer.username !== undefined && { username: issuer.username }),
      listen: [...addresses],
      ...(issuer.redirectHost !== undefined && { redirectHost: issuer.redirectHost }),
      credentialStore: issuer.credentialStore,
    },
    credentials: credentialsOf(issuer, env),
    flags,
  };
}

type CredentialAnswers = {
  readonly [Name in 'username' | 'subjectTokenFile' | 'subjectTokenEnv']?: string | undefined;
} & { readonly passwordFd?: number | undefined };

/** What a machine signs in with, as the flags say where it is. */
export function credentialsOf(
  { username, passwordFd, subjectTokenFile, subjectTokenEnv }: CredentialAnswers,
  env: ConnectContext['env'],
): MachineCredentials {
  return {
    ...(username !== undefined && { username }),
    ...(passwordFd !== undefined && { password: () => readDescriptor(passwordFd) }),
    ...(subjectTokenFile !== undefined && {
      subjectToken: () =>
        subjectTokenFile === '-' ? readDescriptor(0) : readSecret(expandPath(subjectTokenFile, env)),
    }),
    ...(subjectTokenEnv !== undefined && { subjectToken: async () => fromVariable(subjectTokenEnv, env) }),
  };
}

/** The first line of a file that holds one secret. */
export async function readSecret(file: string): Promise<string> {
  const text = await readTextFile(file, 100_000);
  const secret = text?.split(/\r?\n/)[0];
  noteSecret(secret);
  if (secret) return secret;
  throw new UserError('USAGE', `${file} holds no secret.`, {
    hint: 'Expected a file with the secret on its first line.',
  });
}

async function readDescriptor(descriptor: number): Promise<string> {
  // Not by way of /dev/fd: that cannot be opened where the descriptor is a socket, as a CI system's stdin may be.
  const stream = descriptor === 0 ? process.stdin : createReadStream('', { fd: descriptor });
  const content = await text(stream).catch(() => '');
  const [line] = content.split(/\r?\n/);
  if (line) return line;
  throw new UserError('USAGE', `Nothing could be read from file descriptor ${descriptor}.`);
}

function fromVariable(name: string, env: ConnectContext['env']): string {
  const value = env[name];
  if (value) return value;
  throw new UserError('USAGE', `The environment variable ${name} is not set.`);
}

/** Paths are whole in it: it is repeated from other folders. */
function issuerFlags(
  { link, caFile, into }: LoginAnswers,
  issuer: IssuerAnswers,
  whole: (file: string | undefined) => string | undefined,
): string[] {
  const one = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value]);
  const { portalFile, subjectTokenFile } = issuer;
  return [
    ...one('--portal-file', portalFile?.startsWith('https:') ? portalFile : whole(portalFile)),
    ...one('--issuer', issuer.issuer),
    ...one('--client-id', issuer.clientId),
    ...one('--client-secret-file', whole(issuer.clientSecretFile)),
    ...issuer.scopes.flatMap(scope => ['--scope', scope]),
    ...(issuer.audienceScope ? ['--audience-scope'] : []),
    ...one('--kubeconfig', into?.file),
    ...one('--context', into?.context),
    ...one('--server', issuer.server),
    ...one('--server-ca-file', whole(issuer.serverCaFile)),
    // What is trusted of a portal is remembered with it.
    ...(link === undefined ? one('--ca-file', whole(caFile)) : []),
    ...issuer.listen.flatMap(address => ['--listen', address]),
    ...one('--redirect-host', issuer.redirectHost),
    ...Object.entries(issuer.extraParameters).flatMap(([name, value]) => [
      '--extra-param',
      `${name}=${value}`,
    ]),
    ...(issuer.accessToken ? ['--access-token'] : []),
    ...one('--client-certificate', whole(issuer.certificateFile)),
    ...one('--client-key', whole(issuer.keyFile)),
    ...one('--username', issuer.username),
    ...one('--subject-token-file', subjectTokenFile === '-' ? '-' : whole(subjectTokenFile)),
    ...one('--subject-token-env', issuer.subjectTokenEnv),
    ...(issuer.credentialStore === 'auto' ? [] : ['--credential-store', issuer.credentialStore]),
  ];
}
