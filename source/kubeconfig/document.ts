import {
  type Document,
  isMap,
  isSeq,
  parseAllDocuments,
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
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) throw invalid(file, 'holds several YAML documents; kubectl reads one');
  if (document === undefined || document.contents === null) return newKubeconfig();
  const [error] = document.errors;
  if (error !== undefined) throw invalid(file, `is not YAML: ${plainText(error.message)}`);
  if (!isMap(document.contents)) throw invalid(file, 'is not a kubeconfig');
  return document as Document;
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
  return section(document, name, file).items.find(
    (item): item is YAMLMap => isMap(item) && item.get('name') === key,
  );
}

function put(document: Document, name: Section, key: string, value: object, comment?: string): void {
  const existing = find(document, name, key);
  const item = document.createNode({ name: key, [fieldOf[name]]: value }) as YAMLMap;
  if (comment !== undefined) item.commentBefore = comment;
  if (existing === undefined) {
    const list = section(document, name);
    list.flow = false;
    list.add(item);
  } else {
    existing.set(fieldOf[name], item.get(fieldOf[name], true));
    if (comment !== undefined) existing.commentBefore = comment;
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
  return isSeq(args) && args.toJSON().at(-1) === profile;
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
  for (const item of section(document, 'clusters', file).items) {
    if (isMap(item)) serverOf.set(item.get('name'), item.getIn(['cluster', 'server']) ?? item.get('name'));
  }
  const servedBy = new Map<unknown, unknown>();
  for (const item of section(document, 'contexts', file).items) {
    if (!isMap(item)) continue;
    const user = item.getIn(['context', 'user']);
    const cluster = item.getIn(['context', 'cluster']);
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
