import type { UserError } from '../../errors.ts';
import type { SelectListState } from '../parts/select-list.ts';
import { type ShapedBlock, textBlock } from '../parts/shapes.ts';
import type { TextFieldState } from '../parts/text-field.ts';
import { texts } from '../texts.ts';
import { faultBlock } from './fault-block.ts';
import { fieldBlock } from './field-block.ts';
import { questionBlocks } from './list-blocks.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

type Link = {
  /** The portals that can be chosen; undefined while an address is typed. */
  readonly list: SelectListState | undefined;
  readonly field: TextFieldState;
  readonly fault: Pick<UserError, 'message' | 'hint'> | undefined;
};

/** The first question. */
export function linkBlocks({ list, field, fault }: Link, place: Omit<Place, 'demoHints'>): ShapedBlock[] {
  const { linkQuestion: label, linkPlaceholder: placeholder } = texts;
  const { width } = place;
  if (list !== undefined) return questionBlocks(label, list, place);
  return [
    textBlock('question', label, { width, weight: weights.question }),
    fieldBlock('field', { state: field, width, placeholder, label }),
    ...(fault === undefined
      ? [textBlock('link help', texts.linkHelp, { width, weight: weights.note })]
      : [
          faultBlock(fault.message, place),
          textBlock('fault hint', fault.hint ?? '', { width, weight: weights.hint }),
        ]),
  ];
}
