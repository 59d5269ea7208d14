import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
export function peakMemoryOf(command: Command, env: Readonly<Record<string, string>>): number | undefined {
  if (!existsSync(gnuTime)) return undefined;
  const { stderr } = spawnSync(gnuTime, ['-f', 'peak %M', ...command], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const found = /peak (\d+)\s*$/.exec(stderr ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]) / 1024;
}
