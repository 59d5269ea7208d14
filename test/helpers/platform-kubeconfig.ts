import fs from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';

export type PlatformEntry = {
  readonly cluster: string;
  readonly user?: string;
  /** Over what the platform says of the cluster. */
  readonly more?: Readonly<Record<string, unknown>>;
};

/** What the platform's users are in it: with a token that is over. */
export const overToken = 'eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.b3Zlcg';

/**
 * A kubeconfig as the platform makes one with a cluster: it says where the cluster is, and no token in it is good.
 * The context of each cluster is `admin@CLUSTER`.
 */
export async function platformKubeconfig(
  demo: Demo,
  file: string,
  entries: readonly PlatformEntry[],
  users: Readonly<Record<string, unknown>> = { admin: { token: overToken } },
): Promise<string> {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(({ cluster, more }) => {
      const { server, ca } = demo.cluster(cluster);
      const data = Buffer.from(ca).toString('base64');
      return { name: cluster, cluster: { server, 'certificate-authority-data': data, ...more } };
    }),
    contexts: entries.map(({ cluster, user = 'admin' }) => ({
      name: `admin@${cluster}`,
      context: { cluster, user, namespace: 'kube-system' },
    })),
    users: Object.entries(users).map(([name, user]) => ({ name, user })),
    'current-context': `admin@${entries[0]?.cluster}`,
  };
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `# made with the cluster\n${stringify(document)}`, { mode: 0o600 });
  return file;
}
