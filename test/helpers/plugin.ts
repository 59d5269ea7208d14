import path from 'node:path';
import { execa } from 'execa';
import { killIfThere } from './kill.ts';
import { cli, type Ended } from './program.ts';

/** The built script that kubeconfigs name. */
export const plugin = path.join(path.dirname(cli), 'dkp-auth-token');

const longestRunMs = 60_000;

/** Starts the plugin for a profile as another kubectl does each time: below a parent of its own. */
export function startPlugin(
  profile: string,
  env: Readonly<Record<string, string>>,
): { readonly ended: Promise<Ended>; kill(): void } {
  const subprocess = execa('sh', ['-c', '"$@"; exit $?', 'sh', plugin, '--profile', profile], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    // A group of its own, so that the parent and the plugin can be killed at once.
    detached: true,
    timeout: longestRunMs,
    killSignal: 'SIGKILL',
  });
  return {
    ended: subprocess.then(({ exitCode, signal, stdout, stderr }) => ({
      code: exitCode,
      signal,
      stdout,
      stderr,
    })),
    kill() {
      if (subprocess.pid !== undefined) killIfThere(-subprocess.pid);
    },
  };
}
