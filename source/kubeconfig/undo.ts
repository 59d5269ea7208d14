import { UserError } from '../errors.ts';
import { assertMayBeWritten, putInPlace, readFileToChange, resolveLinks } from '../system/files.ts';
import { type Backup, backUp, backupsOf, digestOf } from './backup.ts';
import { underLocks, type WriteOptions } from './write.ts';

export type Undone = {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly backup: Backup;
};

/**
 * The last copy of a file, and what putting it back would change.
 * @throws UserError NOTHING_TO_UNDO, KUBECONFIG_CHANGED when the file holds something else than the change after that copy made of it
 */
export async function planUndo(file: string, force: boolean): Promise<Undone> {
  const [backup] = await backupsOf(file);
  const before = await readFileToChange(file);
  const after = backup === undefined ? undefined : await readFileToChange(backup.path);
  if (backup === undefined || after === undefined) {
    throw new UserError('NOTHING_TO_UNDO', `There is no copy of ${file} to put back.`, {
      hint: 'A copy is kept beside a kubeconfig, as FILE.dkp-auth-TIME-DIGEST.bak, when dkp-auth changes it.',
    });
  }
  if (!force && isForeign(before ?? '', backup)) {
    throw new UserError(
      'KUBECONFIG_CHANGED',
      `${file} was changed by somebody else since dkp-auth changed it.`,
      {
        hint: `Putting ${backup.path} back would take that away too. Compare the two, or say --force; what is there now is then kept as a copy.`,
      },
    );
  }
  return { path: file, before: before ?? '', after, backup };
}

/** Of an empty file nobody loses anything: a disk or a program that was cut short has left it so. */
const isForeign = (text: string, { changedTo }: Backup) => text !== '' && digestOf(text) !== changedTo;

/**
 * Puts the last copy of a file back, which is then gone, so that the next undo goes back one further. What somebody else made of
 * the file meanwhile is kept as the newest copy. The copy itself takes the file's place: there is no moment without either, and
 * no disk has to keep anything new.
 * @throws UserError as planUndo, and LOCKED, IO
 */
export async function undoLast(file: string, force: boolean, options: WriteOptions): Promise<Undone> {
  return underLocks([file], options, async key => {
    const undone = await planUndo(file, force);
    const { before, after, backup } = undone;
    await assertMayBeWritten(file);
    if (isForeign(before, backup)) await backUp(file, before, after, { key });
    await putInPlace(backup.path, await resolveLinks(file), { isLike: true });
    return undone;
  });
}
