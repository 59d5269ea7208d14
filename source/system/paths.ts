import os from 'node:os';
import path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the program keeps things; every folder is made 0700 by who writes into it first. */
export type Paths = {
  /** Settings and profiles. */
  readonly config: string;
  readonly profiles: string;
  /** Credentials: what may be thrown away at the price of a login. */
  readonly state: string;
  readonly credentials: string;
  /** Who was served when, and how callers write the cluster that they mean; nothing secret. */
  readonly callers: string;
  /** What the second executable keeps for kubeconfigs of the Konvoy plugin. */
  readonly konvoy: string;
  /** Kubeconfigs written by Method 1 and Method 2. */
  readonly kubeconfigs: string;
  /** Holds the path of the Node that ran the last login, for the launcher. */
  readonly node: string;
};

export function homeDirectory(env: Environment): string {
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (home !== undefined && path.isAbsolute(home)) return home;
  try {
    return os.homedir();
  } catch {
    // A user that no list of users knows, as containers have them; their runtimes say so too.
    return path.parse(process.cwd()).root;
  }
}

/** For libraries and kubectl, which look for it too, and fail where a user has none. */
export function ensureHome(env: NodeJS.ProcessEnv): void {
  if (process.platform !== 'win32') env['HOME'] ??= homeDirectory(env);
}

// The XDG specification has relative paths ignored.
function absolute(value: string | undefined): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? value : undefined;
}

export function pathsOf(env: Environment): Paths {
  const home = homeDirectory(env);
  const config =
    absolute(env['DKP_AUTH_CONFIG_DIR']) ??
    path.join(absolute(env['XDG_CONFIG_HOME']) ?? path.join(home, '.config'), 'dkp-auth');
  const state =
    absolute(env['DKP_AUTH_STATE_DIR']) ??
    path.join(absolute(env['XDG_STATE_HOME']) ?? path.join(home, '.local', 'state'), 'dkp-auth');
  return {
    config,
    profiles: path.join(config, 'profiles'),
    state,
    credentials: path.join(state, 'credentials'),
    callers: path.join(state, 'callers'),
    konvoy: path.join(state, 'konvoy'),
    kubeconfigs: absolute(env['DKP_AUTH_KUBECONFIG_DIR']) ?? path.join(home, '.kube', 'dkp-auth'),
    node: path.join(state, 'node'),
  };
}

/** A path as a person would write it: `~` for the home directory. */
export function tildePath(file: string, env: Environment): string {
  const home = homeDirectory(env);
  return file === home || file.startsWith(home + path.sep) ? `~${file.slice(home.length)}` : file;
}

/** What a person typed as a path, made absolute. */
export function expandPath(file: string, env: Environment): string {
  const expanded =
    file === '~' || file.startsWith('~/') ? path.join(homeDirectory(env), file.slice(1)) : file;
  return path.resolve(expanded);
}
