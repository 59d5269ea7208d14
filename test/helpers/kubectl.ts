import { accessSync, constants } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import type { Demo, DemoUser } from '../../source/demo/index.ts';
import { originOf } from '../demo/helpers.ts';
import type { Home } from './home.ts';
import { logIn, loginArguments } from './portal-login.ts';
import { type Ended, runProgram } from './program.ts';

/** The real one. Without it there is nothing to test, so its absence is an error. */
export const kubectl = findKubectl();

function findKubectl(): string {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, 'kubectl');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  throw new Error('There is no kubectl: PATH="$(scripts/lab build kubectl):$PATH" npm run test:kubectl');
}

export type KubectlOptions = {
  readonly env: Readonly<Record<string, string>>;
  /** Standard input, which is empty and no terminal otherwise. */
  readonly input?: string;
  readonly cwd?: string;
};

export async function runKubectl(args: readonly string[], options: KubectlOptions): Promise<Ended> {
  const { env, input, cwd } = options;
  const result = await execa(kubectl, ['--request-timeout=10s', ...args], {
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout: 30_000,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(cwd !== undefined && { cwd }),
  });
  return { code: result.exitCode, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

/** The clusters that a token of the common audience opens; `red-prod` has an audience of its own. */
export const portalClusters = ['kubernetes-cluster', 'red-lab', 'blue-prod'] as const;
export const pageCluster = 'red-prod';
export const reachableClusters = [...portalClusters, pageCluster];

export type SignIns = {
  readonly method: '1' | '2' | 'token';
  readonly user?: string;
  readonly clusters?: readonly string[];
};

/** Signs a person in to clusters through the program, profiles named like their clusters. */
export async function signInToClusters(demo: Demo, home: Pick<Home, 'env'>, signIns: SignIns): Promise<void> {
  const { method, user = 'ada', clusters = reachableClusters } = signIns;
  const through = clusters.filter(cluster => cluster !== pageCluster);
  if (through.length > 0) {
    const named = through.flatMap(cluster => ['--cluster', cluster]);
    const answers = ['--idp', 'corporate', '--method', method, '--yes', '--sign-in-now'];
    const args = loginArguments(demo, ...named, ...answers);
    succeeded(await logIn(demo, args, { home, user, logins: through.length }));
  }
  if (clusters.includes(pageCluster)) {
    const args = loginArguments(
      demo,
      '--cluster',
      pageCluster,
      '--method',
      method,
      '--yes',
      '--sign-in',
      'page',
    );
    succeeded(
      await runProgram(args, { env: home.env, input: await pageToken(demo, pageCluster, demo.user(user)) }),
    );
  }
}

/** What a person copies from the platform's own page for one cluster. */
export async function pageToken(demo: Demo, cluster: string, user: DemoUser): Promise<string> {
  const { token } = await demo.signIn(`${originOf(demo)}/token/login/${cluster}`, user);
  if (token === undefined) throw new Error(`the page of ${cluster} shows no token`);
  return token;
}

function succeeded({ code, stderr }: Ended): void {
  if (code !== 0) throw new Error(`the login failed:\n${stderr}`);
}

const credentialFile = (home: Pick<Home, 'paths'>, profile: string) =>
  path.join(home.paths.credentials, `${profile}.json`);

/** The token that is stored for a profile. */
export async function storedToken(home: Pick<Home, 'paths'>, profile: string): Promise<string> {
  return JSON.parse(await fs.readFile(credentialFile(home, profile), 'utf8')).token;
}

/** Makes a profile's stored token look as if its time were over. */
export async function expire(home: Pick<Home, 'paths'>, profile: string): Promise<void> {
  const file = credentialFile(home, profile);
  const credential = JSON.parse(await fs.readFile(file, 'utf8'));
  await fs.writeFile(file, JSON.stringify({ ...credential, expiresAt: Math.floor(Date.now() / 1000) - 60 }));
}

/** A kubeconfig as far as the tests look into it. */
export type Kubeconfig = {
  'current-context'?: string;
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec?: Record<string, unknown>; token?: string } }[];
};

export async function readKubeconfig(file: string): Promise<Kubeconfig> {
  return parse(await fs.readFile(file, 'utf8'));
}

/** A copy of a kubeconfig, edited as a person or a program might. */
export async function editedKubeconfig(
  file: string,
  copy: string,
  edit: (config: Kubeconfig) => void,
): Promise<string> {
  const config = await readKubeconfig(file);
  edit(config);
  await fs.writeFile(copy, stringify(config), { mode: 0o600 });
  return copy;
}
