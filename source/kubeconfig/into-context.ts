import path from 'node:path';
import { UserError } from '../errors.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { plainText } from '../text.ts';
import { type Change, edit } from './edit.ts';
import { commentOf, type KubeconfigEntry, userOf } from './entry.ts';
import { sharedUser, sharedUsers } from './invariant.ts';
import type { Layout } from './layout.ts';
import type { Merged } from './merge.ts';
import { type Named, Names } from './names.ts';
import { asksFor, profileAskedFor } from './ours.ts';
import { type Fields, isFields } from './section.ts';

/** Whom a user acts as is no credential of its own. */
const impersonation = ['as', 'as-uid', 'as-groups', 'as-user-extra'];

/**
 * Gives the user of a context that is there already a way to its token, in place. Where the user serves another cluster too,
 * or has a credential of another kind, the context gets a user of its own; the context's name and its cluster stay.
 * @throws UserError KUBECONFIG_INVALID, KUBECONFIG_CONFLICT, KUBECONFIG_SHARED_USER
 */
export function putIntoContext(layout: Layout, name: string, entry: KubeconfigEntry): Merged {
  const names = new Names([layout]);
  const context = names.find('contexts', name);
  const server = context && serverOf(names.find('clusters', String(context.content['cluster'])));
  if (context === undefined || server !== entry.server) {
    throw new UserError(
      'KUBECONFIG_CONFLICT',
      `The context "${plainText(name)}" of ${layout.path} is no longer for ${entry.server}.`,
      { hint: 'The file was left as it is. It was changed meanwhile: run the command again.' },
    );
  }
  const user = names.find('users', String(context.content['user'] ?? ''));
  const inPlace = user !== undefined && mayFill(user, entry, names);
  const called = inPlace ? user.name : freeName(entry, names, context);
  const kept = inPlace
    ? Object.fromEntries(Object.entries(user.content).filter(([field]) => impersonation.includes(field)))
    : {};
  const changes: Change[] = [
    {
      kind: 'set',
      section: 'users',
      name: called,
      content: { ...kept, ...userOf(entry) },
      comment: commentOf(entry),
    },
    { kind: 'set', section: 'contexts', name, content: { ...context.content, user: called } },
  ];
  const merged = edit(layout, changes);
  // Other users of the file may be shared; check finds those. This one is not.
  const shared = sharedUsers([merged]).find(each => each.user === called);
  if (shared !== undefined) throw sharedUser(shared, layout.path);
  return { layouts: [merged], placed: new Map([[entry.profile, { context: name, path: layout.path }]]) };
}

function serverOf(cluster: Named | undefined): string | undefined {
  const address = cluster?.content['server'];
  return typeof address === 'string' ? (normalizeServerUrl(address) ?? address) : undefined;
}

/** Whether nothing but this cluster's access is lost or changed by it. */
function mayFill(user: Named, entry: KubeconfigEntry, names: Names): boolean {
  const contexts = names.contextsOf('user', user.name);
  const isAlone = contexts.every(
    ({ content }) => serverOf(names.find('clusters', String(content['cluster']))) === entry.server,
  );
  return isAlone && isTokenUser(user.content);
}

const ownFields = new Set([...impersonation, 'token', 'tokenFile', 'exec']);

/** With a token, asking us or the platform's plugin for one, or with nothing at all. */
function isTokenUser(user: Fields): boolean {
  if (!Object.keys(user).every(field => ownFields.has(field))) return false;
  const { exec } = user;
  if (exec === undefined || exec === null || profileAskedFor(user) !== undefined) return true;
  if (!isFields(exec) || typeof exec['command'] !== 'string') return false;
  const command = path.posix.basename(path.win32.basename(exec['command']));
  return /^konvoy-async-plugin(\.exe|\.cmd)?$/i.test(command);
}

/** A name that no user has, unless it is the profile's own already and serves nothing else. */
function freeName(entry: KubeconfigEntry, names: Names, context: Named): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? entry.profile : `${entry.profile}-${number}`;
    const user = names.find('users', name);
    const isOurs = user !== undefined && asksFor(user.content, entry.profile) && mayFill(user, entry, names);
    // A name without an entry may still be meant by another context.
    const isMeant = names.contextsOf('user', name).some(other => other.name !== context.name);
    if (isOurs || (user === undefined && !isMeant)) return name;
  }
}
