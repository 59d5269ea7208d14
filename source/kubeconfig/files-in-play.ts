import path from 'node:path';
import { type Environment, homeDirectory } from '../system/paths.ts';

/** The files that kubectl reads when no flag names one: those of `$KUBECONFIG`, else `~/.kube/config`. */
export function filesInPlay(env: Environment): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(file => file !== '');
  return listed.length > 0
    ? [...new Set(listed.map(file => path.resolve(file)))]
    : [path.join(homeDirectory(env), '.kube', 'config')];
}
