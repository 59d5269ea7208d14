import { UserError } from '../errors.ts';
import { listClusters } from '../portal/clusters.ts';
import { formatLoginLink, type LoginLink, parseLoginLink } from '../portal/login-link.ts';
import { cleanPem } from '../portal/portal-file-source.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { freeProfileName, profileNameFault } from '../profiles/profile-name.ts';
import { createHttpClient, type HttpClient } from '../system/http.ts';
import { chooseProxies } from '../system/proxy.ts';
import { type Streams, write } from '../system/streams.ts';
import { readAuthorities } from '../system/tls-files.ts';
import { plainText } from '../text.ts';
import {
  type AdminCluster,
  clientIds,
  controllerPrefix,
  type DexWishes,
  documentOf,
  type Format,
  formatDocument,
  formats,
} from './admin-documents.ts';

/** The flags of `dkp-auth admin dex-client` as they were typed. */
export type AdminDexClientFlags = {
  readonly cluster?: readonly string[];
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientPrefix?: string;
  readonly sharedAudience?: string;
  readonly format?: string;
  readonly caFile?: string;
  readonly namespace?: string;
  readonly proxy?: string;
  readonly json?: boolean;
};

/** Prints what an administrator applies so that browser and device sign-in work, with a token of its own for each cluster. */
export async function adminDexClient(
  linkText: string | undefined,
  flags: AdminDexClientFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const format = formatOf(flags.format);
  const wishes = await wishesOf(linkText, flags, format, streams, signal);
  assertDistinct(wishes);
  await write(
    streams.stdout,
    flags.json
      ? `${JSON.stringify({ format, document: documentOf(format, wishes) }, undefined, 2)}\n`
      : formatDocument(format, wishes),
  );
}

function assertDistinct(wishes: DexWishes): void {
  const name = repeated(wishes.clusters.map(cluster => cluster.name));
  if (name !== undefined) throw usage(`There are two clusters "${name}"; give each a name of its own.`);
  const client = repeated(clientIds(wishes));
  if (client !== undefined) {
    throw usage(`Two of these would be the client "${client}"; give each a name of its own.`);
  }
  const server = repeated(wishes.clusters.map(cluster => cluster.server));
  if (server !== undefined) throw usage(`Two of these are at ${server}; one cluster has one name.`);
}

const repeated = (values: readonly string[]) =>
  values.find((value, index) => values.indexOf(value) !== index);

function formatOf(text = 'static'): Format {
  const format = formats.find(candidate => candidate === text);
  if (format !== undefined) return format;
  throw usage(`--format takes ${formats.join(', ')}; "${plainText(text)}" is none of them.`);
}

async function wishesOf(
  linkText: string | undefined,
  flags: AdminDexClientFlags,
  format: Format,
  { env }: Streams,
  signal: AbortSignal,
): Promise<DexWishes> {
  const link = linkText === undefined ? undefined : parseLoginLink(linkText);
  if ((link === undefined) === (flags.cluster === undefined)) {
    throw usage('Name the clusters: by a login link, or by --cluster NAME=SERVER, and not by both.');
  }
  const authorities = flags.caFile === undefined ? undefined : await readAuthorities([flags.caFile]);
  const proxies = chooseProxies(flags.proxy, env);
  const found =
    link === undefined
      ? { clusters: (flags.cluster ?? []).map(parseCluster), issuers: [] }
      : await clustersOf(link, createHttpClient({ authorities, proxies }), signal);
  const prefix = flags.clientPrefix ?? (format === 'resource' ? controllerPrefix : '');
  return {
    issuer: issuerOf(flags.issuer, found.issuers),
    callback: link && `${link.origin}${link.prefix}/callback`,
    loginLink: link && formatLoginLink(link),
    ca: authorities && cleanPem(authorities.join('\n'), '--ca-file'),
    clientId: nameOf('--client-id', flags.clientId ?? 'dkp-auth'),
    prefix: prefix === '' ? '' : nameOf('--client-prefix', prefix),
    sharedAudience:
      flags.sharedAudience === undefined ? undefined : nameOf('--shared-audience', flags.sharedAudience),
    clusters: found.clusters,
    namespace: nameOf('--namespace', flags.namespace ?? 'kommander'),
  };
}

async function clustersOf(link: LoginLink, http: HttpClient, signal: AbortSignal) {
  try {
    const { clusters } = await listClusters({ link, http }, signal);
    const taken = new Set<string>();
    return {
      issuers: [...new Set(clusters.map(({ issuer }) => issuer))],
      clusters: clusters.map((cluster): AdminCluster => {
        const wanted = cluster.nameIsUnique ? [cluster.name, cluster.hostname] : [cluster.hostname];
        const name = freeProfileName(wanted, candidate => taken.has(candidate));
        taken.add(name);
        return { name, server: cluster.server, ca: cluster.ca, workspace: link.workspace };
      }),
    };
  } finally {
    await http.close();
  }
}

function parseCluster(text: string): AdminCluster {
  const [name = '', ...rest] = text.split('=');
  const server = normalizeServerUrl(rest.join('='));
  const fault = profileNameFault(name);
  if (fault !== undefined) throw usage(`The name of the cluster "${plainText(name)}" ${fault}.`);
  if (server === undefined) {
    throw usage(
      `--cluster takes NAME=SERVER, with the https:// address of the API server: ${plainText(text)}.`,
    );
  }
  return { name, server, ca: undefined, workspace: undefined };
}

function issuerOf(flag: string | undefined, issuers: readonly string[]): string {
  const [found, ...others] = issuers;
  const issuer = flag ?? found;
  if (issuer === undefined) throw usage('--issuer URL is missing: where Dex is, as it names itself.');
  if (normalizeServerUrl(issuer) === undefined) {
    throw usage(`The issuer ${plainText(issuer)} is not an https:// address.`);
  }
  if (flag === undefined && others.length > 0) {
    throw usage(`The clusters have several issuers; choose with --issuer: ${issuers.join(', ')}.`);
  }
  return issuer;
}

function nameOf(flag: string, text: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,199}$/.test(text)) return text;
  throw usage(`${flag} takes a-z, 0-9, "." and "-"; "${plainText(text)}" has others.`);
}

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth admin dex-client --help.' });
}
