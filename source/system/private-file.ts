import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { assertOwn } from './ownership.ts';
import { reasonOf } from './system-error.ts';

const largestPrivateFile = 1_000_000;

/**
 * Reads a file that holds a credential or a binding: a regular file of this user, not a symbolic link, at most 1 MB,
 * that nobody else may read or write, in a folder where nobody else can change it for another. At once, because a caller waits and asynchronous reading costs more to load.
 * @returns undefined when there is none
 * @throws UserError STORE_INVALID when somebody else could have read or written it
 */
export function readPrivateFileNow(file: string): string | undefined {
  assertOwn(path.dirname(file));
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  let descriptor: number;
  try {
    // O_NONBLOCK, so that a FIFO put in the file's place cannot hang the open.
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'EMLINK') throw notPrivate(file, 'is a symbolic link');
    throw unreadable(file, error as Error);
  }
  try {
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) throw notPrivate(file, 'is not a regular file');
    if (process.getuid !== undefined) {
      if (stat.uid !== process.getuid()) throw notPrivate(file, 'belongs to another user');
      if ((stat.mode & 0o077) !== 0) throw notPrivate(file, 'can be read or written by others');
    }
    if (stat.size > largestPrivateFile) throw notPrivate(file, 'is too large');
    return fs.readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file, error as Error);
  } finally {
    close(descriptor);
  }
}

/** What was read is good, whatever a file system says at the end. */
function close(descriptor: number): void {
  try {
    fs.closeSync(descriptor);
  } catch {}
}

function unreadable(file: string, cause: Error): UserError {
  return new UserError('IO', `Could not read ${file}: ${reasonOf(cause)}.`, {
    hint: 'Check that the folder exists and belongs to you.',
    cause,
  });
}

function notPrivate(file: string, fault: string): UserError {
  return new UserError('STORE_INVALID', `${file} ${fault}.`, {
    hint: 'Remove the file, or give it back to you alone (chmod 600), then try again.',
  });
}

/** When a file was written, in milliseconds since the epoch. Throws what the system does. */
export function modifiedAtNow(file: string): number {
  return fs.lstatSync(file).mtimeMs;
}

/**
 * Leaves a note that may as well be lost: written over the one before in place, neither atomic nor synced; where it cannot
 * be written it is not. Every note in a file must be as long as the others.
 */
export function noteNow(file: string, content: string): void {
  try {
    const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    const descriptor = fs.openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      fs.writeSync(descriptor, content);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {}
}

/**
 * Leaves a note that may as well be lost, as a whole or not at all, and looks as if it were written at a time (Unix
 * seconds); where a file cannot look so there is none.
 */
export function leaveDatedNote(file: string, content: string, modified: number): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const descriptor = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeSync(descriptor, content);
      fs.futimesSync(descriptor, modified, modified);
      if (fs.fstatSync(descriptor).mtimeMs !== modified * 1000) throw new Error('it cannot look so');
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } catch {
    try {
      fs.unlinkSync(temporary);
    } catch {}
  }
}
