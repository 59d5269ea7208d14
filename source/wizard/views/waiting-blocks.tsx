import { type Block, textBlock } from '../parts/blocks.tsx';
import { Spinner } from '../parts/spinner.tsx';
import type { TextFieldState } from '../parts/text-field.ts';
import { theme } from '../parts/theme.ts';
import type { Waiting } from '../state.ts';
import { texts } from '../texts.ts';
import { fieldBlock } from './field-block.tsx';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

/** A login that waits for its person. The address stands above, where it can be copied whole. */
export function waitingBlocks(waiting: Waiting | undefined, field: TextFieldState, place: Place): Block[] {
  if (waiting === undefined) return [];
  const { width, demoHints } = place;
  if (waiting.kind === 'starting') return [spinnerBlock(texts.starting, width)];
  if (waiting.kind === 'page') {
    if (waiting.checking) return [spinnerBlock(texts.checkingToken, width)];
    return [
      textBlock('paste', texts.pasteQuestion, { width, weight: weights.question }),
      fieldBlock('field', { state: field, width, secret: true, label: texts.pasteQuestion }),
    ];
  }
  const { trouble } = waiting;
  return [
    spinnerBlock(texts.waitingForLogin, width, waiting.url.href),
    ...(trouble === undefined
      ? []
      : [textBlock('trouble', trouble, { width, weight: weights.fact, style: theme.warn })]),
    ...(demoHints.length === 0
      ? [textBlock('advice', texts.loginAdvice, { width, weight: weights.note })]
      : demoHints.map((hint, index) => textBlock(`demo ${index}`, hint, { width, weight: weights.fact }))),
  ];
}

/** Another `name` is another wait, which is counted from its own beginning. */
export function spinnerBlock(text: string, width: number, name = text): Block {
  const draw = () => <Spinner text={text} width={width} />;
  return { key: `wait ${name}`, weight: weights.field, min: 1, max: 1, draw };
}
