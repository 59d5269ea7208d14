import path from 'node:path';
import type { Layout } from '../kubeconfig/layout.ts';
import { Names } from '../kubeconfig/names.ts';
import type { Fields } from '../kubeconfig/section.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { readTextFile } from '../system/files.ts';
import { type KonvoyUser, konvoyUser } from './konvoy-user.ts';
import { type KubeloginUser, kubeloginUser } from './kubelogin.ts';

export type Origin =
  | { readonly kind: 'kubelogin'; readonly user: KubeloginUser }
  | { readonly kind: 'platform'; readonly user: KonvoyUser };

/** A cluster that somebody's plugin gives a token for, and the contexts that lead to it. */
export type Candidate = {
  readonly contexts: readonly string[];
  readonly clusterName: string;
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly ca: string | undefined;
  readonly origin: Origin;
};

export type Skipped = { readonly context: string; readonly why: string };

/** What in kubeconfigs can be taken over: a candidate for each pair of user and cluster, never one for two clusters. */
export async function findImports(
  layouts: readonly Layout[],
): Promise<{ candidates: Candidate[]; skipped: Skipped[] }> {
  const names = new Names(layouts);
  const found = new Map<string, Candidate>();
  const skipped: Skipped[] = [];
  for (const { name, content } of names.all('contexts')) {
    const user = names.find('users', String(content['user']));
    const origin = user && originOf(user.content);
    if (origin === undefined) continue;
    const cluster = names.find('clusters', String(content['cluster']));
    const server = normalizeServerUrl(String(cluster?.content['server'] ?? ''));
    if (cluster === undefined || server === undefined) {
      skipped.push({ context: name, why: 'its cluster has no https address' });
      continue;
    }
    const key = JSON.stringify([user?.name, server]);
    const known = found.get(key);
    const { content: details, path: file } = cluster;
    found.set(key, {
      contexts: [...(known?.contexts ?? []), name],
      clusterName: cluster.name,
      server,
      ca: await pemOf(details['certificate-authority-data'], details['certificate-authority'], file),
      origin,
    });
  }
  return { candidates: [...found.values()], skipped };
}

function originOf(user: Fields): Origin | undefined {
  const kubelogin = kubeloginUser(user);
  if (kubelogin !== undefined) return { kind: 'kubelogin', user: kubelogin };
  const konvoy = konvoyUser(user);
  return konvoy === undefined ? undefined : { kind: 'platform', user: konvoy };
}

/** A certificate as kubeconfigs and plugins give it: base64 of PEM, or a file beside the kubeconfig. */
export async function pemOf(data: unknown, file: unknown, besides: string): Promise<string | undefined> {
  const text =
    typeof data === 'string' && data !== ''
      ? Buffer.from(data, 'base64').toString('utf8')
      : typeof file === 'string' && file !== ''
        ? await readTextFile(path.resolve(path.dirname(besides), file), 1_000_000)
        : undefined;
  return text?.includes('-----BEGIN CERTIFICATE-----') ? text : undefined;
}
