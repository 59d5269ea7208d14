import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import { isExecutable } from '../system/this-program.ts';
import type { EntryUser } from './entry.ts';

/** What the plugin is called as in the kubeconfigs we write. @param portable by its name alone, found through PATH */
export type Launcher = (profile: ProfileName, portable?: boolean) => EntryUser & { readonly kind: 'exec' };

export type Installation = {
  /** Where the launcher lies if it does. */
  readonly folder: string;
  /** The single executable; undefined for the program that a Node beside it runs. */
  readonly executable: string | undefined;
  readonly exists: (file: string) => boolean;
};

/**
 * What kubeconfigs name as their plugin: an absolute path, because editors and desktop tools have another PATH, and the
 * profile, which is all it needs. A kubeconfig that goes to other machines has the bare name.
 */
export const launcher: Launcher =
  process.platform === 'win32'
    ? profile => ({ kind: 'exec', command: 'dkp-auth', args: ['token', '--profile', profile] })
    : launcherOf({
        // Everything the bundler makes lies in one folder, beside the executables.
        folder: import.meta.dirname,
        executable: isExecutable ? process.execPath : undefined,
        exists: existsSync,
      });

export function launcherOf(installation: Installation): Launcher {
  return (profile, portable = false) => {
    const program = portable ? undefined : programInstead(installation);
    if (program !== undefined) {
      return { kind: 'exec', command: program, args: ['token', '--profile', profile] };
    }
    const command = portable ? 'dkp-auth-token' : path.join(installation.folder, 'dkp-auth-token');
    return { kind: 'exec', command, args: ['--profile', profile] };
  };
}

/** The executable itself, where the launcher is not beside it, or will not be there for long. */
function programInstead({ folder, executable, exists }: Installation): string | undefined {
  if (executable === undefined) return undefined;
  // An upgrade by krew removes the folder of the version before; its link in bin/ goes on to the new one.
  const [, krew] = /^(.+)\/store\/dkp-auth\/v[^/]+$/.exec(folder) ?? [];
  if (krew !== undefined) {
    const link = path.join(krew, 'bin', 'kubectl-dkp_auth');
    if (exists(link)) return link;
  }
  const isComplete = ['dkp-auth', 'dkp-auth-token'].every(name => exists(path.join(folder, name)));
  return isComplete ? undefined : executable;
}
