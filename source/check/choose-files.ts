import path from 'node:path';
import { listFolder } from '../system/files.ts';
import { type Environment, expandPath, homeDirectory, type Paths } from '../system/paths.ts';

/** Paths of one `JoinedSet`. */
export type ChosenSet = {
  readonly paths: readonly string[];
  readonly isInUse: boolean;
  /** kubectl passes over files of its list that do not exist; one that a person named has to be there. */
  readonly mayBeMissing: boolean;
};

/** What a merge left beside a file that it changed. */
const isBackup = (file: string) => file.endsWith('.bak');

/**
 * The files named, or what kubectl reads now (`KUBECONFIG`, else `~/.kube/config`) and every kubeconfig of this program, each
 * of which stands for itself.
 */
export async function chooseFiles(
  named: readonly string[],
  { env, paths }: { readonly env: Environment; readonly paths: Paths },
): Promise<ChosenSet[]> {
  if (named.length > 0) {
    const files = named.map(file => expandPath(file, env));
    return [{ paths: unique(files), isInUse: false, mayBeMissing: false }];
  }
  const own = (await listFolder(paths.kubeconfigs)).filter(file => /\.ya?ml$/.test(file));
  return [
    { paths: unique(kubectlPaths(env)), isInUse: true, mayBeMissing: true },
    ...own.map(file => ({
      paths: [path.join(paths.kubeconfigs, file)],
      isInUse: true,
      mayBeMissing: true,
    })),
  ];
}

function kubectlPaths(env: Environment): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(file => file !== '');
  if (listed.length === 0) return [path.join(homeDirectory(env), '.kube', 'config')];
  return listed.map(file => path.resolve(file));
}

function unique(files: readonly string[]): string[] {
  return [...new Set(files)].filter(file => !isBackup(file));
}
