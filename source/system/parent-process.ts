import { readFile } from 'node:fs/promises';

/** The command line of the process that started this one; empty where it cannot be had without another program. */
export async function parentArguments(): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  try {
    const line = await readFile(`/proc/${process.ppid}/cmdline`, 'utf8');
    return line.split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
