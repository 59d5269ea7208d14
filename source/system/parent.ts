import { readdir, readFile, readlink } from 'node:fs/promises';
import { statOf } from './process-identity.ts';

/** USER_HZ, which is 100 on every system that Node runs on. */
const ticksPerSecond = 100;
/** Of /proc/net/tcp. */
const inodeColumn = 9;

/** Tells this process's parent from every other process, as far as the system lets it be told. */
export async function parentIdentity(): Promise<string> {
  const start = await statOf(process.ppid).then(
    ({ start }) => start,
    () => '',
  );
  return `${process.ppid} ${start}`;
}

/**
 * When a process started, in milliseconds since the epoch by the clock as it is now, give or take 20; undefined where the
 * system does not say. A shell that becomes this program keeps its time.
 */
export async function startedAt(pid: number): Promise<number | undefined> {
  try {
    const [uptime = ''] = (await readFile('/proc/uptime', 'utf8')).split(' ');
    const { start } = await statOf(pid);
    return Date.now() - (Number(uptime) - Number(start) / ticksPerSecond) * 1000;
  } catch {
    return undefined;
  }
}

/**
 * Whether the parent has a network connection open; undefined where the system does not say. One that has just become
 * another program, as a `kubectl` does that first looks for the right version of itself, has none.
 */
export async function parentHasConnection(): Promise<boolean | undefined> {
  const folder = `/proc/${process.ppid}`;
  try {
    const descriptors = await readdir(`${folder}/fd`);
    const links = descriptors.map(name => readlink(`${folder}/fd/${name}`).catch(() => ''));
    const sockets = new Set(
      (await Promise.all(links)).flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []),
    );
    const tables = ['tcp', 'tcp6'].map(name => readFile(`${folder}/net/${name}`, 'utf8').catch(() => ''));
    const connections = (await Promise.all(tables)).join('').split('\n');
    return connections.some(line => sockets.has(line.trim().split(/\s+/)[inodeColumn] ?? ''));
  } catch {
    return undefined;
  }
}
