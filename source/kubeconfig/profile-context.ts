import { normalizeServerUrl } from '../portal/server-url.ts';
import type { Profile } from '../profiles/profile.ts';
import { profileAskedFor } from './ours.ts';
import type { Entry, Kubeconfig } from './read.ts';

/**
 * The contexts of a file that are a profile's: those whose user asks for it, else those of its cluster whose user has a token
 * written out.
 */
export function contextsOfProfile(
  { entries }: Kubeconfig,
  { name, cluster }: Pick<Profile, 'name' | 'cluster'>,
): string[] {
  const contexts = entries.filter(({ section }) => section === 'contexts');
  const find = (section: Entry['section'], wanted: unknown) =>
    entries.find(entry => entry.section === section && entry.name === wanted);
  const asking = contexts.filter(({ content }) => {
    const user = find('users', content['user']);
    return user !== undefined && profileAskedFor(user.content) === name;
  });
  const holding = contexts.filter(({ content }) => {
    const server = find('clusters', content['cluster'])?.content['server'];
    const isOurs = typeof server === 'string' && normalizeServerUrl(server) === cluster.server;
    return isOurs && typeof find('users', content['user'])?.content['token'] === 'string';
  });
  return [...asking, ...holding].map(context => context.name);
}
