import { isUtf8 } from 'node:buffer';
import { constants, readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { debug } from './debug.ts';
import { sweepLeftovers, writerKey } from './leftovers.ts';
import { assertMayMake } from './ownership.ts';
import { readPrivateFileNow } from './private-file.ts';
import { isSystemError, reasonOf } from './system-error.ts';

const privateFile = 0o600;
const privateFolder = 0o700;
/** Enough for a kubeconfig of 20,000 clusters, each with its certificates. */
const largestTextFile = 100_000_000;

function ioError(what: string, file: string, cause: unknown): UserError {
  return new UserError('IO', `Could not ${what} ${file}: ${reasonOf(cause)}.`, {
    hint: 'Check that the folder exists, has room, and belongs to you.',
    cause,
  });
}

/**
 * Makes a folder (and its parents) that only this user may enter; one that exists stays as it is.
 * @throws UserError IO, STORE_INVALID
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  if ((await statOrUndefined(folder).catch(() => undefined)) === undefined) assertMayMake(folder);
  try {
    await fs.mkdir(folder, { recursive: true, mode: privateFolder });
  } catch (error) {
    throw ioError('make the folder', folder, error);
  }
}

type ReplaceOptions = {
  /** The content is for this user alone: whatever an existing file lets others do is taken back. */
  readonly secret?: boolean;
  /** What tells the temporary file from others (see writerKey); a new one when not given. */
  readonly key?: string;
};

/**
 * Replaces a file as a whole or not at all: the new content goes to a temporary file beside it, is synced and renamed.
 * Symbolic links, owner and mode of an existing file stay; a new file gets mode 0600.
 */
export async function replaceFile(
  file: string,
  content: string,
  { secret = false, key }: ReplaceOptions = {},
): Promise<void> {
  debug('write', { file, bytes: content.length });
  await makePrivateFolder(path.dirname(file));
  try {
    const target = await follow(file);
    const existing = await statOrUndefined(target);
    const like = secret && existing !== undefined ? { ...existing, mode: existing.mode & 0o700 } : existing;
    const temporary = temporaryFor(target, key ?? (await writerKey()));
    await withTemporary(temporary, content, like, () => fs.rename(temporary, target));
    await syncFolder(path.dirname(target));
    await sweepBeside(target);
  } catch (error) {
    throw ioError('write', file, error);
  }
}

/**
 * Puts what was written whole before, and synced, in the place of the file beside it.
 * @param options.isLike it gets the owner and mode of that file
 * @throws UserError IO
 */
export async function putInPlace(
  whole: string,
  file: string,
  { isLike = false }: { readonly isLike?: boolean } = {},
): Promise<void> {
  debug('write', { file });
  try {
    const like = isLike ? await statOrUndefined(file) : undefined;
    if (like !== undefined) await liken(whole, like);
    await fs.rename(whole, file);
    await syncFolder(path.dirname(file));
    await sweepBeside(file);
  } catch (error) {
    throw ioError('write', file, error);
  }
}

/**
 * Creates a file with its whole content, or tells that the name is taken.
 * A hard link is the one operation that is both exclusive and complete, also on NFS: of two processes that
 * race for one name, one wins, and nobody ever reads half a file.
 * @param options.like a file whose mode and owner it gets; 0600 and this user's own otherwise
 * @param options.temporary what its content lies in until it is there, where that is to have a name
 * @returns whether the file was created
 */
export async function createFile(
  file: string,
  content: string,
  { like: model, temporary: name }: { readonly like?: string; readonly temporary?: string } = {},
): Promise<boolean> {
  await makePrivateFolder(path.dirname(file));
  try {
    const like = model === undefined ? undefined : await statOrUndefined(model);
    const temporary = name ?? temporaryFor(file, await writerKey());
    await withTemporary(temporary, content, like, () => fs.link(temporary, file));
    await sweepBeside(file);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw ioError('create', file, error);
  }
}

type Ownership = { readonly mode: number; readonly uid: number; readonly gid: number };

async function withTemporary(
  temporary: string,
  content: string,
  like: Ownership | undefined,
  place: () => Promise<void>,
): Promise<void> {
  try {
    const handle = await fs.open(temporary, 'wx', privateFile);
    try {
      // writeFile goes on after a short write; a single write() on a full disk would lose the rest in silence.
      for (const bytes of bytesOf(content)) await handle.writeFile(bytes);
      if (like !== undefined) await likenOpen(handle, like);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place();
  } finally {
    // Whether the file is in its place is decided by now; what cannot be tidied up must not say otherwise.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function liken(file: string, like: Ownership): Promise<void> {
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    await likenOpen(handle, like);
  } finally {
    await handle.close();
  }
}

async function likenOpen(handle: fs.FileHandle, { uid, gid, mode }: Ownership): Promise<void> {
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) {
    await handle.chown(uid, gid).catch(() => undefined);
  }
  await handle.chmod(mode & 0o777);
}

const partLength = 1_000_000;

/** A long text is not to be in memory a second time as bytes. */
export function* inParts(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + partLength, text.length);
    // A character of two units stays whole.
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? '')) end += 1;
    yield text.slice(start, end);
    start = end;
  }
}

