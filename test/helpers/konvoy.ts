import fs from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Demo, DemoUser } from '../../source/demo/index.ts';
import { ask } from '../demo/helpers.ts';
import type { Home } from './home.ts';
import { type Program, startProgram } from './program.ts';

/** The second executable, as it is installed. */
export const konvoyPlugin = path.join(import.meta.dirname, '..', '..', 'dist', 'konvoy-async-plugin.js');

export type PluginCall = {
  readonly user?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** What a kubeconfig of the demo calls. */
export function konvoyArguments({ document }: Demo, user = 'default-profile'): string[] {
  const url = `https://127.0.0.1:${document.port}/token/`;
  const ca = Buffer.from(document.ca).toString('base64');
  return [`-auth-url=${url}`, `-kubeconfig-user=${user}`, `-ca-data=${ca}`];
}

export function callPlugin(
  demo: Demo,
  home: Pick<Home, 'env'>,
  { user, args = [], env }: PluginCall = {},
): Program {
  return startProgram([...konvoyArguments(demo, user), ...args], {
    env: { ...home.env, ...env },
    program: konvoyPlugin,
  });
}

/** The download of Method 1, as it is. */
export async function handedOut(demo: Demo, profile?: string): Promise<string> {
  const query = profile === undefined ? '' : `?${new URLSearchParams({ profileName: profile })}`;
  return (await ask(demo, `/token/plugin/kubeconfig${query}`)).body;
}

export type Served = { readonly cluster: string; readonly user?: string; readonly server?: string };

/** A kubeconfig like those that the platform hands out, for some clusters; a context for each, named like the cluster. */
export async function writeKonvoyKubeconfig(
  demo: Demo,
  file: string,
  served: readonly Served[],
  edit: (document: Record<string, unknown[]>) => void = () => {},
): Promise<string> {
  const users = [...new Set(served.map(({ user = 'default-profile' }) => user))];
  const document = {
    clusters: served.map(({ cluster, server = demo.cluster(cluster).server }) => ({
      name: cluster,
      cluster: {
        server,
        'certificate-authority-data': Buffer.from(demo.cluster(cluster).ca).toString('base64'),
      },
    })),
    contexts: served.map(({ cluster, user = 'default-profile' }) => ({
      name: cluster,
      context: { cluster, user },
    })),
    users: users.map(user => ({
      name: user,
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'konvoy-async-plugin',
          args: konvoyArguments(demo, user),
        },
      },
    })),
  };
  edit(document);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, stringify({ apiVersion: 'v1', kind: 'Config', ...document }), { mode: 0o600 });
  return file;
}

/** A token as the platform's sign-in gives it, with what a test wants otherwise. */
export function platformToken(
  demo: Demo,
  { email }: Pick<DemoUser, 'email'>,
  claims: Record<string, unknown> = {},
  how?: 'other-key' | 'unsigned',
): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: demo.document.issuer, sub: `subject of ${email}`, email, aud: 'kube-apiserver' };
  return demo.mint({ ...usual, iat: now, exp: now + 3600, ...claims }, how);
}

/** What the original writes for a profile. */
export async function leaveToken(
  home: Home,
  user: string,
  token: string,
  { folder = home.path('.kube', 'konvoy', 'tokens'), mode = 0o600 } = {},
): Promise<string> {
  const file = path.join(folder, user, 'token');
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    status: { token },
  };
  await fs.writeFile(file, JSON.stringify(credential), { mode });
  await fs.chmod(file, mode);
  return file;
}

/** The tokens that the plugin keeps, by the server they are for. */
export async function keptTokens(home: Home): Promise<Map<string | null, Record<string, unknown>>> {
  const files = (await home.files()).filter(file => /^state\/konvoy\/[^/]+\.json$/.test(file));
  const kept = await Promise.all(
    files.map(async file => JSON.parse(await fs.readFile(home.path(file), 'utf8'))),
  );
  return new Map(kept.map(token => [token.server, token]));
}

/** A PATH on which kubectl finds the second executable under its name, as after an installation. */
export async function pathWithPlugin(home: Home): Promise<string> {
  const folder = home.path('bin');
  await fs.mkdir(folder, { recursive: true });
  await fs.symlink(konvoyPlugin, path.join(folder, 'konvoy-async-plugin'));
  return [folder, home.env['PATH']].join(path.delimiter);
}
