import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Authority, ensureAuthority } from './certificates.ts';
import { labFolder } from './places.ts';
import { issuerIds, portals, servers } from './world.ts';

const portNames = [
  'etcd',
  'etcd-peer',
  'slapd',
  'sshd',
  ...issuerIds,
  ...issuerIds.map(id => `${id}-telemetry`),
  ...servers.map(server => server.name),
  ...portals.map(portal => portal.name),
];

type Plan = { readonly run: string; readonly ports: Readonly<Record<string, number>> };

/** One run of the lab: where it keeps its things, which ports it took, and whom its servers are trusted by. */
export type Run = {
  readonly folder: string;
  readonly id: string;
  readonly port: (name: string) => number;
  readonly path: (...parts: string[]) => string;
  /** what Dex's certificates are issued by */
  readonly authority: Authority;
};

const planFile = (folder: string) => join(folder, 'plan.json');

export async function openRun(): Promise<Run | undefined> {
  const folder = labFolder();
  if (!existsSync(planFile(folder))) return undefined;
  const plan = JSON.parse(await readFile(planFile(folder), 'utf8')) as Plan;
  return {
    folder,
    id: plan.run,
    port: name => {
      const port = plan.ports[name];
      if (port === undefined)
        throw new Error(`this run of the lab is of other code: it has no ${name}; take it down`);
      return port;
    },
    path: (...parts) => join(folder, ...parts),
    authority: await ensureAuthority(join(folder, 'platform'), 'dkp-auth lab platform CA'),
  };
}

export async function beginRun(): Promise<Run> {
  const folder = labFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  for (const name of ['run', 'logs']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  if (!existsSync(planFile(folder))) {
    const plan: Plan = { run: randomBytes(12).toString('hex'), ports: await freePorts() };
    await writeFile(planFile(folder), JSON.stringify(plan, null, 2), { mode: 0o600 });
  }
  const run = await openRun();
  if (run === undefined) throw new Error(`cannot write ${planFile(folder)}`);
  return run;
}

/** Only what a run made: a folder without a plan is nobody's to delete. */
export async function removeRun(run: Run): Promise<void> {
  await rm(run.folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Below the range that outgoing connections take theirs from, so that a part finds its port free at a restart too. */
async function freePorts(): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  let candidate = 20_000 + (randomBytes(2).readUInt16BE() % 8_000);
  for (const name of portNames) {
    do candidate += 1;
    while (!(await isFree(candidate)));
    ports[name] = candidate;
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
