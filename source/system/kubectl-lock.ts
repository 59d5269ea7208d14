import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { type Guardian, startGuardian } from './guardian.ts';
import { writerKey } from './leftovers.ts';
import { withLock } from './lock.ts';
import { ownIdentity, type ProcessIdentity, presenceOf } from './process-identity.ts';
import { isSystemError, reasonOf } from './system-error.ts';

export type KubectlLockOptions = {
  readonly signal?: AbortSignal | undefined;
  /** How long one holder is waited for, in milliseconds. */
  readonly timeoutMs?: number;
  /** A file of ours that those who remove a dead process's lock take turns by. */
  readonly gate: string;
  /** Told when the lock of a dead process of ours was removed. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Further files that a killed process must not leave, for the key of this run's temporary files. */
  readonly leftovers?: (key: string) => readonly string[];
};

const usualTimeoutMs = 10_000;
/** All of them together. */
const longestWaitMs = 120_000;
/** A dead process's guardian is to have done its work before anybody else does it. */
const guardianMs = 1000;
const largestLockFile = 1000;

type Holder = {
  readonly content: string;
  readonly modifiedMs: number;
  /** undefined: not one of ours. */
  readonly process: (ProcessIdentity & { readonly hostName: string }) | undefined;
};

/**
 * Runs a function under kubectl's own lock of kubeconfig files: FILE.lock, created exclusively beside each, all of them in
 * sorted order, as client-go's ModifyConfig does. Ours says whose it is; kubectl, which gives up at once, does not care.
 * @throws UserError LOCKED, IO
 */
export async function withKubectlLocks<T>(
  files: readonly string[],
  run: (key: string) => Promise<T>,
  options: KubectlLockOptions,
): Promise<T> {
  const id = `dkp-auth ${randomBytes(12).toString('hex')}`;
  const key = await writerKey();
  const locks = [...new Set(files)].sort().map(file => `${file}.lock`);
  const bids = locks.map(lock => `${lock}.${key}.tmp`);
  const guardian = startGuardian(id, [...locks, ...bids, ...(options.leftovers?.(key) ?? [])]);
  const taken: string[] = [];
  try {
    for (const [index, lock] of locks.entries()) {
      await take(lock, bids[index] ?? lock, id, options);
      taken.push(lock);
    }
    return await run(key);
  } finally {
    await release(taken, id, guardian);
  }
}

async function take(lock: string, bid: string, id: string, options: KubectlLockOptions): Promise<void> {
  const signal = options.signal && { signal: options.signal };
  const begun = performance.now();
  let known: { readonly holder: Holder; readonly since: number } | undefined;
  try {
    await fs.mkdir(path.dirname(lock), { recursive: true, mode: 0o700 });
    await fs.writeFile(bid, await contentOf(id), { mode: 0o600, flag: 'wx' });
    for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
      options.signal?.throwIfAborted();
      if (await linkTo(bid, lock)) return;
      const holder = await read(lock);
      if (holder === undefined) continue;
      const now = performance.now();
      if (known === undefined || !isSame(known.holder, holder)) known = { holder, since: now };
      const waitedMs = now - known.since;
      if (waitedMs >= guardianMs && (await isDead(holder))) await removeDead(lock, holder, options);
      else if (waitedMs >= (options.timeoutMs ?? usualTimeoutMs) || now - begun >= longestWaitMs) {
        throw locked(lock, holder);
      }
      // Two that wait must not stay in step.
      await sleep(pause * (0.5 + Math.random()), undefined, signal);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError('IO', `Could not write ${lock.replace(/\.lock$/, '')}: ${reasonOf(error)}.`, {
      hint: 'kubectl keeps a lock beside the file while it is written: check that the folder exists, has room, and belongs to you. The file was left as it is.',
      cause: error,
    });
  } finally {
    await fs.rm(bid, { force: true }).catch(() => undefined);
  }
}

function isSame(one: Holder, other: Holder): boolean {
  return one.content === other.content && one.modifiedMs === other.modifiedMs;
}

async function isDead({ process: holder }: Holder): Promise<boolean> {
  return holder !== undefined && (await presenceOf(holder)) === 'gone';
}

/** By one process at a time, and only what is still the dead one's: else a living one's lock might go. */
async function removeDead(
  lock: string,
  holder: Holder,
  { gate, onNotice }: KubectlLockOptions,
): Promise<void> {
  await withLock(gate, async () => {
    const present = await read(lock);
    if (present === undefined || !isSame(present, holder)) return;
    await fs.rm(lock, { force: true });
    onNotice?.(`Removed ${lock}: process ${holder.process?.pid} of dkp-auth, which held it, is gone.`);
  });
}

async function contentOf(id: string): Promise<string> {
  return `${id}\n${JSON.stringify({ ...(await ownIdentity()), hostName: os.hostname() })}\n`;
}

/** A link is made with its whole content or not at all; some file systems have none. */
async function linkTo(bid: string, lock: string): Promise<boolean> {
  try {
    await fs.link(bid, lock);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
  }
  try {
    await fs.copyFile(bid, lock, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

async function read(lock: string): Promise<Holder | undefined> {
  try {
    const stat = await fs.lstat(lock);
    const isReadable = stat.isFile() && stat.size > 0 && stat.size <= largestLockFile;
    // kubectl's is empty, and nobody may read it.
    const content = isReadable ? await fs.readFile(lock, 'utf8').catch(() => '') : '';
    return { content, modifiedMs: stat.mtimeMs, process: parse(content) };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parse(content: string): Holder['process'] {
  const [id, identity] = content.split('\n');
  if (!/^dkp-auth [0-9a-f]{24}$/.test(id ?? '')) return undefined;
  try {
    const { host, pid, start, hostName } = JSON.parse(identity ?? '') as Record<string, unknown>;
    if (typeof host !== 'string' || !Number.isInteger(pid)) return undefined;
    if (typeof start !== 'string' && start !== null) return undefined;
    return { host, pid: Number(pid), start, hostName: String(hostName) };
  } catch {
    return undefined;
  }
}

async function release(locks: readonly string[], id: string, guardian: Guardian): Promise<void> {
  for (const lock of locks.toReversed()) {
    const holder = await read(lock).catch(() => undefined);
    if (holder?.content.startsWith(`${id}\n`)) await fs.rm(lock, { force: true }).catch(() => undefined);
  }
  guardian.dismiss();
}

function locked(lock: string, { process: holder, modifiedMs }: Holder): UserError {
  const seconds = Math.max(0, Math.round((Date.now() - modifiedMs) / 1000));
  const age = seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
  const who =
    holder === undefined
      ? 'kubectl or another program that does not say its name'
      : `process ${holder.pid} of dkp-auth on ${plainText(holder.hostName, 60)}`;
  return new UserError('LOCKED', `${lock} is there since ${age}: ${who} holds it, or has left it behind.`, {
    hint: `Try again. If nothing is changing that kubeconfig any more, remove the lock: rm ${lock}`,
  });
}
