import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { debug } from './debug.ts';
import { makePrivateFolder } from './files.ts';
import { ownIdentity, type ProcessIdentity, presenceOf } from './process-identity.ts';
import { isSystemError, reasonOf } from './system-error.ts';

export type LockOptions = {
  readonly signal?: AbortSignal;
  /** How long to wait for the others, in milliseconds. */
  readonly timeoutMs?: number;
  /** What is locked, in words that follow "is still busy with". */
  readonly what?: string;
  readonly heartbeat?: Heartbeat;
  /** How often to look while others hold it; who learns of their end in another way may look rarely. */
  readonly pace?: Pace;
};

/** Pauses between two looks, growing from the first to the longest, in milliseconds. */
export type Pace = { readonly firstMs: number; readonly longestMs: number };

/** How a holder of another host is judged: it writes again and again; who writes no more is gone. */
export type Heartbeat = { readonly everyMs: number; readonly staleMs: number };

/** What the holder of a lock can find out about it. */
export type Lease = {
  /** Aborted when the lock is found to be lost. */
  readonly signal: AbortSignal;
  /**
   * To be awaited just before anything is written: a machine that slept for long may have lost its lock to another host.
   * @throws UserError LOCKED
   */
  confirm(): Promise<void>;
};

const usualHeartbeat: Heartbeat = { everyMs: 1000, staleMs: 10_000 };
const usualTimeoutMs = 30_000;
const usualPace: Pace = { firstMs: 2, longestMs: 60 };
/** The most that one look at a silent holder counts for: time in which this machine slept proves nothing. */
const longestSilenceMs = 500;
const largestLockFile = 4096;
const held = '+';
const free = '-';

type Holder = {
  readonly id: string;
  readonly free: boolean;
  /** Changes while the holder lives. */
  readonly beat: string;
  /** undefined: the file is damaged. */
  readonly process: ProcessIdentity | undefined;
  readonly hostName: string;
};

/** This process's bid for the lock: a file of its own, which becomes the lock by being linked to its name. */
type Bid = {
  readonly id: string;
  readonly file: string;
  readonly handle: fs.FileHandle;
  /** Where in the file the state begins: held or free, and the beat. */
  readonly stateAt: number;
};

/** How long a holder has been seen without a change, look after look. */
type Silence = { id: string; beat: string; lastLook: number; silentMs: number };
type Wait = { readonly file: string; readonly heartbeat: Heartbeat; readonly silences: Map<string, Silence> };

const queues = new Map<string, Promise<void>>();

/**
 * Runs a function while no other process that locks the same file does, on this machine or, in a shared home, on another.
 * The lock of a process that is gone passes on at once: on this machine by the process itself (number and start), whatever
 * clocks say and however long the machine sleeps; for another host when it has given no sign of life for some seconds of
 * this process's own running time. The file stays, marked as free, and holds no secret.
 *
 * The order of things that makes a take-over safe: every bid has an id that is never used again; who wants to replace a
 * holder first creates, exclusively, a file named after that holder's id, then looks whether the lock is still that
 * holder's, and only then renames its own bid over it. So of two takers one wins, and who comes late changes nothing.
 * @throws UserError LOCKED, IO
 */
export async function withLock<T>(
  file: string,
  run: (lease: Lease) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? usualTimeoutMs);
  const leave = await enqueue(path.resolve(file), deadline, options);
  try {
    const heartbeat = options.heartbeat ?? usualHeartbeat;
    const start = performance.now();
    const bid = await acquire(file, deadline, heartbeat, options);
    debug('lock', { file, waitedMs: Math.round(performance.now() - start) });
    const pulse = startPulse(file, bid, heartbeat);
    try {
      return await run(pulse.lease);
    } finally {
      await pulse.stop();
      await release(file, bid);
    }
  } finally {
    leave();
  }
}

/** Those of one process wait in line, without asking the file system. */
async function enqueue(key: string, deadline: number, options: LockOptions): Promise<() => void> {
  const before = queues.get(key) ?? Promise.resolve();
  let leave = () => {};
  const mine = new Promise<void>(resolve => {
    leave = resolve;
  });
  const line = before.then(() => mine);
  queues.set(key, line);
  void line.then(() => {
    if (queues.get(key) === line) queues.delete(key);
  });
  const patience = new AbortController();
  const waiting = options.signal ? AbortSignal.any([options.signal, patience.signal]) : patience.signal;
  try {
    const inTime = await Promise.race([
      before.then(() => true),
      sleep(Math.max(0, deadline - performance.now()), false, { signal: waiting }),
    ]);
    if (!inTime) throw locked('This very process', options);
  } catch (error) {
    leave();
    throw error;
  } finally {
    patience.abort();
  }
  return leave;
}

