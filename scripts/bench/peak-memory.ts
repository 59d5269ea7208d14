import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import type { Command } from './batch.ts';

const gnuTime = '/usr/bin/time';

/** The most memory that a running process has had, in MB; Linux only. */
export function peakMemory(pid: number): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found?.[1] === undefined ? undefined : Number(found[1]) / 1024;
  } catch {
    return undefined;
  }
}

/** The most that any process of a command had, in MB, by GNU time; undefined where there is none. */
export async function peakMemoryOf(
  command: Command,
  env: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  if (!existsSync(gnuTime)) return undefined;
  // Not synchronously: the servers of some commands are in this process.
  const { stderr } = await execa(gnuTime, ['-f', 'peak %M', ...command], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
  });
  const found = /peak (\d+)\s*$/.exec(stderr);
  return found?.[1] === undefined ? undefined : Number(found[1]) / 1024;
}
