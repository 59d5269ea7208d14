import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { EntryUser } from './entry.ts';

// Everything the bundler makes lies in one folder, beside the executables.
const folder = import.meta.dirname;

/** What the plugin is called as in the kubeconfigs we write. @param portable by its name alone, found through PATH */
export type Launcher = (profile: ProfileName, portable?: boolean) => EntryUser & { readonly kind: 'exec' };

/**
 * What kubeconfigs name as their plugin: an absolute path, because editors and desktop tools have another PATH, and the
 * profile, which is all it needs. A kubeconfig that goes to other machines has the bare name.
 */
export const launcher: Launcher = (profile, portable = false) =>
  process.platform === 'win32'
    ? { kind: 'exec', command: 'dkp-auth', args: ['token', '--profile', profile] }
    : {
        kind: 'exec',
        command: portable ? 'dkp-auth-token' : path.join(folder, 'dkp-auth-token'),
        args: ['--profile', profile],
      };
