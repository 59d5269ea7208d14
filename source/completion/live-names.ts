import { storeChoices } from '../credentials/store-choice.ts';
import { methods } from '../login/options.ts';
import { signInWays } from '../profiles/profile.ts';
import { listProfileNames, readProfile } from '../profiles/registry.ts';
import { settingKeys, settings } from '../settings/schema.ts';
import { mapLimited } from '../system/limited.ts';
import type { Paths } from '../system/paths.ts';
import { rememberedPortals } from '../system/settings.ts';
import { plainText } from '../text.ts';
import { shells } from './scripts.ts';

export type Candidate = { readonly value: string; readonly about: string };

/** What can stand in a place of a command line. */
export type Names =
  | 'profiles'
  | 'clusters'
  | 'identity-providers'
  | 'workspaces'
  | 'portals'
  | 'settings'
  | 'shells'
  | 'files'
  | readonly string[];

/** What an option takes, by its long name. */
export const optionNames: Readonly<Record<string, Names>> = {
  '--profile': 'profiles',
  '--cluster': 'clusters',
  '--idp': 'identity-providers',
  '--workspace': 'workspaces',
  '--method': methods,
  '--sign-in': ['auto', ...signInWays],
  '--credential-store': storeChoices,
  '--redirect-host': ['127.0.0.1', 'localhost'],
};

/** What the arguments of a command are, by its words; the last one repeats. */
export const argumentNames: Readonly<Record<string, readonly Names[]>> = {
  login: ['portals'],
  doctor: ['portals'],
  status: ['profiles'],
  use: ['profiles'],
  logout: ['profiles'],
  check: ['files'],
  undo: ['files'],
  'profiles rename': ['profiles', []],
  'profiles remove': ['profiles'],
  'profiles import': ['files'],
  'config get': ['settings', []],
  'config set': ['settings', []],
  'config unset': ['settings', []],
  'admin dex-client': ['portals'],
  completion: ['shells', []],
};

const plain = (values: readonly string[]): Candidate[] => values.map(value => ({ value, about: '' }));

/**
 * What is known on this machine; nothing is asked of a server, and what cannot be read is left out.
 * @param typed what is there of the word; profiles that do not begin with it are not read
 */
export async function candidatesFor(
  names: Exclude<Names, 'files'>,
  typed: string,
  paths: Paths,
): Promise<Candidate[]> {
  switch (names) {
    case 'shells':
      return plain(shells);
    case 'settings':
      return settingKeys.map(key => ({ value: key, about: settings[key].about }));
    case 'portals':
    case 'identity-providers':
    case 'workspaces':
    case 'clusters':
    case 'profiles':
      return known(names, typed, paths).catch(() => []);
    default:
      return plain(names);
  }
}

const readAtOnce = 16;

type Known = 'profiles' | 'clusters' | 'identity-providers' | 'workspaces' | 'portals';

async function known(names: Known, typed: string, paths: Paths): Promise<Candidate[]> {
  const every = await listProfileNames(paths);
  const all = names === 'profiles' ? every.filter(name => name.startsWith(typed)) : every;
  const read = await mapLimited(all, readAtOnce, name => readProfile(paths, name).catch(() => undefined));
  const profiles = read.filter(profile => profile !== undefined);
  if (names === 'profiles') {
    const clusters = new Map(profiles.map(({ name, cluster }) => [name, cluster.name]));
    return all.map(name => ({ value: name, about: plainText(clusters.get(name) ?? '') }));
  }
  const portals = await rememberedPortals(paths).catch(() => []);
  const values = {
    clusters: profiles.map(({ cluster }) => cluster.name),
    'identity-providers': [...profiles, ...portals].flatMap(({ identityProvider }) => identityProvider ?? []),
    portals: portals.map(({ loginLink }) => loginLink),
    workspaces: portals.flatMap(({ loginLink }) => /\/landing\/([^/]+)$/.exec(loginLink)?.[1] ?? []),
  }[names];
  // A blank or a quote in a name would need another quoting in every shell.
  return plain(
    [...new Set(values)].map(value => plainText(value)).filter(value => /^[^\s'"\\$`;&|<>()]+$/.test(value)),
  );
}
