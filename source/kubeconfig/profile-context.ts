import { profileAskedFor } from './ours.ts';
import type { Entry, Kubeconfig } from './read.ts';

/** The contexts of a file whose user is this profile's: one that asks for it, or, with a token written out, one of its name. */
export function contextsOfProfile({ entries }: Kubeconfig, profile: string): string[] {
  const users = new Set(
    entries
      .filter(
        entry =>
          entry.section === 'users' &&
          (profileAskedFor(entry.content) === profile || holdsToken(entry, profile)),
      )
      .map(({ name }) => name),
  );
  return entries
    .filter(({ section, content }) => section === 'contexts' && users.has(String(content['user'])))
    .map(({ name }) => name);
}

const holdsToken = ({ name, content }: Entry, profile: string) =>
  name === profile && typeof content['token'] === 'string';
