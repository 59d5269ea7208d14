import { isSea } from 'node:sea';
import { replaceFile } from './files.ts';
import type { Paths } from './paths.ts';

/** Whether this is the single executable. It has Node in it, so `process.execPath` is the program itself. */
export const isExecutable = isSea();

/** What the executable is called with in place of a file that Node would run. */
export const keyringCommand = '__keyring';

/** How this program is started once more: what to run, and what comes ahead of the program's own arguments. */
export function thisProgram(): { readonly command: string; readonly before: readonly string[] } {
  const [, script] = process.argv;
  return { command: process.execPath, before: isExecutable || script === undefined ? [] : [script] };
}

/** The launcher may be started with a PATH that has no Node, or an old one. */
export async function rememberNode({ node }: Paths): Promise<void> {
  if (!isExecutable) await replaceFile(node, `${process.execPath}\n`, { secret: true });
}
