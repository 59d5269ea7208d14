import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Who may do what with a file or folder, beside this user and root. */
export type Access = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** Permission bits, as `chmod` takes them. */
  readonly mode: number;
  readonly owner: 'me' | 'root' | 'another';
  /** The group is root's or the user's own, which nobody else is in on most systems. */
  readonly groupIsTrusted: boolean;
};

/** Windows has neither modes nor numbers of users; there nothing is known. */
export const modesAreKnown = process.getuid !== undefined && process.platform !== 'win32';

/** @returns undefined when it cannot be looked at */
export async function inspectAccess(file: string): Promise<Access | undefined> {
  try {
    const stat = await fs.stat(file);
    const { mode, uid, gid } = stat;
    return {
      path: file,
      kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other',
      mode: mode & 0o7777,
      owner: uid === process.getuid?.() ? 'me' : uid === 0 ? 'root' : 'another',
      groupIsTrusted: gid === 0 || gid === process.getgid?.(),
    };
  } catch {
    return undefined;
  }
}

/** The path without symbolic links, or itself where there is nothing. */
export async function realPath(file: string): Promise<string> {
  return fs.realpath(file).catch(() => file);
}

export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Where somebody else could put another file in the place of one, and who. */
export type Weakness = { readonly path: string; readonly who: 'everybody' | 'group' | 'owner' };

export type WeaknessFinder = {
  /** What lets others replace a file. */
  ofFile(file: string): Promise<Weakness | undefined>;
  /** What lets others put a new file into a folder. */
  ofFolder(folder: string): Promise<Weakness | undefined>;
};

type Role = 'file' | 'folder' | 'above';

/**
 * Looks at a file and every folder above it, on the way that its path names and on the way that symbolic links lead; at each
 * once, however many files are asked for. In a sticky folder only owners rename and delete, so what is below it is safe.
 */
export function createWeaknessFinder(): WeaknessFinder {
  const seen = new Map<string, Promise<Weakness | undefined>>();
  const look = (target: string, role: Role) => {
    const key = `${role} ${target}`;
    const found = seen.get(key) ?? weaknessOf(target, role);
    seen.set(key, found);
    return found;
  };
  const ofFolder = async (folder: string) => {
    const own = await look(folder, 'folder');
    if (own !== undefined) return own;
    for (let above = path.dirname(folder); ; above = path.dirname(above)) {
      const found = await look(above, 'above');
      if (found !== undefined || path.dirname(above) === above) return found;
    }
  };
  return {
    ofFolder,
    async ofFile(file) {
      for (const each of new Set([file, await realPath(file)])) {
        const found = (await look(each, 'file')) ?? (await ofFolder(path.dirname(each)));
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

async function weaknessOf(target: string, role: Role): Promise<Weakness | undefined> {
  const access = modesAreKnown ? await inspectAccess(target) : undefined;
  if (access === undefined) return undefined;
  const { mode, owner, groupIsTrusted } = access;
  if (owner === 'another') return { path: target, who: 'owner' };
  if (role === 'above' && (mode & 0o1000) !== 0) return undefined;
  if ((mode & 0o002) !== 0) return { path: target, who: 'everybody' };
  if ((mode & 0o020) !== 0 && !groupIsTrusted) return { path: target, who: 'group' };
  return undefined;
}
