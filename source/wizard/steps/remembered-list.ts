import { createSelectList, type SelectListState } from '../parts/select-list.ts';
import type { Interrupted } from '../state.ts';
import { texts } from '../texts.ts';

export const otherId = 'other';
export const resumeId = 'resume';

/** A wizard that was left, the portals used before, and the way to another one; undefined when there is none to offer. */
export function rememberedList(
  remembered: readonly { readonly loginLink: string }[],
  interrupted?: Interrupted,
): SelectListState | undefined {
  const left = interrupted === undefined ? [] : [resumeItem(interrupted)];
  const items = [...left, ...remembered.map(({ loginLink }) => ({ id: loginLink, label: loginLink }))];
  return items.length === 0
    ? undefined
    : createSelectList([...items, { id: otherId, label: texts.linkOther }]);
}

function resumeItem({ loginLink, step }: Interrupted) {
  const { host } = new URL(loginLink);
  return { id: resumeId, label: texts.resume, detail: texts.resumeDetail(host, texts.titles[step]) };
}