/** A text in UTF-8, part by part, each in the place of the one before. */
function* bytesOf(text: string): Generator<Uint8Array> {
  // No unit of UTF-16 takes more than three bytes.
  const buffer = new Uint8Array(3 * Math.min(text.length, partLength + 1));
  const encoder = new TextEncoder();
  for (const part of inParts(text)) yield buffer.subarray(0, encoder.encodeInto(part, buffer).written);
}

/** What a file's new content lies in until it takes the file's place. */
export function temporaryFor(target: string, key: string): string {
  return `${target}.${key}.tmp`;
}

/** Takes away what killed writers left beside a file that was written just now. */
async function sweepBeside(file: string): Promise<void> {
  await sweepLeftovers(path.dirname(file), await modifiedAt(file));
}

/**
 * The file that a name leads to through symbolic links, whether it is there or not.
 * @throws UserError IO
 */
export async function resolveLinks(file: string): Promise<string> {
  try {
    return await follow(file);
  } catch (error) {
    throw ioError('find', file, error);
  }
}

async function follow(file: string): Promise<string> {
  try {
    return await fs.realpath(file);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    // A link may lead to a file that is still to be written.
    const target = await fs.readlink(file).catch(() => undefined);
    return target === undefined ? file : follow(path.resolve(path.dirname(file), target));
  }
}

/** Where a file really is, links followed; undefined when it is not there. */
export async function realPath(file: string): Promise<string | undefined> {
  return fs.realpath(file).catch(() => undefined);
}

async function statOrUndefined(file: string): Promise<Ownership | undefined> {
  try {
    return await fs.stat(file);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

// A rename is durable once its folder is; not every file system lets a folder be synced.
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}

/** As `readPrivateFileNow`. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  return readPrivateFileNow(file);
}

/** Reads any file a person named, up to a size in bytes; undefined when it does not exist. */
export async function readTextFile(file: string, largest = largestTextFile): Promise<string | undefined> {
  return (await readFile(file, largest))?.toString('utf8');
}

/**
 * Reads a file that will be written again.
 * @returns undefined when it does not exist
 * @throws UserError IO also for one that is not UTF-8, of which something would be lost
 */
export async function readFileToChange(file: string): Promise<string | undefined> {
  const content = await readFile(file, largestTextFile);
  if (content !== undefined && !isUtf8(content)) throw new UserError('IO', `${file} is not text in UTF-8.`);
  return content?.toString('utf8');
}

/** Whether a file holds a text and nothing else; it is not read into memory for that. */
export async function holdsText(file: string, text: string): Promise<boolean> {
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    let found = new Uint8Array();
    for (const bytes of bytesOf(text)) {
      if (found.length < bytes.length) found = new Uint8Array(bytes.length);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(found, length, bytes.length - length);
        if (bytesRead === 0) return false;
        length += bytesRead;
      }
      if (Buffer.compare(found.subarray(0, length), bytes) !== 0) return false;
    }
    return (await handle.read(new Uint8Array(1), 0, 1)).bytesRead === 0;
  } catch {
    return false;
  } finally {
    await handle.close().catch(() => undefined);
  }
}

async function readFile(file: string, largest: number): Promise<Buffer | undefined> {
  try {
    const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new UserError('IO', `${file} is not a regular file.`);
      if (stat.size > largest) throw new UserError('IO', `${file} is larger than ${largest} bytes.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error instanceof UserError ? error : ioError('read', file, error);
  }
}

/** When a file was last written, in milliseconds since the epoch; undefined when there is none. */
export async function modifiedAt(file: string): Promise<number | undefined> {
  try {
    return (await fs.lstat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Makes a file look as if it were written at a time, in milliseconds since the epoch; where it cannot, nothing happens. */
export async function setModifiedAt(file: string, time: number): Promise<void> {
  await fs.utimes(file, time / 1000, time / 1000).catch(() => undefined);
}

/**
 * A file that its owner may not write is not replaced, though its folder would let us: a person meant it.
 * @throws UserError IO
 */
export async function assertMayBeWritten(file: string): Promise<void> {
  const existing = await statOrUndefined(file).catch(error => {
    throw ioError('read', file, error);
  });
  if (existing === undefined) return;
  const mayWrite = await fs.access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (mayWrite && (existing.mode & 0o200) !== 0) return;
  throw new UserError('IO', `${file} is read-only.`, {
    hint: 'The file was left as it is. Make it writable (chmod u+w), or write to another file with --output.',
  });
}

/**
 * Also takes away what a killed process had begun to write in its place.
 * @returns whether it was there
 * @throws UserError IO
 */
export async function removeFile(file: string): Promise<boolean> {
  await sweepLeftovers(path.dirname(file), undefined);
  try {
    await fs.unlink(file);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw ioError('remove', file, error);
  }
}

export async function listFolder(folder: string): Promise<string[]> {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw ioError('list', folder, error);
  }
}

/** @param mode permission bits; of a symbolic link, those of the file it leads to */
export async function setMode(file: string, mode: number): Promise<void> {
  try {
    await fs.chmod(file, mode);
  } catch (error) {
    throw ioError('change the mode of', file, error);
  }
}
