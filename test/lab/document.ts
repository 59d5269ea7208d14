import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuilt, toolFolder, toolPath } from './build.ts';
import { isUp } from './lab.ts';
import { parts } from './parts/all.ts';
import { serverFiles, serverUrl } from './parts/api-server.ts';
import { clients, issuerUrl, type LabClient } from './parts/dex.ts';
import { keyringEnvironment } from './parts/keyring.ts';
import { slapdUrl } from './parts/slapd.ts';
import { sshAccess, sshArguments } from './parts/sshd.ts';
import { portalDocument } from './parts/token-service.ts';
import { logFile, runningPid } from './processes.ts';
import { openRun, type Run } from './run.ts';
import { findTool, tools, toolVersion } from './tools.ts';
import {
  connectors,
  directory,
  type IssuerId,
  issuerIds,
  type LabUser,
  type Layout,
  portals,
  servers,
  users,
} from './world.ts';

type PartStatus = {
  readonly id: string;
  readonly about: string;
  readonly address: string;
  readonly pid: number | null;
  readonly answers: boolean;
  readonly log: string;
};

type Issuer = { readonly id: IssuerId; readonly version: string; readonly issuer: string };

export type LabServer = {
  readonly name: string;
  readonly layout: Layout;
  readonly version: string;
  readonly server: string;
  readonly caFile: string;
  readonly audience: string;
  readonly adminKubeconfig: string;
  readonly auditLog: string;
};

export type LabPortal = {
  readonly name: string;
  readonly layout: Layout;
  readonly issuer: IssuerId;
  readonly loginLink: string;
  readonly workspaceLinks: Readonly<Record<string, string>>;
  /** of the portal and of its issuer */
  readonly caFile: string;
  readonly servers: readonly string[];
};

export type Program = { readonly version: string; readonly path: string; readonly folder: string };

/** Everything that a person or a test needs to use the lab; plain JSON. Its secrets are the lab's own. */
export type LabDocument = {
  readonly state: 'up' | 'partly up';
  readonly folder: string;
  readonly parts: readonly PartStatus[];
  /** of both issuers */
  readonly caFile: string;
  readonly issuers: readonly Issuer[];
  readonly connectors: readonly { readonly id: string; readonly type: string; readonly name: string }[];
  readonly clients: readonly LabClient[];
  readonly users: readonly LabUser[];
  readonly portals: readonly LabPortal[];
  readonly servers: readonly LabServer[];
  readonly ldap: {
    readonly url: string;
    readonly baseDn: string;
    readonly bindDn: string;
    readonly bindPassword: string;
  };
  readonly ssh: ReturnType<typeof sshAccess> & { readonly arguments: readonly string[] };
  readonly keyring: { readonly environment: Readonly<Record<string, string>> };
  readonly browser: { readonly executable: string; readonly arguments: readonly string[] };
  readonly programs: Readonly<Record<string, Program>>;
};

/** The arguments with which Chromium runs as root, in a container, and looks for nobody outside. */
const browserArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function partStatuses(run: Run): Promise<PartStatus[]> {
  return Promise.all(
    parts.map(async part => ({
      id: part.id,
      about: part.about,
      address: part.address(run),
      pid: (await runningPid(run.folder, part.id)) ?? null,
      answers: await isUp(run, part),
      log: logFile(run.folder, part.id),
    })),
  );
}

/** undefined: no lab runs here. */
export async function readLab(): Promise<LabDocument | undefined> {
  const run = await openRun();
  return run === undefined ? undefined : describe(run);
}

async function describe(run: Run): Promise<LabDocument> {
  const statuses = await partStatuses(run);
  return {
    state: statuses.every(part => part.answers) ? 'up' : 'partly up',
    folder: run.folder,
    parts: statuses,
    caFile: run.authority.file,
    issuers: issuerIds.map(id => ({ id, version: toolVersion(findTool(id)), issuer: issuerUrl(run, id) })),
    connectors,
    clients: clients(run),
    users,
    portals: (await Promise.all(portals.map(plan => portalDocument(run, plan)))).filter(
      each => each !== undefined,
    ),
    servers: servers.map(server => {
      const files = serverFiles(run, server);
      return {
        name: server.name,
        layout: server.layout,
        version: toolVersion(findTool(server.tool)),
        server: serverUrl(run, server),
        caFile: files.ca,
        audience: server.audience,
        adminKubeconfig: files.adminKubeconfig,
        auditLog: files.auditLog,
      };
    }),
    ldap: { url: slapdUrl(run), ...directory },
    ssh: { ...sshAccess(run), arguments: sshArguments(run) },
    keyring: { environment: keyringEnvironment(run) },
    browser: { executable: '/usr/bin/chromium', arguments: browserArguments },
    programs: Object.fromEntries([
      ...tools
        .filter(isBuilt)
        .map(tool => [
          tool.id,
          { version: toolVersion(tool), path: toolPath(tool), folder: toolFolder(tool) },
        ]),
      ...['tmux', 'chromium', 'ssh', 'faketime']
        .filter(name => existsSync(`/usr/bin/${name}`))
        .map(name => [name, { version: '', path: `/usr/bin/${name}`, folder: '/usr/bin' }]),
    ]),
  };
}

/** One line for each request that a server's audit log has. */
export type AuditEvent = {
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
};

export async function readAudit(server: LabServer): Promise<AuditEvent[]> {
  const text = await readFile(server.auditLog, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as AuditEvent);
}
