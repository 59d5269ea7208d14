import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../errors.ts';
import { type Change, edit } from '../../kubeconfig/edit.ts';
import type { Layout } from '../../kubeconfig/layout.ts';
import { type Fields, fieldOf, type Section } from '../../kubeconfig/section.ts';
import { changeKubeconfigs } from '../../kubeconfig/write.ts';
import type { Paths } from '../../system/paths.ts';
import type { FileFix } from './plan.ts';

export type WriteContext = {
  readonly paths: Paths;
  readonly signal: AbortSignal;
  readonly onNotice: (message: string) => void;
};

/**
 * Writes one file's fix under kubectl's lock, after a copy. What others changed in the file meanwhile stays, unless it is what
 * the fix is about.
 * @returns where the file as it was is kept
 * @throws UserError KUBECONFIG_CONFLICT, LOCKED, IO
 */
export async function writeFix(
  { file, changes }: Pick<FileFix, 'file' | 'changes'>,
  context: WriteContext,
): Promise<string | undefined> {
  const planned = new Map(file.entries.map(({ section, name, content }) => [keyOf(section, name), content]));
  const [written] = await changeKubeconfigs(
    [file.path],
    layouts =>
      layouts.map(layout => {
        const present = contentsOf(layout);
        assertAsPlanned(present, planned, changes, file.path);
        return edit(
          layout,
          changes.filter(change => change.kind !== 'remove' || isPresent(change, present)),
        );
      }),
    context,
  );
  return written?.backup?.path;
}

type Contents = ReadonlyMap<string, Fields>;

const keyOf = (section: Section, name: string) => `${section} ${name}`;

function contentsOf({ items }: Layout): Contents {
  return new Map(
    items.map(({ section, value }) => [
      keyOf(section, String(value?.['name'] ?? '')),
      (value?.[fieldOf[section]] ?? {}) as Fields,
    ]),
  );
}

function isPresent({ section, name }: Extract<Change, { kind: 'remove' }>, present: Contents): boolean {
  return present.has(keyOf(section, name));
}

/** Each entry is either what the plan was made from, or what it comes to. */
function assertAsPlanned(
  present: Contents,
  planned: Contents,
  changes: readonly Change[],
  file: string,
): void {
  for (const change of changes) {
    if (change.kind !== 'set' && change.kind !== 'remove') continue;
    const key = keyOf(change.section, change.name);
    const wanted = change.kind === 'set' ? change.content : undefined;
    const now = present.get(key);
    if (isDeepStrictEqual(now, planned.get(key)) || isDeepStrictEqual(now, wanted)) continue;
    throw new UserError('KUBECONFIG_CONFLICT', `${file} was changed meanwhile.`, {
      hint: 'The file was left as it is. Run dkp-auth check --fix again.',
    });
  }
}
