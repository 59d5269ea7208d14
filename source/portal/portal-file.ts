import { UserError } from '../errors.ts';
import { profileNameFault } from '../profiles/profile-name.ts';
import type { ClusterAudience, IssuerClient } from '../sign-in/issuer-client.ts';
import type { HttpClient } from '../system/http.ts';
import type { Environment } from '../system/paths.ts';
import { parseUrl } from '../url.ts';
import type { Cluster } from './clusters.ts';
import { type LoginLink, parseLoginLink } from './login-link.ts';
import { checkDocument, type PortalFileDocument } from './portal-file-document.ts';
import { addressFault, type Fault, type FieldPath, quoted, unknownName } from './portal-file-faults.ts';
import { cleanPem, type PortalFileText, readPortalFileText } from './portal-file-source.ts';
import { normalizeServerUrl } from './server-url.ts';

export type PortalFileWorkspace = { readonly name: string; readonly link: LoginLink | undefined };

export type PortalFileCluster = Cluster & {
  readonly workspace: string | undefined;
  readonly audience: ClusterAudience;
};

/** What an administrator hands out, checked: who to ask for tokens, and for which clusters. */
export type PortalFile = {
  /** The path or address it came from. */
  readonly source: string;
  /** The platform's login link; clusters that are not DKP have none. */
  readonly link: LoginLink | undefined;
  /** PEM of who vouches for the platform and the issuer; undefined for the system's. */
  readonly ca: string | undefined;
  /** A public client: a portal file holds no secret. */
  readonly client: IssuerClient;
  /** Ports on 127.0.0.1 that the browser may come back to, in the order to try; none: any free one. */
  readonly redirectPorts: readonly number[];
  readonly workspaces: readonly PortalFileWorkspace[];
  /** At least one; no two have the same name or the same API server. */
  readonly clusters: readonly PortalFileCluster[];
};

/** What is asked for besides `openid` when a portal file does not say: who somebody is, and to stay signed in. */
export const usualScopes: readonly string[] = ['profile', 'email', 'groups', 'offline_access'];

/**
 * @param source a path, or an https:// address
 * @throws UserError PORTAL_FILE_INVALID with line and column, IO, NETWORK, TLS
 */
export async function readPortalFile(
  source: string,
  context: { readonly http: HttpClient; readonly env: Environment; readonly signal?: AbortSignal },
): Promise<PortalFile> {
  const { http, env, signal } = context;
  return parsePortalFile(await readPortalFileText(source, http, env['HOME'], signal));
}

/** @throws UserError PORTAL_FILE_INVALID */
export async function parsePortalFile(file: PortalFileText): Promise<PortalFile> {
  const { content, errorOf } = checkDocument(file.text, file.source);
  const faults: Fault[] = [];
  const note = (path: FieldPath, words: string) => void faults.push({ path, words });
  const authorities = await readAuthorities(content, file, note);
  const workspaces = readWorkspaces(content, note);
  const portalFile: PortalFile = {
    source: file.source,
    link: readLink(content.loginLink, ['loginLink'], note),
    ca: authorities.own,
    client: {
      issuer: content.issuer,
      clientId: content.client.id,
      scopes: content.client.scopes ?? usualScopes,
      extraParameters: {},
      tokenKind: 'id-token',
    },
    redirectPorts: content.client.redirectPorts ?? [],
    workspaces,
    clusters: readClusters(content, authorities.ofClusters, note),
  };
  if (normalizeServerUrl(content.issuer) === undefined) note(['issuer'], addressFault(content.issuer));
  if (faults.length > 0) throw errorOf(faults);
  return portalFile;
}

type Note = (path: FieldPath, words: string) => void;

function readLink(text: string | undefined, path: FieldPath, note: Note): LoginLink | undefined {
  if (text === undefined) return undefined;
  try {
    return parseLoginLink(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(path, error.message.replace(/^This login link /, '').replace(/\.$/, ''));
    return undefined;
  }
}

function readWorkspaces({ workspaces = [] }: PortalFileDocument, note: Note): PortalFileWorkspace[] {
  noteRepeats(
    workspaces.map(({ name }) => name),
    index => ['workspaces', index, 'name'],
    note,
  );
  return workspaces.map(({ name, loginLink }, index) => {
    const path = ['workspaces', index, 'loginLink'];
    const link = readLink(loginLink, path, note);
    if (link !== undefined && (link.workspace ?? name) !== name) {
      note(path, `is for the workspace ${quoted(link.workspace)}, not ${quoted(name)}`);
    }
    return { name, link };
  });
}

function readClusters(
  content: PortalFileDocument,
  authorities: readonly (string | undefined)[],
  note: Note,
): PortalFileCluster[] {
  const { clusters, workspaces = [], issuer } = content;
  const known = workspaces.map(({ name }) => name);
  const read = clusters.map((listed, index): PortalFileCluster => {
    const at = (field: string): FieldPath => ['clusters', index, field];
    const { name, workspace } = listed;
    const server = normalizeServerUrl(listed.server);
    if (server === undefined) note(at('server'), addressFault(listed.server));
    const nameFault = profileNameFault(name);
    if (nameFault !== undefined) note(at('name'), `is ${quoted(name)}, which ${nameFault}`);
    if (workspace !== undefined && !known.includes(workspace)) {
      note(
        at('workspace'),
        `is ${quoted(workspace)}, which is not one of the workspaces; ${unknownName(workspace, known)}`,
      );
    }
    return {
      name,
      nameIsUnique: true,
      hostname: server === undefined ? '' : new URL(server).hostname,
      server: server ?? '',
      ca: authorities[index],
      issuer,
      workspace,
      audience: readAudience(listed.audience, [...at('audience'), 'resource'], note),
    };
  });
  const each = (field: 'name' | 'server') => (index: number) => ['clusters', index, field];
  noteRepeats(
    read.map(({ name }) => name),
    each('name'),
    note,
  );
  noteRepeats(
    read.map(({ server }) => server),
    each('server'),
    note,
  );
  return read;
}

function readAudience(
  audience: PortalFileDocument['clusters'][number]['audience'],
  path: FieldPath,
  note: Note,
): ClusterAudience {
  if (audience?.dexClient !== undefined) return { kind: 'dex-client', client: audience.dexClient };
  if (audience?.audience !== undefined) return { kind: 'audience', audience: audience.audience };
  if (audience?.resource === undefined) return { kind: 'shared' };
  if (parseUrl(audience.resource) === undefined) note(path, 'is not an absolute address');
  return { kind: 'resource', resource: audience.resource };
}

function noteRepeats(values: readonly string[], path: (index: number) => FieldPath, note: Note): void {
  const first = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const before = first.get(value);
    if (before === undefined) first.set(value, index);
    else if (value !== '') note(path(index), `is the same as that of number ${before + 1}: ${quoted(value)}`);
  }
}

async function readAuthorities(content: PortalFileDocument, file: PortalFileText, note: Note) {
  const read = async (given: string | undefined, path: FieldPath) => {
    if (given === undefined) return undefined;
    try {
      if (/PRIVATE KEY-----/.test(given)) throw new UserError('CA_FILE_INVALID', 'It holds a private key.');
      const isInline = given.includes('-----BEGIN');
      return cleanPem(
        isInline ? given : await file.readAuthority(given),
        isInline ? 'The text' : quoted(given),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      note(path, `cannot be taken: ${error.message.replace(/\.$/, '')}`);
      return undefined;
    }
  };
  return {
    own: await read(content.ca, ['ca']),
    ofClusters: await Promise.all(
      content.clusters.map(({ ca }, index) => read(ca, ['clusters', index, 'ca'])),
    ),
  };
}
