import type { Block } from '../parts/blocks.tsx';
import { textBlock } from '../parts/shapes.ts';
import type { TextFieldState } from '../parts/text-field.ts';
import { theme } from '../parts/theme.ts';
import { texts } from '../texts.ts';
import type { Waiting } from '../waiting.ts';
import { deviceBlocks } from './device-blocks.tsx';
import { fieldBlock } from './field-block.ts';
import type { Place } from './place.ts';
import { qrBlock } from './qr-block.tsx';
import { spinnerBlock } from './spinner-block.tsx';
import { weights } from './weights.ts';

/** A login that waits for its person. The address stands above, where it can be copied whole. */
export function waitingBlocks(
  waiting: Waiting | undefined,
  field: TextFieldState,
  place: Place,
  isQrShown = false,
): Block[] {
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
  if (waiting.kind === 'paste') return pasteBlocks(waiting, field, width);
  if (waiting.kind === 'device') return deviceBlocks(waiting, place, isQrShown);
  const trouble = waiting.kind === 'portal' ? waiting.trouble : undefined;
  return [
    ...(isQrShown ? [qrBlock(waiting.url.href, place)] : []),
    spinnerBlock(texts.waitingForLogin, width, waiting.url.href),
    ...(trouble === undefined
      ? []
      : [textBlock('trouble', trouble, { width, weight: weights.fact, style: theme.warn })]),
    ...(demoHints.length === 0
      ? [textBlock('advice', texts.loginAdvice, { width, weight: weights.note })]
      : demoHints.map((hint, index) => textBlock(`demo ${index}`, hint, { width, weight: weights.fact }))),
  ];
}

function pasteBlocks(
  { checking }: Extract<Waiting, { kind: 'paste' }>,
  state: TextFieldState,
  width: number,
): Block[] {
  if (checking) return [spinnerBlock(texts.checkingAnswer, width)];
  const label = texts.pasteAddressQuestion;
  return [
    textBlock('paste', label, { width, weight: weights.question }),
    // The code in it is as good as a password for a moment.
    fieldBlock('field', { state, width, secret: true, label }),
    textBlock('paste help', texts.pasteAddressHelp, { width, weight: weights.note }),
  ];
}
