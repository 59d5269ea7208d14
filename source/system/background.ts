import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import type { Environment } from './paths.ts';
import { isSystemError } from './system-error.ts';
import { thisProgram } from './this-program.ts';

const mostDescriptors = 1024;

/**
 * Starts this program once more, as a process that nobody waits for and that has nothing of its parent's: a session of its
 * own, no terminal, no pipe, and no working folder that could not be unmounted.
 */
export function startInBackground(args: readonly string[], env: Environment): void {
  const { command, before } = thisProgram();
  const nothing = openSync(os.devNull, 'r+');
  try {
    const child = spawn(command, [...before, ...args], {
      env,
      cwd: os.platform() === 'win32' ? os.homedir() : '/',
      detached: true,
      stdio: Array.from({ length: descriptorCount() }, () => nothing),
      windowsHide: true,
    });
    child.on('error', () => undefined);
    child.unref();
  } finally {
    closeSync(nothing);
  }
}

/** Whatever a shell had open when it started us is open in us: who lives on must not keep somebody's pipe. */
function descriptorCount(): number {
  if (process.platform === 'win32') return 3;
  try {
    return Math.min(Math.max(2, ...readdirSync('/dev/fd').map(Number)) + 1, mostDescriptors);
  } catch {
    return 10;
  }
}

/**
 * Of the processes that ask within a while, lets one through; now and then two, when they ask at the same moment.
 * @returns false also where nothing can be written
 */
export async function isFirstInAWhile(file: string, whileMs: number): Promise<boolean> {
  const now = Date.now();
  try {
    const handle = await fs.open(file, 'wx', 0o600);
    try {
      await handle.utimes(now / 1000, now / 1000);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) return false;
  }
  try {
    // A time that lies ahead was written before a clock was set back.
    const { mtimeMs } = await fs.stat(file);
    if (Math.abs(now - mtimeMs) < whileMs) return false;
    await fs.utimes(file, now / 1000, now / 1000);
    return true;
  } catch {
    return false;
  }
}
