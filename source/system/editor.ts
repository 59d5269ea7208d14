import { execa } from 'execa';
import { UserError } from '../errors.ts';
import { readTextFile, removeFile, replaceFile } from './files.ts';
import type { Environment } from './paths.ts';

export type Edited = {
  readonly text: string;
  readonly file: string;
  /** Removes the file that was edited. */
  discard(): Promise<void>;
};

/**
 * Has the person edit a text with `VISUAL`, else `EDITOR`, else `vi`, in a file of theirs alone.
 * @throws UserError USAGE when the editor cannot be started or ends with a failure
 */
export async function editText(
  text: string,
  file: string,
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<Edited> {
  const command = env['VISUAL'] || env['EDITOR'] || 'vi';
  await replaceFile(file, text, { secret: true });
  const discard = async () => void (await removeFile(file));
  const [program = 'vi', ...args] = command.trim().split(/\s+/);
  const { failed, exitCode } = await execa(program, [...args, file], {
    stdio: 'inherit',
    cancelSignal: signal,
    reject: false,
  });
  if (failed) {
    await discard();
    const how = exitCode === undefined ? 'could not be started' : `ended with code ${exitCode}`;
    throw new UserError('USAGE', `The editor (${program}) ${how}; nothing was changed.`, {
      hint: 'Set VISUAL or EDITOR to the one you use.',
    });
  }
  return { text: (await readTextFile(file)) ?? '', file, discard };
}
