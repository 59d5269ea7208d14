import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Paths, pathsOf } from '../../source/system/paths.ts';

/** A home directory for one test: nothing of the person who runs the tests is read or written. */
export type Home = {
  readonly folder: string;
  /** All that a program started in this home gets to know of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly paths: Paths;
  path(...parts: string[]): string;
  /** Every file below the home, relative to it, sorted. */
  files(): Promise<string[]>;
  /** Permission bits of a file or folder, e.g. `600`. */
  mode(...parts: string[]): Promise<string>;
};

/** Whether a file is no token's mark, which goes by its token and is not on every system (source/credentials/due-mark.ts). */
export const isNoMark = (file: string) => !file.endsWith('.due');

type Test = { after(run: () => Promise<void>): void };

const inherited = ['PATH', 'NODE_V8_COVERAGE'];

/** A temporary folder, removed when the test ends. */
export async function temporaryFolder(test: Test): Promise<string> {
  const folder = await fs.mkdtemp(path.join(await fs.realpath(os.tmpdir()), 'dkp-auth-test-'));
  test.after(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function temporaryHome(test: Test): Promise<Home> {
  const folder = await temporaryFolder(test);
  const base = inherited.flatMap(name =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const env = {
    ...Object.fromEntries(base),
    HOME: folder,
    LANG: 'C.UTF-8',
    // What Node keeps of the program's code is not what most tests look for in a home.
    NODE_DISABLE_COMPILE_CACHE: '1',
    DKP_AUTH_CONFIG_DIR: path.join(folder, 'config'),
    DKP_AUTH_STATE_DIR: path.join(folder, 'state'),
    DKP_AUTH_KUBECONFIG_DIR: path.join(folder, 'kube'),
  };
  return {
    folder,
    env,
    paths: pathsOf(env),
    path: (...parts) => path.join(folder, ...parts),
    files: () => filesBelow(folder),
    mode: async (...parts) => ((await fs.lstat(path.join(folder, ...parts))).mode & 0o7777).toString(8),
  };
}

/** The note of where a wizard was left; it is no trace of a login, and tests of its own look at it. */
export const wizardNote = path.join('state', 'wizard.json');

/** All files but that note. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter(file => file !== wizardNote)
    .sort();
}
