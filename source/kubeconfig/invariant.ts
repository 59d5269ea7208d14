import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import type { Layout } from './layout.ts';
import { type Fields, fieldOf, isFields, type Section } from './section.ts';

/** A user that serves the contexts of two clusters. */
export type SharedUser = { readonly user: string; readonly servers: readonly [string, string] };

/**
 * Users that serve two clusters in a kubeconfig of one file or several, read as kubectl reads it: the first entry of a
 * name wins. Two names for one server are one cluster.
 */
export function sharedUsers(layouts: readonly Pick<Layout, 'items'>[]): SharedUser[] {
  const clusters = firstOf(layouts, 'clusters');
  const servedBy = new Map<string, string>();
  const shared = new Map<string, SharedUser>();
  for (const { user, cluster } of allOf(layouts, 'contexts')) {
    if (typeof user !== 'string' || typeof cluster !== 'string' || user === '') continue;
    const known = clusters.get(cluster)?.['server'];
    const server = typeof known === 'string' ? known : cluster;
    const other = servedBy.get(user);
    if (other === undefined) servedBy.set(user, server);
    else if (other !== server && !shared.has(user)) shared.set(user, { user, servers: [other, server] });
  }
  return [...shared.values()];
}

/**
 * The invariant in a file: no user serves contexts of two clusters.
 * @throws UserError KUBECONFIG_SHARED_USER
 */
export function assertOneClusterPerUser(layouts: readonly Pick<Layout, 'items'>[], file: string): void {
  const [shared] = sharedUsers(layouts);
  if (shared !== undefined) throw sharedUser(shared, file);
}

export function sharedUser({ user, servers: [one, other] }: SharedUser, file: string): UserError {
  return new UserError(
    'KUBECONFIG_SHARED_USER',
    `In ${file} the user "${plainText(user)}" serves two clusters: ${plainText(one)} and ${plainText(other)}.`,
    {
      hint: 'One of them would get the token of the other. Give each cluster a user of its own (dkp-auth check --fix), or write to another file with --output.',
    },
  );
}

function firstOf(layouts: readonly Pick<Layout, 'items'>[], section: Section): Map<unknown, Fields> {
  const found = new Map<unknown, Fields>();
  for (const { items } of layouts) {
    for (const item of items) {
      if (item.section !== section || item.value === null || found.has(item.value['name'])) continue;
      found.set(item.value['name'], contentOf(item.value, section));
    }
  }
  return found;
}

function* allOf(layouts: readonly Pick<Layout, 'items'>[], section: Section): Generator<Fields> {
  for (const { items } of layouts) {
    for (const item of items) {
      if (item.section === section && item.value !== null) yield contentOf(item.value, section);
    }
  }
}

function contentOf(value: Fields, section: Section): Fields {
  const content = value[fieldOf[section]];
  return isFields(content) ? content : {};
}
