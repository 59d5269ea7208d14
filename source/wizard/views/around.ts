import type { KeyHint } from '../parts/footer-text.ts';
import { fitText, textWidth } from '../parts/graphemes.ts';
import type { ShapedBlock } from '../parts/shapes.ts';
import { rowsBlock } from '../parts/shapes.ts';
import { theme } from '../parts/theme.ts';
import type { Step } from '../steps/order.ts';
import { texts } from '../texts.ts';
import { gap } from './gap.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

type Question<Block> = {
  readonly step: Step;
  readonly steps: readonly Step[];
  readonly body: readonly Block[];
  readonly hints: readonly KeyHint[];
};

/** A question from its title to its keys. */
export function around<Block>(
  { step, steps, body, hints }: Question<Block>,
  place: Pick<Place, 'width' | 'marks'>,
): (Block | ShapedBlock)[] {
  const keys = { kind: 'keys', hints, width: place.width } as const;
  return [
    rowsBlock('title', [titleOf(step, steps, place)], { weight: weights.title, style: theme.strong }),
    gap('above'),
    ...body,
    gap('below'),
    { key: 'keys', weight: weights.keys, min: 1, max: 1, shape: keys },
  ];
}

function titleOf(
  step: Step,
  steps: readonly Step[],
  { width, marks }: Pick<Place, 'width' | 'marks'>,
): string {
  const number = steps.indexOf(step) + 1;
  const long = texts.step(number, steps.length, texts.titles[step]);
  const short = texts.stepShort(number, steps.length, texts.titles[step]);
  return textWidth(long) <= width ? long : fitText(short, width, marks.ellipsis);
}
