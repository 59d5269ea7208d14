import fs from 'node:fs';
import module from 'node:module';
import path from 'node:path';

/**
 * Has Node keep what it compiles of this program, so that the next start needs not compile it again. Only where logins
 * left a folder, which is this user's alone: whoever can write there could have this program run anything.
 */
export function keepCompiledCode(state: string): void {
  try {
    if (!isPrivateFolder(state)) return;
    const folder = path.join(state, 'compiled');
    fs.mkdirSync(folder, { mode: 0o700, recursive: true });
    if (isPrivateFolder(folder)) module.enableCompileCache(folder);
  } catch {
    // A start that compiles takes longer, and that is all.
  }
}

/**
 * Has what was compiled so far kept now. At the end of a run V8 has thrown away what ran once, which is most of what a
 * start consists of.
 */
export function keepWhatStarted(): void {
  module.flushCompileCache?.();
}

function isPrivateFolder(folder: string): boolean {
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory()) return false;
  return process.getuid === undefined || (stat.uid === process.getuid() && (stat.mode & 0o077) === 0);
}
