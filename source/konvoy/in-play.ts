import path from 'node:path';
import { kubectlFiles } from '../kubeconfig/precedence.ts';
import { type Kubeconfig, readKubeconfig } from '../kubeconfig/read.ts';
import { readTextFile } from '../system/files.ts';
import type { Environment } from '../system/paths.ts';

/** The kubeconfigs that the caller works with, as far as can be seen from here. */
export type KubeconfigsInPlay = {
  /** The file that the caller was told to use, if it was. */
  readonly named: string | undefined;
  readonly kubeconfigs: readonly Kubeconfig[];
};

/**
 * The files that kubectl looks into: the one its `--kubeconfig` names, else those of `$KUBECONFIG`, else `~/.kube/config`.
 * One that is missing or cannot be read tells nothing.
 * @param caller the command line of the program that asks for a token
 */
export async function kubeconfigsInPlay(
  env: Environment,
  caller: readonly string[],
): Promise<KubeconfigsInPlay> {
  const named = kubeconfigFlag(caller);
  const files = named === undefined ? kubectlFiles(env) : [path.resolve(named)];
  const read = await Promise.all(files.map(readOrSkip));
  return { named, kubeconfigs: read.filter(kubeconfig => kubeconfig !== undefined) };
}

function kubeconfigFlag(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  const values = flags.flatMap((arg, index) => {
    if (arg.startsWith('--kubeconfig=')) return [arg.slice('--kubeconfig='.length)];
    return arg === '--kubeconfig' ? [flags[index + 1] ?? ''] : [];
  });
  return values.at(-1) || undefined;
}

async function readOrSkip(file: string): Promise<Kubeconfig | undefined> {
  try {
    const text = await readTextFile(file);
    return text === undefined ? undefined : readKubeconfig(text, file);
  } catch {
    return undefined;
  }
}
