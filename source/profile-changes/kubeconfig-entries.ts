import { UserError } from '../errors.ts';
import { type Change, edit } from '../kubeconfig/edit.ts';
import type { Layout } from '../kubeconfig/layout.ts';
import { type Named, Names } from '../kubeconfig/names.ts';
import { asksFor } from '../kubeconfig/ours.ts';
import { type Fields, isFields, type Section } from '../kubeconfig/section.ts';
import type { ProfileName } from '../profiles/profile-name.ts';

/** What of a kubeconfig is a profile's: its users, their contexts, and the clusters that only these contexts name. */
type Entries = {
  readonly users: readonly Named[];
  readonly contexts: readonly Named[];
  readonly clusters: readonly string[];
};

/** @param hasToken the profile was written here with its token, under its own name */
function entriesOf(names: Names, profile: ProfileName, hasToken: boolean): Entries {
  const users = [...names.all('users')].filter(
    ({ name, content }) =>
      asksFor(content, profile) || (hasToken && name === profile && typeof content['token'] === 'string'),
  );
  const contexts = users.flatMap(({ name }) => names.contextsOf('user', name));
  const ours = new Set(contexts.map(({ name }) => name));
  const clusters = [...new Set(contexts.map(({ content }) => String(content['cluster'])))].filter(
    cluster =>
      names.find('clusters', cluster) !== undefined &&
      names.contextsOf('cluster', cluster).every(({ name }) => ours.has(name)),
  );
  return { users, contexts, clusters };
}

/**
 * The kubeconfig of a profile that is called otherwise from now on: its user asks for the new name, and what bore the old
 * name bears the new one. Nothing changes when it is done already.
 * @throws UserError KUBECONFIG_CONFLICT when the new name is somebody else's there
 */
export function renameEntries(layout: Layout, from: ProfileName, to: ProfileName): Layout {
  const names = new Names([layout]);
  const { users, contexts, clusters } = entriesOf(names, from, true);
  const changes: Change[] = [];
  const renamed = (section: Section, name: string) => {
    if (name !== from) return name;
    if (names.find(section, to) !== undefined) throw taken(layout.path, to);
    changes.push({ kind: 'rename', section, name, to });
    return to;
  };
  const clusterNames = new Map(clusters.map(name => [name, renamed('clusters', name)]));
  const userNames = new Map(users.map(({ name }) => [name, renamed('users', name)]));
  for (const { name, content } of users) {
    changes.push({ kind: 'set', section: 'users', name, content: askingFor(content, to) });
  }
  for (const { name, content } of contexts) {
    const user = userNames.get(String(content['user']));
    const cluster = clusterNames.get(String(content['cluster'])) ?? content['cluster'];
    changes.push({ kind: 'set', section: 'contexts', name, content: { ...content, cluster, user } });
    if (renamed('contexts', name) !== name && currentOf(layout) === name) {
      changes.push({ kind: 'current-context', name: to });
    }
  }
  return edit(layout, changes);
}

function askingFor(content: Fields, profile: ProfileName): Fields {
  const { exec } = content;
  if (!isFields(exec) || !Array.isArray(exec['args'])) return content;
  return { ...content, exec: { ...exec, args: [...exec['args'].slice(0, -1), profile] } };
}

/** The kubeconfig without what is a profile's. */
export function removeEntries(layout: Layout, profile: ProfileName): Layout {
  const { users, contexts, clusters } = entriesOf(new Names([layout]), profile, true);
  const remove = (section: Section, name: string): Change => ({ kind: 'remove', section, name });
  const wasCurrent = contexts.some(({ name }) => name === currentOf(layout));
  return edit(layout, [
    ...contexts.map(({ name }) => remove('contexts', name)),
    ...users.map(({ name }) => remove('users', name)),
    ...clusters.map(name => remove('clusters', name)),
    ...(wasCurrent ? [{ kind: 'current-context', name: '' } as const] : []),
  ]);
}

/** Whether nothing is left that kubectl could use. */
export function isBare({ items }: Layout): boolean {
  return items.length === 0;
}

function currentOf({ keys }: Layout): unknown {
  return keys.find(({ key }) => key === 'current-context')?.value;
}

function taken(file: string, name: string): UserError {
  return new UserError('KUBECONFIG_CONFLICT', `${file} has another entry called "${name}".`, {
    hint: 'Nothing was changed. Choose another name.',
  });
}
