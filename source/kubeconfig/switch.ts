import type { Profile } from '../profiles/profile.ts';
import { readTextFile, realPath } from '../system/files.ts';
import type { Environment } from '../system/paths.ts';
import { kubectlFiles } from './precedence.ts';
import { contextsOfProfile } from './profile-context.ts';
import { type Kubeconfig, readKubeconfig } from './read.ts';

/** What makes a profile's context the one that kubectl uses. */
export type Switch = {
  /** The file that holds the context. */
  readonly file: string;
  readonly context: string;
  /** The file whose `current-context` must change first, if any must. */
  readonly edit: string | undefined;
  /** What the shell's `KUBECONFIG` must be; undefined when it is right as it is. */
  readonly variable: string | undefined;
};

type Found = { readonly kubeconfig: Kubeconfig; readonly context: string };

/**
 * A file that is the profile's alone is taken before one that it shares, because nothing has to be changed in it; one that
 * kubectl reads in this shell already comes before others.
 * @returns undefined when no file that was written for the profile holds a context of it any more
 */
export async function planSwitch(
  profile: Pick<Profile, 'name' | 'cluster' | 'kubeconfigs'>,
  env: Environment,
): Promise<Switch | undefined> {
  const found = await findContexts(profile);
  const alone = found.find(({ kubeconfig }) => contextNames(kubeconfig).length === 1);
  if (alone !== undefined) return byFile(alone);
  const inPlay = await readInPlay(env);
  for (const each of found) {
    const plan = await amongOthers(each, inPlay);
    if (plan !== undefined) return plan;
  }
  const last = found.at(-1);
  return last && byFile(last);
}

async function findContexts(profile: Pick<Profile, 'name' | 'cluster' | 'kubeconfigs'>): Promise<Found[]> {
  const found: Found[] = [];
  for (const file of profile.kubeconfigs) {
    const text = await readTextFile(file);
    if (text === undefined) continue;
    const kubeconfig = readKubeconfig(text, file);
    const contexts = contextsOfProfile(kubeconfig, profile);
    const context = contexts.find(each => each === profile.name) ?? contexts[0];
    if (context !== undefined) found.push({ kubeconfig, context });
  }
  return found;
}

const contextNames = ({ entries }: Kubeconfig) =>
  entries.filter(({ section }) => section === 'contexts').map(({ name }) => name);

function byFile({ kubeconfig, context }: Found): Switch {
  const isCurrent = kubeconfig.currentContext?.name === context;
  return {
    file: kubeconfig.path,
    context,
    edit: isCurrent ? undefined : kubeconfig.path,
    variable: kubeconfig.path,
  };
}

async function readInPlay(env: Environment): Promise<Kubeconfig[]> {
  const read = kubectlFiles(env).map(async file => {
    const text = await readTextFile(file);
    return text === undefined ? undefined : readKubeconfig(text, file);
  });
  return (await Promise.all(read)).filter(kubeconfig => kubeconfig !== undefined);
}

/**
 * The files in play together, as kubectl merges them: the first context of a name counts, the first `current-context`
 * counts, and kubectl writes it into the first file that is there.
 */
async function amongOthers(
  { kubeconfig, context }: Found,
  inPlay: readonly Kubeconfig[],
): Promise<Switch | undefined> {
  const holder = inPlay.find(each => contextNames(each).includes(context));
  const [first] = inPlay;
  if (first === undefined || holder === undefined) return undefined;
  if ((await realPath(kubeconfig.path)) !== (await realPath(holder.path))) return undefined;
  const current = inPlay.find(each => each.currentContext !== undefined)?.currentContext;
  const edit = current?.name === context ? undefined : first.path;
  return { file: kubeconfig.path, context, edit, variable: undefined };
}