async function acquire(
  file: string,
  deadline: number,
  heartbeat: Heartbeat,
  options: LockOptions,
): Promise<Bid> {
  const wait: Wait = { file, heartbeat, silences: new Map() };
  let bid: Bid | undefined;
  let taken = false;
  try {
    await makePrivateFolder(path.dirname(file));
    const { firstMs, longestMs } = options.pace ?? usualPace;
    for (let pause = firstMs; ; pause = Math.min(pause * 1.5, longestMs)) {
      options.signal?.throwIfAborted();
      const present = await read(file);
      let outcome: Holder | 'taken' | 'changed' | undefined = present;
      if (present === undefined || (await isOver(file, present, wait))) {
        bid ??= await makeBid(file);
        try {
          outcome = await take(file, bid, wait);
        } catch (error) {
          if (!isSystemError(error, 'ENOENT')) throw error;
          // Somebody tidied up and took our bid for a dead one's.
          await bid.handle.close();
          bid = undefined;
        }
      }
      if (outcome === 'taken' && bid !== undefined) {
        taken = true;
        // What others left behind may stay; the lock is ours all the same.
        await sweep(file, bid).catch(() => undefined);
        return bid;
      }
      if (performance.now() >= deadline) {
        throw locked(typeof outcome === 'object' ? nameOf(outcome) : 'Another process', options);
      }
      // Two that wait must not stay in step.
      await sleep(pause * (0.5 + Math.random()), undefined, {
        ...(options.signal && { signal: options.signal }),
      });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof UserError ? error : ioError(file, error);
  } finally {
    if (bid !== undefined) {
      if (!taken) await bid.handle.close().catch(() => undefined);
      await fs.rm(bid.file, { force: true }).catch(() => undefined);
    }
  }
}

/** Makes a file ours if it is nobody's any more. `changed`: look again. */
async function take(target: string, bid: Bid, wait: Wait): Promise<'taken' | 'changed' | Holder> {
  const present = await read(target);
  if (present === undefined) return (await linkTo(target, bid)) ? 'taken' : 'changed';
  if (!(await isOver(target, present, wait))) return present;
  const gate = `${wait.file}.${present.id}`;
  const atGate = await take(gate, bid, wait);
  if (atGate !== 'taken') return atGate;
  try {
    if ((await read(target))?.id !== present.id) return 'changed';
    const second = `${bid.file}2`;
    await fs.link(bid.file, second);
    await renameOver(second, target);
    return 'taken';
  } finally {
    await fs.rm(gate, { force: true });
  }
}

async function isOver(file: string, holder: Holder, wait: Wait): Promise<boolean> {
  if (holder.free) return true;
  const presence = holder.process === undefined ? 'unknown' : await presenceOf(holder.process);
  if (presence !== 'unknown') return presence === 'gone';
  const look = performance.now();
  const before = wait.silences.get(file);
  if (before === undefined || before.id !== holder.id || before.beat !== holder.beat) {
    wait.silences.set(file, { id: holder.id, beat: holder.beat, lastLook: look, silentMs: 0 });
    return false;
  }
  before.silentMs += Math.min(look - before.lastLook, longestSilenceMs);
  before.lastLook = look;
  return before.silentMs >= wait.heartbeat.staleMs;
}

async function makeBid(file: string): Promise<Bid> {
  const id = randomBytes(12).toString('hex');
  const bidFile = `${file}.${id}.tmp`;
  const identity = `${JSON.stringify({ id, ...(await ownIdentity()), hostName: os.hostname() })}\n`;
  const handle = await fs.open(bidFile, 'wx', 0o600);
  try {
    await handle.writeFile(identity + state(held, 0));
    return { id, file: bidFile, handle, stateAt: Buffer.byteLength(identity) };
  } catch (error) {
    await handle.close();
    await fs.rm(bidFile, { force: true });
    throw error;
  }
}

const state = (mark: string, beat: number) => `${mark}${String(beat).padStart(12, '0')}\n`;

async function linkTo(target: string, bid: Bid): Promise<boolean> {
  try {
    await fs.link(bid.file, target);
    return true;
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    // NFS repeats a request whose answer was lost, and then refuses what it has done.
    return (await read(target))?.id === bid.id;
  }
}

// Windows refuses while somebody, a virus scanner for one, has the file open.
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fs.rename(from, to);
    } catch (error) {
      if (attempt === 10 || !isSystemError(error, 'EPERM', 'EACCES', 'EBUSY')) {
        await fs.rm(from, { force: true });
        throw error;
      }
      await sleep(attempt * 5);
    }
  }
}

