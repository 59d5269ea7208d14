import path from 'node:path';
import { UserError } from '../errors.ts';
import { backupsOf, isBackupName } from '../kubeconfig/backup.ts';
import { kubeconfigDiff } from '../kubeconfig/diff.ts';
import { kubectlFiles } from '../kubeconfig/precedence.ts';
import { planUndo, type Undone, undoLast } from '../kubeconfig/undo.ts';
import { listFolder } from '../system/files.ts';
import { type Environment, expandPath, type Paths, pathsOf, tildePath } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';

export type UndoFlags = { readonly force?: boolean; readonly dryRun?: boolean; readonly json?: boolean };

/** Runs `dkp-auth undo`. */
export async function undo(
  named: string | undefined,
  { force = false, dryRun = false, json = false }: UndoFlags,
  { env, stdout, stderr }: Streams,
  signal: AbortSignal,
): Promise<void> {
  const paths = pathsOf(env);
  const file = named === undefined ? await changedLast(env, paths) : expandPath(named, env);
  const onNotice = (message: string) => void write(stderr, `${message}\n`);
  const undone = dryRun
    ? await planUndo(file, force)
    : await undoLast(file, force, { paths, signal, onNotice });
  await write(
    stdout,
    json
      ? `${JSON.stringify(documentOf(undone, dryRun), undefined, 2)}\n`
      : formatUndone(undone, dryRun, env),
  );
}

/** Of the kubeconfigs of kubectl and our own, the one whose copy is the newest. */
async function changedLast(env: Environment, paths: Paths): Promise<string> {
  const own = (await listFolder(paths.kubeconfigs)).filter(
    name => /\.ya?ml$/.test(name) && !isBackupName(name),
  );
  const files = [...kubectlFiles(env), ...own.map(name => path.join(paths.kubeconfigs, name))];
  const copies = await Promise.all(
    files.map(async file => ({ file, takenAt: (await backupsOf(file))[0]?.takenAt.getTime() ?? 0 })),
  );
  const [last] = copies.sort((one, other) => other.takenAt - one.takenAt);
  if (last !== undefined && last.takenAt > 0) return last.file;
  throw new UserError('NOTHING_TO_UNDO', 'dkp-auth has changed no kubeconfig that it keeps a copy of.', {
    hint: 'Name the file if it lies elsewhere: dkp-auth undo FILE',
  });
}

function documentOf({ path: file, before, after, backup }: Undone, dryRun: boolean) {
  return {
    ...(dryRun && { dryRun }),
    path: file,
    takenAt: backup.takenAt.toISOString(),
    diff: kubeconfigDiff({ path: file, before, after }),
  };
}

function formatUndone(
  { path: file, before, after, backup }: Undone,
  dryRun: boolean,
  env: Environment,
): string {
  const time = backup.takenAt.toISOString();
  const what = dryRun ? 'Nothing was changed. This would be put back' : 'Put back';
  const diff = kubeconfigDiff({ path: file, before, after });
  return `${what}: ${tildePath(file, env)} as it was at ${time}.\n${diff === '' ? '' : `\n${diff}`}`;
}
