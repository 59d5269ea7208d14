import type { Block } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import { textBlock } from '../parts/shapes.ts';
import { theme } from '../parts/theme.ts';
import { texts } from '../texts.ts';
import type { Waiting } from '../waiting.ts';
import type { Place } from './place.ts';
import { qrBlock } from './qr-block.tsx';
import { spinnerBlock } from './spinner-block.tsx';
import { TimeLeft } from './time-left.tsx';
import { weights } from './weights.ts';

/** A code that is entered elsewhere. It stands above too, where it can be copied; here it is to be read. */
export function deviceBlocks(
  waiting: Extract<Waiting, { kind: 'device' }>,
  place: Place,
  isQrShown: boolean,
): Block[] {
  const { code, trouble, url } = waiting;
  const { width, demoHints } = place;
  const left: Block = {
    key: `left ${code.userCode}`,
    weight: weights.fact,
    min: 1,
    max: 1,
    draw: () => <TimeLeft expiresAt={code.expiresAt} width={width} />,
  };
  const advice = texts.deviceAdvice(code.verificationUri.host);
  return [
    textBlock('code question', texts.deviceCode, { width, weight: weights.question }),
    textBlock('code', spaced(code.userCode, width), { width, weight: weights.problem, style: theme.strong }),
    ...(isQrShown ? [qrBlock(url.href, place)] : []),
    spinnerBlock(texts.waitingForLogin, width, code.userCode),
    left,
    ...(trouble === undefined
      ? []
      : [textBlock('trouble', trouble, { width, weight: weights.fact, style: theme.warn })]),
    textBlock('advice', advice, { width, weight: weights.detail }),
    ...demoHints.map((hint, index) => textBlock(`demo ${index}`, hint, { width, weight: weights.fact })),
  ];
}

/** As large as letters in a terminal get. */
function spaced(code: string, width: number): string {
  const indent = '  ';
  const wide = indent + [...code].join('\u00a0');
  return textWidth(wide) <= width ? wide : code;
}
