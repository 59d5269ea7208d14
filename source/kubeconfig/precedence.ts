import path from 'node:path';
import { type Environment, expandPath, homeDirectory } from '../system/paths.ts';

/** The files that are one kubeconfig together, and the one of them that new entries go to. */
export type Precedence = {
  /** In the order in which an earlier one's entry wins over a later one's of the same name. */
  readonly files: readonly string[];
  readonly forNew: string;
};

/**
 * The files kubectl reads and writes, by its own rules (client-go, tools/clientcmd: PathOptions.GetLoadingPrecedence and
 * GetDefaultFilename): of $KUBECONFIG, new entries go to the first that exists, or else to the last.
 */
export function kubectlPrecedence(env: Environment, exists: (file: string) => boolean): Precedence {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(file => file !== '');
  const files = [...new Set(listed)].map(file => path.resolve(file));
  const home = path.join(homeDirectory(env), '.kube', 'config');
  if (files.length === 0) return oneFile(home);
  return { files, forNew: files.find(exists) ?? files.at(-1) ?? home };
}

export function oneFile(file: string): Precedence {
  return { files: [file], forNew: file };
}

/** The file a person named, as kubectl's --kubeconfig takes it. */
export function namedFile(file: string, env: Environment): Precedence {
  return oneFile(expandPath(file, env));
}
