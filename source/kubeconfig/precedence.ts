import path from 'node:path';
import { type Environment, homeDirectory } from '../system/paths.ts';

/**
 * The files kubectl reads and writes, by its own rules (client-go, tools/clientcmd: PathOptions.GetLoadingPrecedence).
 */
export function kubectlFiles(env: Environment): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(file => file !== '');
  const files = [...new Set(listed)].map(file => path.resolve(file));
  return files.length > 0 ? files : [path.join(homeDirectory(env), '.kube', 'config')];
}

/** Where kubectl writes a new entry: the first of its files that exists, or else the last (PathOptions.GetDefaultFilename). */
export function fileForNew(files: readonly { readonly path: string; readonly exists: boolean }[]): string {
  const [first] = files.filter(({ exists }) => exists);
  return (first ?? files.at(-1))?.path ?? '';
}
