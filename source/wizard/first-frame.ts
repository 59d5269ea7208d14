import type { ColorLevel } from '../system/terminal.ts';
import type { Marks } from './parts/marks.ts';
import { type Painted, paintBlocks } from './parts/paint.ts';
import { createTextField } from './parts/text-field.ts';
import { firstHints } from './steps/link-hints.ts';
import { steps } from './steps/order.ts';
import { rememberedList } from './steps/remembered-list.ts';
import { around } from './views/around.ts';
import { linkBlocks } from './views/link-blocks.ts';

export type FirstPlace = {
  /** What the live part may fill. */
  readonly columns: number;
  readonly rows: number;
  readonly marks: Marks;
  readonly color: ColorLevel;
};

/**
 * What Ink draws first when the wizard begins with its first question: the field for a login link, or the portals that
 * were used before, the latest first. Without Ink, and without what the wizard is made of.
 */
export function firstFrame(loginLinks: readonly string[], place: FirstPlace): Painted {
  const { columns: width, rows, marks, color } = place;
  const list = rememberedList(loginLinks.map(loginLink => ({ loginLink })));
  const body = linkBlocks({ list, field: createTextField(), fault: undefined }, { width, rows, marks });
  const hints = firstHints(list !== undefined);
  return paintBlocks(around({ step: 'link', steps, body, hints }, { width, marks }), rows, { marks, color });
}
