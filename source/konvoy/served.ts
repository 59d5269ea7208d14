import path from 'node:path';
import type { CallerCluster } from '../credentials/exec-credential.ts';
import type { Entry, Kubeconfig } from '../kubeconfig/read.ts';
import { type Fields, isFields, type Section } from '../kubeconfig/section.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { readTextFile } from '../system/files.ts';
import { type KonvoyArguments, parseKonvoyArguments } from './arguments.ts';

/** A context whose user gets its token from the Konvoy plugin. */
export type KonvoyContext = {
  readonly name: string;
  readonly cluster: CallerCluster;
  readonly arguments: Pick<KonvoyArguments, 'link' | 'user'>;
};

/** Every such context of the kubeconfigs together, where the first entry of a name counts, as it does for kubectl. */
export async function konvoyContexts(kubeconfigs: readonly Kubeconfig[]): Promise<KonvoyContext[]> {
  const [contexts, users, clusters] = [
    firstOf(kubeconfigs, 'contexts'),
    firstOf(kubeconfigs, 'users'),
    firstOf(kubeconfigs, 'clusters'),
  ];
  const found: KonvoyContext[] = [];
  for (const [name, { entry }] of contexts) {
    const user = users.get(String(entry.content['user']));
    const cluster = clusters.get(String(entry.content['cluster']));
    const args = user && argumentsOf(user.entry.content);
    if (args === undefined || cluster === undefined) continue;
    found.push({ name, cluster: await clusterOf(cluster.entry.content, cluster.path), arguments: args });
  }
  return found;
}

type Found = { readonly entry: Entry; readonly path: string };

function firstOf(kubeconfigs: readonly Kubeconfig[], section: Section): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const { entries, path } of kubeconfigs) {
    for (const entry of entries) {
      if (entry.section === section && !found.has(entry.name)) found.set(entry.name, { entry, path });
    }
  }
  return found;
}

/** Told by the arguments and not by the command, which a person may have renamed or wrapped. */
function argumentsOf({ exec }: Fields): KonvoyArguments | undefined {
  const args = isFields(exec) ? exec['args'] : undefined;
  if (!Array.isArray(args) || !args.every(arg => typeof arg === 'string')) return undefined;
  try {
    return parseKonvoyArguments(args);
  } catch {
    return undefined;
  }
}

/** What kubectl would say of the cluster if the entry had `provideClusterInfo: true`. */
async function clusterOf(content: Fields, file: string): Promise<CallerCluster> {
  const text = (field: string) => (typeof content[field] === 'string' ? content[field] : '');
  const data = text('certificate-authority-data');
  const caFile = text('certificate-authority');
  return {
    server: text('server'),
    tlsServerName: text('tls-server-name'),
    insecureSkipTlsVerify: content['insecure-skip-tls-verify'] === true,
    ca:
      data !== '' || caFile === ''
        ? Buffer.from(data, 'base64').toString('utf8')
        : await readAuthority(path.resolve(path.dirname(file), caFile)),
  };
}

async function readAuthority(file: string): Promise<string> {
  return (await readTextFile(file, 1_000_000).catch(() => undefined)) ?? '';
}

export function sameArguments(a: KonvoyContext['arguments'], b: KonvoyContext['arguments']): boolean {
  return a.user === b.user && formatLoginLink(a.link) === formatLoginLink(b.link);
}

/** The clusters of some contexts, each once; two entries of one server that say different things of it are two. */
export function clustersOf(contexts: readonly KonvoyContext[]): CallerCluster[] {
  const clusters = new Map<string, CallerCluster>();
  for (const { cluster } of contexts) {
    const server = normalizeServerUrl(cluster.server) ?? cluster.server;
    clusters.set(JSON.stringify({ ...cluster, server }), cluster);
  }
  return [...clusters.values()];
}
