import { UserError } from '../errors.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { plainText } from '../text.ts';
import { type Change, edit } from './edit.ts';
import { clusterOf, commentOf, type KubeconfigEntry, userOf } from './entry.ts';
import { assertOneClusterPerUser, sharedUser, sharedUsers } from './invariant.ts';
import type { Layout } from './layout.ts';
import { type Named, Names } from './names.ts';
import { asksFor, profileAskedFor } from './ours.ts';
import type { Fields, Section } from './section.ts';

/** What becomes of an entry of ours whose name somebody else's has. */
export const conflictWays = ['fail', 'rename', 'replace'] as const;
export type OnConflict = (typeof conflictWays)[number];

export type MergeRules = {
  readonly onConflict: OnConflict;
  /** The file that new entries go to; one of those given. */
  readonly forNew: string;
  /** Whether this program wrote a profile into a file before. */
  readonly isKnown: (profile: ProfileName, path: string) => boolean;
  /** The profile whose context becomes the current one. */
  readonly setCurrent: ProfileName | undefined;
};

export type Merged = {
  /** As the files were given, those that change as they will be. */
  readonly layouts: readonly Layout[];
  /** What each profile's entries are called, and in which file its user is. */
  readonly placed: ReadonlyMap<ProfileName, Placed>;
};

export type Placed = { readonly context: string; readonly path: string };

/**
 * Puts entries into a kubeconfig of one file or several. Ours are brought up to date where they are, whatever they are
 * called by now; all else stays, byte for byte.
 * @throws UserError KUBECONFIG_CONFLICT, KUBECONFIG_SHARED_USER, KUBECONFIG_INVALID
 */
export function mergeEntries(
  layouts: readonly Layout[],
  entries: readonly KubeconfigEntry[],
  rules: MergeRules,
): Merged {
  const names = new Names(layouts);
  const askers = Map.groupBy(names.all('users'), ({ content }) => profileAskedFor(content));
  const changes = new Map<string, Change[]>(layouts.map(({ path }) => [path, []]));
  const put = (section: Section, name: string, content: Fields, comment?: string): string => {
    const path = names.find(section, name)?.path ?? rules.forNew;
    names.put(section, { name, content, path });
    changes.get(path)?.push({ kind: 'set', section, name, content, comment });
    return path;
  };
  const placed = new Map<ProfileName, Placed>();
  for (const entry of entries) {
    const { cluster, context, user, isOurs } = placeOf(entry, names, askers.get(entry.profile) ?? [], rules);
    put('clusters', cluster, clusterContent(names.find('clusters', cluster), entry));
    const path = put('users', user, userOf(entry), commentOf(entry));
    // What a person added to a context of ours, a namespace for example, stays.
    const kept = isOurs ? names.find('contexts', context)?.content : {};
    put('contexts', context, { ...kept, cluster, user });
    placed.set(entry.profile, { context, path });
  }
  const current = rules.setCurrent === undefined ? undefined : placed.get(rules.setCurrent);
  if (current !== undefined) {
    changes.get(rules.forNew)?.push({ kind: 'current-context', name: current.context });
  }
  const merged = layouts.map(layout => edit(layout, changes.get(layout.path) ?? []));
  const ours = new Set(entries.map(({ profile }) => userIn(placed.get(profile), names)));
  assertSafe(
    layouts,
    merged,
    ours,
    [...changes].filter(([, wanted]) => wanted.length > 0).map(([path]) => path),
  );
  return { layouts: merged, placed };
}

type EntryNames = { readonly cluster: string; readonly context: string; readonly user: string };

/** What an entry's three parts are called: as they are already where they are ours, else by the profile's name. */
function placeOf(
  entry: KubeconfigEntry,
  names: Names,
  askers: readonly Named[],
  rules: MergeRules,
): EntryNames & { readonly isOurs: boolean } {
  const existing = findOurs(entry, names, askers, rules);
  if (existing?.context !== undefined) return { ...existing, context: existing.context, isOurs: true };
  const { profile } = entry;
  for (let number = 1; number < 1000; number++) {
    const name = number === 1 ? profile : `${profile}-${number}`;
    const wanted = { cluster: name, context: name, user: existing?.user ?? name };
    const fault = conflictOf(wanted, existing, entry, names);
    if (fault === undefined) return { ...wanted, isOurs: false };
    if (rules.onConflict === 'fail') throw conflict(fault, entry);
    if (rules.onConflict === 'replace') {
      assertReplaceable(wanted, entry, names);
      return { ...wanted, isOurs: false };
    }
  }
  throw conflict({ kind: 'context', what: 'and a thousand more', path: rules.forNew }, entry);
}

type Existing = { readonly user: string; readonly cluster: string; readonly context: string | undefined };

/** The user of this profile that is there already, whose contexts are all for its cluster, and the first of them. */
function findOurs(
  entry: KubeconfigEntry,
  names: Names,
  askers: readonly Named[],
  rules: MergeRules,
): Existing | undefined {
  const { profile } = entry;
  const named = names.find('users', profile);
  const same =
    entry.user.kind === 'token' ? [...names.all('users')].filter(user => hasToken(user, entry)) : [];
  // An asker may have been replaced by another entry of this merge.
  const present = askers.flatMap(user => names.find('users', user.name) ?? []);
  const users = [...(named === undefined ? [] : [named]), ...present, ...same];
  for (const user of users) {
    const isOurs =
      asksFor(user.content, profile) ||
      (user.name === profile && rules.isKnown(profile, user.path)) ||
      hasToken(user, entry);
    if (!isOurs) continue;
    const contexts = names.contextsOf('user', user.name);
    if (!contexts.every(({ content }) => isFor(names.find('clusters', String(content['cluster'])), entry)))
      continue;
    const context = contexts.find(({ name }) => name === profile) ?? contexts[0];
    const cluster = String(context?.content['cluster'] ?? profile);
    if (context !== undefined && !mayUse(names.find('clusters', cluster), entry, names, user.name)) continue;
    return { user: user.name, cluster, context: context?.name };
  }
  return undefined;
}

