import fs from 'node:fs';

const toleranceMs = 2000;

/**
 * Whether what the system shows of a process is as old as the process, or the first look at it: then a process that has
 * only begun is told the time by it. So it is on Linux, and where there is no /proc it is not.
 */
export function processFilesTellTime(): boolean {
  try {
    const { mtimeMs } = fs.statSync('/proc/self/');
    const now = Date.now();
    const begin = now - process.uptime() * 1000;
    return mtimeMs >= begin - toleranceMs && mtimeMs <= now + toleranceMs;
  } catch {
    return false;
  }
}
