import path from 'node:path';
import { forgetState } from '../credentials/profile-state.ts';
import type { Layout } from '../kubeconfig/layout.ts';
import { changeKubeconfigs, readLayout, type Written } from '../kubeconfig/write.ts';
import type { Profile } from '../profiles/profile.ts';
import { releaseProfile } from '../profiles/registry.ts';
import { removeFile } from '../system/files.ts';
import { isBare, removeEntries } from './kubeconfig-entries.ts';
import { type ChangeContext, sortByPresence } from './rename.ts';

/** What removing a profile does to a kubeconfig. */
export type FileChange = { readonly path: string; readonly action: 'edit' | 'delete' };

/** What would become of the kubeconfigs; a file of ours in which nothing is left goes as a whole. */
export async function planRemoval(profile: Profile, { paths }: ChangeContext): Promise<FileChange[]> {
  const { there } = await sortByPresence(profile.kubeconfigs);
  const changes: FileChange[] = [];
  for (const file of there) {
    const before = await readLayout(file);
    const after = removeEntries(before, profile.name);
    if (after.text === before.text) continue;
    const goes = isBare(after) && isIn(paths.kubeconfigs, file);
    changes.push({ path: file, action: goes ? 'delete' : 'edit' });
  }
  return changes;
}

const isIn = (folder: string, file: string) => path.dirname(file) === folder;

/**
 * Removes a profile and its entries. Its credentials are forgotten before (see `logOut`).
 * @throws UserError LOCKED, IO, KUBECONFIG_INVALID; the profile is there then as before
 */
export async function removeProfile(
  profile: Profile,
  changes: readonly FileChange[],
  context: ChangeContext,
): Promise<Written[]> {
  const without = (layouts: readonly Layout[]) => layouts.map(layout => removeEntries(layout, profile.name));
  const written = await changeKubeconfigs(
    changes.map(change => change.path),
    without,
    context,
  );
  for (const { path: file, action } of changes) {
    // What somebody has put in meanwhile keeps the file.
    if (action === 'delete' && isBare(await readLayout(file))) await removeFile(file);
  }
  await releaseProfile(context.paths, profile.name);
  // Also what was written while this was under way.
  await forgetState(context.paths, profile.name);
  return written;
}