function hasToken({ content }: Named, { user }: KubeconfigEntry): boolean {
  return user.kind === 'token' && user.token !== '' && content['token'] === user.token;
}

function isFor(cluster: Named | undefined, { server }: KubeconfigEntry): boolean {
  const address = cluster?.content['server'];
  return typeof address === 'string' && (normalizeServerUrl(address) ?? address) === server;
}

/** Whether a cluster entry may be brought up to date: nobody else's context would see a difference. */
function mayUse(cluster: Named | undefined, entry: KubeconfigEntry, names: Names, user: string): boolean {
  if (cluster === undefined) return true;
  if (!isFor(cluster, entry)) return false;
  const others = names.contextsOf('cluster', cluster.name).some(({ content }) => content['user'] !== user);
  return !others || sameTrust(cluster.content, clusterContent(cluster, entry));
}

function sameTrust(one: Fields, other: Fields): boolean {
  return JSON.stringify(Object.entries(one).toSorted()) === JSON.stringify(Object.entries(other).toSorted());
}

/** A cluster keeps what a person added, a proxy for example, but for another trust than ours. */
function clusterContent(cluster: Named | undefined, entry: KubeconfigEntry): Fields {
  const {
    'certificate-authority': _file,
    'certificate-authority-data': _data,
    'insecure-skip-tls-verify': _insecure,
    ...kept
  } = isFor(cluster, entry) ? (cluster?.content ?? {}) : {};
  return { ...kept, ...clusterOf(entry) };
}

type Fault = { readonly kind: string; readonly name?: string; readonly what: string; readonly path: string };

function conflictOf(
  wanted: EntryNames,
  existing: Existing | undefined,
  entry: KubeconfigEntry,
  names: Names,
): Fault | undefined {
  const cluster = names.find('clusters', wanted.cluster);
  if (cluster !== undefined && !mayUse(cluster, entry, names, wanted.user)) {
    const server = plainText(String(cluster.content['server']));
    const what = isFor(cluster, entry)
      ? 'that others use with another certificate authority'
      : `for ${server}`;
    return { kind: 'cluster', what, path: cluster.path };
  }
  const context = names.find('contexts', wanted.context);
  if (context !== undefined && !isPairing(context, wanted)) {
    return { kind: 'context', what: 'for something else', path: context.path };
  }
  const waiting = waitingFor(wanted, existing, names);
  if (waiting !== undefined) {
    const what = 'that waits for a cluster or user of this name';
    return { kind: 'context', name: waiting.name, what, path: waiting.path };
  }
  const user = names.find('users', wanted.user);
  if (user !== undefined && existing === undefined) {
    return { kind: 'user', what: 'that this program did not write', path: user.path };
  }
  return undefined;
}

/** A context of somebody's that names what is not there yet: with ours there, it would come to life. */
function waitingFor(wanted: EntryNames, existing: Existing | undefined, names: Names): Named | undefined {
  const isNew = {
    cluster: names.find('clusters', wanted.cluster) === undefined,
    user: existing === undefined && names.find('users', wanted.user) === undefined,
  };
  return (['cluster', 'user'] as const)
    .filter(kind => isNew[kind])
    .flatMap(kind => names.contextsOf(kind, wanted[kind]))
    .find(context => !isPairing(context, wanted));
}

function isPairing({ content }: Named, { cluster, user }: EntryNames): boolean {
  return content['cluster'] === cluster && content['user'] === user;
}

function conflict({ kind, name, what, path }: Fault, { profile }: KubeconfigEntry): UserError {
  return new UserError(
    'KUBECONFIG_CONFLICT',
    `${path} already has a ${kind} "${plainText(name ?? profile)}" ${what}.`,
    {
      hint: 'The file was left as it is. Say --on-conflict rename or replace, or choose another profile name, or another file with --output.',
    },
  );
}

/** Somebody else's entry is replaced only where no other context uses it: its credential would go to our server, or ours to its. */
function assertReplaceable(wanted: EntryNames, { profile }: KubeconfigEntry, names: Names): void {
  for (const kind of ['cluster', 'user'] as const) {
    const [other] = names.contextsOf(kind, wanted[kind]).filter(({ name }) => name !== wanted.context);
    if (other === undefined) continue;
    throw new UserError(
      'KUBECONFIG_CONFLICT',
      `The ${kind} "${profile}" cannot be replaced: the context "${plainText(other.name)}" in ${other.path} uses it too.`,
      { hint: 'The file was left as it is. Say --on-conflict rename, or choose another profile name.' },
    );
  }
}

function userIn(placed: Placed | undefined, names: Names): unknown {
  return names.find('contexts', placed?.context ?? '')?.content['user'];
}

/** No file that is written has a user for two clusters, and all of them together have none that they did not have before. */
function assertSafe(
  before: readonly Layout[],
  after: readonly Layout[],
  ours: ReadonlySet<unknown>,
  written: readonly string[],
): void {
  for (const layout of after)
    if (written.includes(layout.path)) assertOneClusterPerUser([layout], layout.path);
  const known = new Set(sharedUsers(before).map(({ user }) => user));
  const fresh = sharedUsers(after).find(({ user }) => !known.has(user) || ours.has(user));
  if (fresh !== undefined) throw sharedUser(fresh, after.map(({ path }) => path).join(' and '));
}
