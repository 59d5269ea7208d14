import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import {
  assertMayBeWritten,
  holdsText,
  readFileToChange,
  removeFile,
  replaceFile,
  resolveLinks,
  temporaryFor,
} from '../system/files.ts';
import { withKubectlLocks } from '../system/kubectl-lock.ts';
import type { Paths } from '../system/paths.ts';
import { type Backup, backUp, copyFor, pruneBackups } from './backup.ts';
import { type Layout, layOut } from './layout.ts';

/** A file as it was and as it is now; `before` is undefined for a new one. */
export type Written = {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
  readonly backup: Backup | undefined;
};

export type WriteOptions = {
  readonly paths: Paths;
  readonly signal?: AbortSignal | undefined;
  /** For the person, on stderr. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Files that hold a token from now on: whatever they let others do is taken back. */
  readonly secret?: boolean;
  readonly lockTimeoutMs?: number;
  /** No copy is kept of a change that a person makes many times a day and can take back as easily. */
  readonly isTrifle?: boolean;
};

const mostRounds = 8;
/** kubectl reads before it locks, and takes out what it did not read then: it is to find the lock, not our entries. */
const lingerMs = 120;
/** One that read before we wrote and locked after we were done has written by then. */
const lookAfterMs = 250;

export async function readLayout(
  file: string,
  like?: Layout,
): Promise<Layout & { readonly exists: boolean }> {
  if (like !== undefined && like.text !== '' && (await holdsText(file, like.text)))
    return { ...like, exists: true };
  const text = await readFileToChange(file);
  return { ...layOut(text ?? '', file, like), exists: text !== undefined };
}

/**
 * Changes kubeconfigs that are used together, each as a whole or not at all, under kubectl's own locks, after a copy of
 * each. The change is worked out from what the files hold under the lock; it must change nothing when it is done again.
 * Afterwards the files are looked at once more: a kubectl that had read them before may have taken our entries out, and
 * then they are put back.
 * @param change must give the same files in the same order
 * @throws UserError LOCKED, IO, and whatever the change throws; the files are then as they were
 */
export async function changeKubeconfigs(
  files: readonly string[],
  change: (layouts: readonly Layout[]) => readonly Layout[],
  options: WriteOptions,
): Promise<Written[]> {
  const written = new Map<string, Written>();
  let known: readonly Layout[] = [];
  for (let round = 1; round <= mostRounds; round++) {
    const before = await readAll(files, known);
    const wanted = change(before);
    known = before;
    if (wanted.every((layout, index) => layout.text === before[index]?.text)) return [...written.values()];
    const now = await underLocks(files, options, async key => {
      const found = await readAll(files, before);
      // What others have not changed meanwhile needs not be worked out again.
      const isSame = found.every((layout, index) => layout.text === before[index]?.text);
      known = isSame ? wanted : change(found);
      const done = await writeAll(found, known, key, options);
      if (isChange(done)) await sleep(lingerMs);
      return done;
    });
    for (const each of now) written.set(each.path, { ...each, ...first(written.get(each.path)) });
    if (isChange(now)) await sleep(lookAfterMs);
  }
  throw new UserError('LOCKED', `Something else keeps changing ${files.join(' and ')}.`, {
    hint: 'It takes out what was put in. Find out what that is, then try again.',
  });
}

// What the person had before the first round is what undo puts back.
function first(earlier: Written | undefined): Partial<Written> {
  return earlier === undefined ? {} : { before: earlier.before };
}

function readAll(files: readonly string[], known: readonly Layout[]) {
  return Promise.all(files.map((file, index) => readLayout(file, known[index])));
}

// What was not there before, nobody can have read before.
const isChange = (written: readonly Written[]) => written.some(({ before }) => before !== undefined);

/** Runs a function while neither kubectl nor another process of ours changes the files. @throws UserError LOCKED, IO */
export async function underLocks<T>(
  files: readonly string[],
  { paths, signal, onNotice, lockTimeoutMs }: WriteOptions,
  run: (key: string) => Promise<T>,
): Promise<T> {
  const targets = await Promise.all(files.map(resolveLinks));
  return withKubectlLocks(files, run, {
    signal,
    onNotice,
    gate: path.join(paths.state, 'kubeconfig.lock'),
    leftovers: key => targets.flatMap(target => [temporaryFor(target, key), copyFor(target, key)]),
    ...(lockTimeoutMs !== undefined && { timeoutMs: lockTimeoutMs }),
  });
}

async function writeAll(
  before: readonly (Layout & { readonly exists: boolean })[],
  after: readonly Layout[],
  key: string,
  { secret = false, isTrifle = false }: WriteOptions,
): Promise<Written[]> {
  const pairs = after.flatMap((layout, index) => {
    const old = before[index];
    return old === undefined ||
      (old.exists && old.text === layout.text) ||
      (!old.exists && layout.text === '')
      ? []
      : [{ path: layout.path, before: old.exists ? old.text : undefined, after: layout.text }];
  });
  for (const { path: file } of pairs) await assertMayBeWritten(file);
  const written: Written[] = [];
  try {
    for (const pair of pairs) {
      const backup =
        pair.before === undefined || isTrifle
          ? undefined
          : await backUp(pair.path, pair.before, pair.after, { key });
      written.push({ ...pair, backup });
      await replaceFile(pair.path, pair.after, { secret, key });
    }
  } catch (error) {
    await takeBack(written, key);
    throw error;
  }
  for (const each of written) if (each.backup) await pruneBackups(each.path).catch(() => undefined);
  return written;
}

/** One of several files could not be written: the others are as before. A copy goes when it is needed no more. */
async function takeBack(written: readonly Written[], key: string): Promise<void> {
  const failed = written.at(-1);
  for (const each of written) {
    try {
      if (each !== failed && each.before !== undefined) await replaceFile(each.path, each.before, { key });
      if (each !== failed && each.before === undefined) await removeFile(each.path);
      if (each.backup !== undefined) await removeFile(each.backup.path);
    } catch {
      // The copy stays, and the error that led here is the one to tell.
    }
  }
}
