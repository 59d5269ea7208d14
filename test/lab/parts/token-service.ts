import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DemoDocument, GivenCluster, GivenIssuer } from '../../../source/demo/types.ts';
import type { LabPortal } from '../document.ts';
import { answers } from '../probe.ts';
import type { Run } from '../run.ts';
import {
  clusterClientSecret,
  type PortalPlan,
  portalClient,
  portals,
  type ServerPlan,
  servers,
} from '../world.ts';
import { serverFiles, serverUrl } from './api-server.ts';
import { clients, issuerUrl, portalUrl } from './dex.ts';
import type { Part } from './part.ts';

/** What test/lab/token-service.ts is started with. */
export type TokenServiceConfig = {
  readonly port: number;
  readonly folder: string;
  readonly documentFile: string;
  readonly issuer: GivenIssuer;
  readonly clusters: readonly GivenCluster[];
};

const bundleFile = (run: Run, plan: PortalPlan) => run.path(plan.name, 'bundle.pem');
const documentFile = (run: Run, plan: PortalPlan) => run.path(plan.name, 'document.json');
const serversOf = (plan: PortalPlan) => servers.filter(server => server.layout === plan.layout);

async function cluster(run: Run, server: ServerPlan): Promise<GivenCluster> {
  return {
    name: server.name,
    workspace: server.workspace,
    // A platform tells its clusters apart by their hosts; here all are on one.
    hostname: `${server.name}.lab.example`,
    server: serverUrl(run, server),
    ca: await readFile(serverFiles(run, server).ca, 'utf8'),
    audience: server.audience,
    client:
      server.layout === 'isolated'
        ? { id: server.audience, secret: clusterClientSecret(server.name) }
        : portalClient,
  };
}

async function prepare(run: Run, plan: PortalPlan) {
  await mkdir(run.path(plan.name), { recursive: true, mode: 0o700 });
  await rm(documentFile(run, plan), { force: true });
  const config: TokenServiceConfig = {
    port: run.port(plan.name),
    folder: run.path(plan.name),
    documentFile: documentFile(run, plan),
    issuer: {
      url: issuerUrl(run, plan.issuer),
      clientId: portalClient.id,
      clientSecret: portalClient.secret,
      ca: run.authority.pem,
      secrets: Object.fromEntries(
        clients(run).flatMap(({ id, secret }) => (secret === undefined ? [] : [[id, secret]])),
      ),
    },
    clusters: await Promise.all(serversOf(plan).map(server => cluster(run, server))),
  };
  const file = run.path(plan.name, 'config.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const program = fileURLToPath(new URL('../token-service.ts', import.meta.url));
  return { command: process.execPath, args: ['--import', import.meta.resolve('tsx'), program, file] };
}

async function readDocument(run: Run, plan: PortalPlan): Promise<DemoDocument | undefined> {
  if (!existsSync(documentFile(run, plan))) return undefined;
  return JSON.parse(await readFile(documentFile(run, plan), 'utf8')) as DemoDocument;
}

export async function portalDocument(run: Run, plan: PortalPlan): Promise<LabPortal | undefined> {
  const document = await readDocument(run, plan);
  if (document === undefined) return undefined;
  return {
    name: plan.name,
    layout: plan.layout,
    issuer: plan.issuer,
    loginLink: document.loginLinks.global,
    workspaceLinks: document.loginLinks.workspaces,
    caFile: bundleFile(run, plan),
    servers: serversOf(plan).map(server => server.name),
  };
}

export const portalParts: readonly Part[] = portals.map(plan => ({
  id: plan.name,
  about: `the token service in front of ${plan.issuer}, offering the ${plan.layout} servers`,
  loses: 'portal sign-in',
  after: [plan.issuer, ...serversOf(plan).map(server => server.name)],
  tools: [],
  files: [],
  address: run => portalUrl(run, plan.name),
  prepare: run => prepare(run, plan),
  ready: async run => {
    const document = await readDocument(run, plan);
    return (
      document !== undefined &&
      answers(`${portalUrl(run, plan.name)}/token/plugin/providers`, { ca: document.ca })
    );
  },
  // A real DKP serves portal and issuer with one authority; the two of the lab are only together in this file.
  settle: async run => {
    const document = await readDocument(run, plan);
    await writeFile(bundleFile(run, plan), `${document?.ca ?? ''}${run.authority.pem}`, { mode: 0o600 });
  },
  patienceSeconds: 30,
}));