async function read(file: string): Promise<Holder | undefined> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(largestLockFile), 0, largestLockFile, 0);
    return parse(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

function parse(content: string): Holder {
  const end = content.indexOf('\n') + 1;
  const mark = content.slice(end, end + 1);
  try {
    const { id, host, pid, start, hostName } = JSON.parse(content.slice(0, end)) as Record<string, unknown>;
    if (
      typeof id === 'string' &&
      /^[0-9a-f]{24}$/.test(id) &&
      typeof host === 'string' &&
      Number.isInteger(pid) &&
      (typeof start === 'string' || start === null)
    ) {
      const process = { host, pid: Number(pid), start };
      return { id, process, free: mark === free, beat: content.slice(end), hostName: String(hostName) };
    }
  } catch {
    // Damaged: judged below by whether it changes.
  }
  const id = createHash('sha256').update(content).digest('hex').slice(0, 24);
  return { id, process: undefined, free: false, beat: content, hostName: '' };
}

function startPulse(file: string, bid: Bid, { everyMs }: Heartbeat) {
  const loss = new AbortController();
  let beat = 0;
  let last = Promise.resolve();
  const confirm = async () => {
    const present = loss.signal.aborted ? undefined : await read(file).catch(() => undefined);
    if (present?.id === bid.id) return;
    const error = new UserError('LOCKED', 'Another computer has taken over what this one was busy with.', {
      hint: 'Try again.',
    });
    if (!loss.signal.aborted) loss.abort(error);
    throw error;
  };
  const timer = setInterval(() => {
    beat += 1;
    // A beat that cannot be written is a beat missed; the others judge by that.
    last = last
      .then(async () => {
        await bid.handle.write(state(held, beat), bid.stateAt);
        await bid.handle.datasync();
        await confirm();
      })
      .catch(() => undefined);
  }, everyMs);
  timer.unref();
  return {
    lease: { signal: loss.signal, confirm },
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}

/** Only this holder's own file is marked, whatever the name of the lock stands for by now. */
async function release(file: string, bid: Bid): Promise<void> {
  // What was done under the lock stays done. A disk that takes no mark may still take a file away; if not, others wait.
  const isMarked = await bid.handle.write(free, bid.stateAt).then(
    () => true,
    () => false,
  );
  await bid.handle.close().catch(() => undefined);
  if (isMarked) return;
  const present = await read(file).catch(() => undefined);
  if (present?.id === bid.id) await fs.rm(file, { force: true }).catch(() => undefined);
}

/** What killed processes left behind: the gates of former holders, and bids. */
async function sweep(file: string, bid: Bid): Promise<void> {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(prefix) || name.includes(bid.id)) continue;
    const other = path.join(folder, name);
    const isBid = /^[0-9a-f]{24}\.tmp2?$/.test(name.slice(prefix.length));
    const isGate = /^[0-9a-f]{24}$/.test(name.slice(prefix.length));
    if (isGate || (isBid && (await isLeftover(other)))) await fs.rm(other, { force: true });
  }
}

async function isLeftover(bidFile: string): Promise<boolean> {
  let owner = (await read(bidFile))?.process;
  if (owner === undefined) {
    // Just being written, or never to be.
    await sleep(100);
    owner = (await read(bidFile))?.process;
  }
  return owner === undefined || (await presenceOf(owner)) === 'gone';
}

function nameOf(holder: Holder): string {
  if (holder.process === undefined) return 'Another process';
  const where = holder.hostName === os.hostname() ? '' : ` of ${plainText(holder.hostName, 60)}`;
  return `Process ${holder.process.pid}${where}`;
}

function locked(who: string, { what = 'the same file' }: LockOptions): UserError {
  return new UserError('LOCKED', `${who} is still busy with ${what}.`, {
    hint: 'Try again when it is done. If it hangs, end it.',
  });
}

function ioError(file: string, cause: unknown): UserError {
  return new UserError('IO', `Could not lock ${file}: ${reasonOf(cause)}.`, {
    hint: 'Check that the folder exists, has room, and belongs to you.',
    cause,
  });
}
