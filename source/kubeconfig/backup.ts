import { createHash } from 'node:crypto';
import path from 'node:path';
import { createFile, inParts, listFolder, removeFile, resolveLinks, temporaryFor } from '../system/files.ts';

/** A copy of a kubeconfig as it was before a change. */
export type Backup = {
  readonly path: string;
  /** The file it is of. */
  readonly of: string;
  readonly takenAt: Date;
  /** Of what the change made of the file: the beginning of its SHA-256, in hex. */
  readonly changedTo: string;
};

const kept = 10;
const namePattern = /^(.+)\.dkp-auth-(\d{8}T\d{9}Z)-([0-9a-f]{16})\.bak$/;

/** Whether a file beside kubeconfigs is a copy that this program keeps, and no kubeconfig of its own. */
export function isBackupName(name: string): boolean {
  return namePattern.test(name);
}

export function digestOf(text: string): string {
  const hash = createHash('sha256');
  for (const part of inParts(text)) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Keeps what a file holds, beside it, with its mode and owner. The name says when, and what the file was changed to, so that a
 * change by somebody else is noticed.
 */
export async function backUp(
  file: string,
  content: string,
  changedTo: string,
  { key, now = new Date() }: { readonly key?: string; readonly now?: Date } = {},
): Promise<Backup> {
  const target = await resolveLinks(file);
  for (let time = now.getTime(); ; time++) {
    const stamp = new Date(time).toISOString().replace(/[-:.]/g, '');
    const backup = `${target}.dkp-auth-${stamp}-${digestOf(changedTo)}.bak`;
    const temporary = key === undefined ? {} : { temporary: copyFor(target, key) };
    if (await createFile(backup, content, { like: target, ...temporary })) return backupOf(backup) as Backup;
  }
}

/** What a copy's content lies in until it has its name. */
export const copyFor = (target: string, key: string) => temporaryFor(target, `${key}-copy`);

function backupOf(file: string): Backup | undefined {
  const [, name, stamp, changedTo] = namePattern.exec(path.basename(file)) ?? [];
  if (name === undefined || stamp === undefined || changedTo === undefined) return undefined;
  const [, year, month, day, hour, minute, second, ms] =
    /^(....)(..)(..)T(..)(..)(..)(...)Z$/.exec(stamp) ?? [];
  const takenAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return { path: file, of: path.join(path.dirname(file), name), takenAt, changedTo };
}

/** The copies of a file, the newest first. */
export async function backupsOf(file: string): Promise<Backup[]> {
  const target = await resolveLinks(file);
  const folder = path.dirname(target);
  const names = await listFolder(folder);
  const backups = names.flatMap(name => backupOf(path.join(folder, name)) ?? []);
  return backups
    .filter(backup => backup.of === target)
    .sort((one, other) => other.takenAt.getTime() - one.takenAt.getTime());
}

/** The newest copy of a file that holds nothing, where the change after that copy left something in it. */
export async function emptiedSince(file: string, text: string): Promise<Backup | undefined> {
  if (text !== '') return undefined;
  const [newest] = await backupsOf(file);
  return newest?.changedTo === digestOf('') ? undefined : newest;
}

/** Forgets all but the newest copies. */
export async function pruneBackups(file: string): Promise<void> {
  const [...all] = await backupsOf(file);
  for (const { path: old } of all.slice(kept)) await removeFile(old);
}
