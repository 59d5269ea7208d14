import { padText } from './graphemes.ts';
import type { Marks } from './marks.ts';
import { isNumbered, type SelectItem, type SelectListState } from './select-list.ts';
import { wrapText } from './wrap-text.ts';

/** One answer with all its words: its label, and what there is to say about it. */
export type ChoiceRows = { readonly label: readonly string[]; readonly about: readonly string[] };

const markWidth = 2;

/** Columns before the words of an answer. */
export const leadWidth = (list: SelectListState) => markWidth + (isNumbered(list) ? 2 : 0);

/** What stands in them. */
export function leadOf(list: SelectListState, index: number, { active }: Pick<Marks, 'active'>): string {
  const mark = padText(list.items[index]?.id === list.activeId ? active : '', markWidth);
  return mark + (isNumbered(list) ? `${index + 1} ` : '');
}

/** A short list to be read whole: details under their answers, broken between words. */
export function choiceRows(list: SelectListState, width: number): ChoiceRows[] {
  const room = Math.max(1, width - leadWidth(list));
  const broken = (text: string | undefined) =>
    text === undefined || text === '' ? [] : wrapText(text, room);
  return list.items.map(item => ({ label: wrapText(item.label, room), about: broken(aboutOf(item)) }));
}

const aboutOf = ({ disabledReason, detail }: SelectItem) => disabledReason ?? detail;
