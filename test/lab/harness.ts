import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type LabDocument, type LabPortal, type LabServer, type Program, readLab } from './document.ts';
import { type LabUser, users } from './world.ts';

/** For tests: the lab that runs. They fail without it, for a suite that skips proves nothing. */
export async function theLab(): Promise<LabDocument> {
  const lab = await readLab();
  if (lab === undefined) throw new Error('the lab is down; run scripts/lab up');
  return lab;
}

function named<T>(list: readonly T[], name: string, nameOf: (each: T) => string): T {
  const found = list.find(each => nameOf(each) === name);
  if (found === undefined) throw new Error(`the lab has no ${name}`);
  return found;
}

export const serverNamed = (lab: LabDocument, name: string): LabServer =>
  named(lab.servers, name, each => each.name);
export const portalNamed = (lab: LabDocument, name: string): LabPortal =>
  named(lab.portals, name, each => each.name);
export const userNamed = (login: string): LabUser => named(users, login, each => each.login);

export function programNamed(lab: LabDocument, name: string): Program {
  const program = lab.programs[name];
  if (program === undefined) throw new Error(`the lab has no ${name}`);
  return program;
}

export type KubectlResult = {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

/** kubectl of the current or the oldest minor; it never fails a test by itself, so that refusals can be looked at. */
export async function kubectl(
  lab: LabDocument,
  args: readonly string[],
  options: { tool?: 'kubectl' | 'kubectl-oldest'; env?: Record<string, string>; input?: string } = {},
): Promise<KubectlResult> {
  const { tool = 'kubectl', env = {}, input = '' } = options;
  const result = await execa(programNamed(lab, tool).path, args, {
    // Neither the person's own kubeconfig nor their cache.
    env: { KUBECONFIG: '/dev/null', KUBECACHEDIR: `${lab.folder}/kubectl-cache`, ...env },
    input,
    reject: false,
    timeout: 30_000,
  });
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** The arguments that point kubectl at a server with a token and nothing else. */
export const asBearer = (server: LabServer, token: string): string[] => [
  `--server=${server.server}`,
  `--certificate-authority=${server.caFile}`,
  `--token=${token}`,
];

/** Who an API server says the bearer of a token is, or why not. */
export async function whoami(lab: LabDocument, server: LabServer, token: string) {
  const result = await kubectl(lab, [...asBearer(server, token), 'auth', 'whoami', '--output=json']);
  if (result.code !== 0) return { error: result.stderr };
  const review = JSON.parse(result.stdout) as {
    status: { userInfo: { username: string; groups: string[] } };
  };
  return review.status.userInfo;
}

export const labCommand = fileURLToPath(new URL('../../scripts/lab', import.meta.url));

/** Stops, starts or restarts parts of the lab that runs; fails when a part does not come back. */
export async function labDoes(...args: readonly string[]): Promise<void> {
  await execa(labCommand, args, { timeout: 180_000 });
}
