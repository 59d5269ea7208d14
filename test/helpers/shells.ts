import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** A shell that may be a system's /bin/sh, and how it is started as one. */
export type Shell = { readonly name: string; readonly command: readonly [string, ...string[]] };

const all: readonly [name: string, program: string, ...args: string[]][] = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['bash --posix', 'bash', '--posix'],
  ['busybox ash', 'busybox', 'ash'],
  ['zsh as sh', 'zsh', '--emulate', 'sh'],
];

const found: readonly (Shell | string)[] = all.map(([name, program, ...args]) => {
  const file = findProgram(program);
  return file === undefined ? name : { name, command: [file, ...args] };
});

/** Those that are on this machine. */
export const shells: readonly Shell[] = found.filter(each => typeof each !== 'string');

/** The names of those that are not; in CI all are there. */
export const missingShells: readonly string[] = found.filter(each => typeof each === 'string');

/** Where a program is that tests may do without; undefined where it is not installed. */
export function findProgram(program: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

/** For a test of what a program makes of ours: not on a machine without the program, but always in CI, which installs it. */
export function needs(program: string): { readonly skip?: string } {
  const isMissing = findProgram(program) === undefined && process.env['CI'] === undefined;
  return isMissing ? { skip: `${program} is not installed` } : {};
}
