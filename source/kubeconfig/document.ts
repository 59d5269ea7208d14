import {
  type Document,
  isAlias,
  isMap,
  isSeq,
  parseAllDocuments,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
  Document as YamlDocument,
} from 'yaml';
import { UserError } from '../errors.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { plainText } from '../text.ts';
import { clusterOf, type KubeconfigEntry, userOf } from './entry.ts';

type Section = 'clusters' | 'contexts' | 'users';
const fieldOf = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

export function newKubeconfig(): Document {
  return new YamlDocument({ apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], users: [] });
}

/**
 * Reads a kubeconfig so that comments and unknown fields survive.
 * @throws UserError KUBECONFIG_INVALID
 */
export function parseKubeconfig(text: string, file: string): Document {
  const documents = parseAllDocuments(text, { logLevel: 'silent', merge: true });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) throw invalid(file, 'holds several YAML documents; kubectl reads one');
  if (document === undefined || document.contents === null) return newKubeconfig();
  const [error] = document.errors;
  // Its message quotes the line, which may hold a token.
  if (error !== undefined) throw invalid(file, `is not YAML${placeOf(error)}`);
  if (!isMap(document.contents)) throw invalid(file, 'is not a kubeconfig');
  try {
    document.toJS();
  } catch {
    throw invalid(file, 'holds aliases that lead nowhere or never end');
  }
  return document as Document;
}

function placeOf({ linePos }: YAMLError): string {
  return linePos === undefined ? '' : ` (line ${linePos[0].line}, column ${linePos[0].col})`;
}

function invalid(file: string, fault: string): UserError {
  return new UserError('KUBECONFIG_INVALID', `${file} ${fault}.`, {
    hint: 'The file was left as it is. Mend it, or write to another file with --output.',
  });
}

/**
 * Puts entries into a kubeconfig: ours are replaced, anything else under the same name is left alone and refused.
 * @param isKnown whether this program wrote a profile into this file before
 * @throws UserError KUBECONFIG_CONFLICT, KUBECONFIG_SHARED_USER
 */
export function putEntries(
  document: Document,
  entries: readonly KubeconfigEntry[],
  file: string,
  isKnown: (profile: ProfileName) => boolean,
): void {
  for (const entry of entries) {
    assertReplaceable(document, entry, file, isKnown(entry.profile));
    put(document, 'clusters', entry.profile, clusterOf(entry));
    put(document, 'contexts', entry.profile, { cluster: entry.profile, user: entry.profile });
    put(document, 'users', entry.profile, userOf(entry), commentOf(entry));
  }
  assertOneClusterPerUser(document, file);
}

function commentOf({ user }: KubeconfigEntry): string | undefined {
  if (user.kind !== 'token') return undefined;
  return ` This token is good until ${new Date(user.expiresAt * 1000).toISOString()}; then run dkp-auth login again.`;
}

function section(document: Document, name: Section, file = 'The kubeconfig'): YAMLSeq {
  const existing = document.get(name);
  if (isSeq(existing)) return existing;
  if (existing !== undefined && existing !== null) throw invalid(file, `has "${name}" that is not a list`);
  const created = document.createNode([]) as YAMLSeq;
  document.set(name, created);
  return created;
}

function find(document: Document, name: Section, key: string, file?: string): YAMLMap | undefined {
  return section(document, name, file)
    .items.map(item => (isAlias(item) ? item.resolve(document) : item))
    .find((item): item is YAMLMap => isMap(item) && item.get('name') === key);
}

function put(document: Document, name: Section, key: string, value: object, comment?: string): void {
  const existing = find(document, name, key);
  const item = document.createNode({ name: key, [fieldOf[name]]: value }) as YAMLMap;
  const content = item.get(fieldOf[name], true);
  // Inside the entry, so that it goes when the entry is written anew.
  if (comment !== undefined && isMap(content)) content.commentBefore = comment;
  if (existing === undefined) {
    const list = section(document, name);
    list.flow = false;
    list.add(item);
  } else {
    existing.set(fieldOf[name], content);
  }
}

function assertReplaceable(document: Document, entry: KubeconfigEntry, file: string, known: boolean): void {
  const cluster = find(document, 'clusters', entry.profile, file);
  if (cluster !== undefined && cluster.getIn(['cluster', 'server']) !== entry.server) {
    throw conflict(file, 'cluster', entry, `for ${plainText(String(cluster.getIn(['cluster', 'server'])))}`);
  }
  const context = find(document, 'contexts', entry.profile, file);
  if (
    context !== undefined &&
    (context.getIn(['context', 'cluster']) !== entry.profile ||
      context.getIn(['context', 'user']) !== entry.profile)
  ) {
    throw conflict(file, 'context', entry, 'for something else');
  }
  const user = find(document, 'users', entry.profile, file);
  if (user !== undefined && !known && !asksForProfile(user, entry.profile)) {
    throw conflict(file, 'user', entry, 'that this program did not write');
  }
}

function asksForProfile(user: YAMLMap, profile: ProfileName): boolean {
  const args = user.getIn(['user', 'exec', 'args']);
  if (!isSeq(args)) return false;
  const [flag, name] = args.toJSON().slice(-2);
  return flag === '--profile' && name === profile;
}

function conflict(file: string, kind: string, entry: KubeconfigEntry, what: string): UserError {
  return new UserError('KUBECONFIG_CONFLICT', `${file} already has a ${kind} "${entry.profile}" ${what}.`, {
    hint: 'The file was left as it is. Choose another profile name, or another file with --output.',
  });
}

/**
 * The invariant in a file: no user serves contexts of two clusters.
 * @throws UserError KUBECONFIG_SHARED_USER
 */
export function assertOneClusterPerUser(document: Document, file: string): void {
  const serverOf = new Map<unknown, unknown>();
  for (const [name, { server }] of entriesOf(document, 'clusters', file)) serverOf.set(name, server ?? name);
  const servedBy = new Map<unknown, unknown>();
  for (const [, { user, cluster }] of entriesOf(document, 'contexts', file)) {
    const server = serverOf.get(cluster) ?? cluster;
    if (user === undefined || server === undefined) continue;
    if (servedBy.has(user) && servedBy.get(user) !== server) {
      throw new UserError(
        'KUBECONFIG_SHARED_USER',
        `In ${file} the user "${plainText(String(user))}" serves two clusters: ${plainText(String(servedBy.get(user)))} and ${plainText(String(server))}.`,
        { hint: 'One of them would get the token of the other. Give each cluster a user of its own.' },
      );
    }
    servedBy.set(user, server);
  }
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Names and contents of a section as kubectl reads them: aliases and merged maps resolved. */
function entriesOf(document: Document, name: Section, file: string): [unknown, Fields][] {
  const items = resolved(section(document, name, file), document, file);
  return items.filter(isFields).map(item => {
    const content = item[fieldOf[name]];
    return [item['name'], isFields(content) ? content : {}];
  });
}

function resolved(list: YAMLSeq, document: Document, file: string): unknown[] {
  try {
    return list.toJS(document) as unknown[];
  } catch {
    throw invalid(file, 'holds aliases that lead nowhere or never end');
  }
}

export function currentContext(document: Document): string | undefined {
  const value = document.get('current-context');
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function setCurrentContext(document: Document, context: string): void {
  document.set('current-context', context);
}

export function formatKubeconfig(document: Document): string {
  return document.toString({ lineWidth: 0 });
}
