import { constants, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { listFolder } from './files.ts';
import type { Environment } from './paths.ts';
import { isSystemError } from './system-error.ts';

export type Entry = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits, e.g. `600`. */
  readonly mode: string;
  /** Somebody else may read or write it, or owns it. Never so on Windows, which has no such bits. */
  readonly isLoose: boolean;
  readonly isForeign: boolean;
};

/** A folder and what is in it, two levels deep at most; nothing when it does not exist. */
export async function surveyFolder(folder: string, depth = 2): Promise<Entry[]> {
  const own = await entryOf(folder);
  if (own === undefined) return [];
  if (own.kind !== 'folder' || depth === 0) return [own];
  const names = await listFolder(folder).catch(() => []);
  const below = await Promise.all(names.map(name => surveyFolder(path.join(folder, name), depth - 1)));
  return [own, ...below.flat()];
}

async function entryOf(file: string): Promise<Entry | undefined> {
  const stat = await fs.lstat(file).catch(() => undefined);
  if (stat === undefined) return undefined;
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other';
  const uid = process.getuid?.();
  return {
    path: file,
    kind,
    mode: (stat.mode & 0o777).toString(8),
    isLoose: uid !== undefined && kind !== 'link' && (stat.mode & 0o077) !== 0,
    isForeign: uid !== undefined && stat.uid !== uid,
  };
}

/** Every program of this name on PATH, first things first. */
export async function findOnPath(name: string, env: Environment): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter(folder => path.isAbsolute(folder));
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const candidates = folders.flatMap(folder =>
    extensions.map(extension => path.join(folder, name + extension)),
  );
  const found = await Promise.all(candidates.map(async file => ((await isProgram(file)) ? [file] : [])));
  return [...new Set(found.flat())];
}

/** Whether a file is there and may be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EPERM')) return false;
    throw error;
  }
}

/** When a file was last written, in milliseconds since the epoch; undefined when it is not there. */
export async function writtenAt(file: string): Promise<number | undefined> {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}
