import { toUserError } from '../errors.ts';
import { type Kubeconfig, readKubeconfig } from '../kubeconfig/read.ts';
import type { Profile } from '../profiles/profile.ts';
import { listProfileNames, readProfile } from '../profiles/registry.ts';
import { readTextFile } from '../system/files.ts';
import { realPath } from '../system/inspect.ts';
import type { Paths } from '../system/paths.ts';
import { plainText } from '../text.ts';
import type { ChosenSet } from './choose-files.ts';
import type { JoinedSet, Sources, UnreadableFile } from './landscape.ts';

/** Reads what was chosen, each file once; what cannot be read is told and hides nothing of the others. */
export async function readSources(chosen: readonly ChosenSet[], paths: Paths): Promise<Sources> {
  const seen = new Set<string>();
  const sets: JoinedSet[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const { paths: files, isInUse, mayBeMissing } of chosen) {
    const read: Kubeconfig[] = [];
    for (const file of files) {
      const real = await realPath(file);
      if (seen.has(real)) continue;
      seen.add(real);
      const result = await readOne(file, mayBeMissing);
      if (result === undefined) continue;
      if ('reason' in result) unreadable.push(result);
      else read.push(result);
    }
    if (read.length > 0) sets.push({ files: read, isInUse });
  }
  return { sets, unreadable, profiles: await readableProfiles(paths) };
}

async function readOne(
  file: string,
  mayBeMissing: boolean,
): Promise<Kubeconfig | UnreadableFile | undefined> {
  try {
    const text = await readTextFile(file);
    if (text !== undefined) return readKubeconfig(text, file);
    return mayBeMissing ? undefined : { path: file, line: 1, reason: 'It does not exist.' };
  } catch (error) {
    const { message } = toUserError(error);
    // The fault alone: the file stands before it.
    const fault = message.startsWith(`${file} `) ? `It ${message.slice(file.length + 1)}` : message;
    const line = Number(/\(line (\d+)[,)]/.exec(message)?.[1] ?? 1);
    return { path: file, line, reason: plainText(fault, 400) };
  }
}

/** A damaged profile is another command's business. */
async function readableProfiles(paths: Paths): Promise<Profile[]> {
  const names = await listProfileNames(paths);
  const profiles = await Promise.all(names.map(name => readProfile(paths, name).catch(() => undefined)));
  return profiles.filter(profile => profile !== undefined);
}
