import type { Entry, Kubeconfig } from './read.ts';
import { isFields } from './section.ts';

/** The contexts of a file whose user is this profile's: one that asks for it, or, with a token written out, one of its name. */
export function contextsOfProfile({ entries }: Kubeconfig, profile: string): string[] {
  const users = new Set(
    entries
      .filter(entry => entry.section === 'users' && (asksFor(entry, profile) || holdsToken(entry, profile)))
      .map(({ name }) => name),
  );
  return entries
    .filter(({ section, content }) => section === 'contexts' && users.has(String(content['user'])))
    .map(({ name }) => name);
}

function asksFor({ content }: Entry, profile: string): boolean {
  const args = isFields(content['exec']) ? content['exec']['args'] : undefined;
  if (!Array.isArray(args)) return false;
  const [flag, name] = args.slice(-2);
  return flag === '--profile' && name === profile;
}

const holdsToken = ({ name, content }: Entry, profile: string) =>
  name === profile && typeof content['token'] === 'string';
