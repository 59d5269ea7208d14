import { readdir, readFile, readlink } from 'node:fs/promises';
import os from 'node:os';
import { isSystemError } from './system-error.ts';

/** A process, told from every other one, also from a later one with the same number. */
export type ProcessIdentity = {
  /** Where its number means anything: one boot of one kernel and one PID namespace, or one host name. */
  readonly host: string;
  readonly pid: number;
  /** When it started, in the system's own unit; null where that cannot be had cheaply. */
  readonly start: string | null;
};

let own: Promise<ProcessIdentity> | undefined;

export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= identify();
  return own;
}

async function identify(): Promise<ProcessIdentity> {
  const { pid } = process;
  if (process.platform !== 'linux') return { host: os.hostname(), pid, start: null };
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const namespace = await readlink('/proc/self/ns/pid');
    return { host: `${boot} ${namespace}`, pid, start: (await statOf(pid)).start };
  } catch {
    return { host: os.hostname(), pid, start: null };
  }
}

/**
 * Whether a process is still there. `unknown`: it is another host's, or its number is in use and nothing tells
 * whether by the same process.
 */
export async function presenceOf(process: ProcessIdentity): Promise<'there' | 'gone' | 'unknown'> {
  const { host } = await ownIdentity();
  if (process.host !== host) return 'unknown';
  if (process.start === null) return isInUse(process.pid) ? 'unknown' : 'gone';
  try {
    const { start, state } = await statOf(process.pid);
    if (start !== process.start) return 'gone';
    // A killed process is a zombie until its parent looks; until then its other threads may end what they began.
    if (state !== 'Z' && state !== 'X') return 'there';
    return (await readdir(`/proc/${process.pid}/task`)).length > 1 ? 'there' : 'gone';
  } catch (error) {
    return isSystemError(error, 'ENOENT', 'ESRCH') ? 'gone' : 'unknown';
  }
}

export async function statOf(pid: number): Promise<{ state: string; start: string }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, which may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const start = fields[19];
  if (state === undefined || start === undefined) throw new Error('/proc has another form than expected');
  return { state, start };
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, 'ESRCH');
  }
}
