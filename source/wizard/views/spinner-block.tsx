import { Text } from 'ink';
import type { Block } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import { Spinner } from '../parts/spinner.tsx';
import { wrapText } from '../parts/wrap-text.ts';
import { weights } from './weights.ts';

/** Columns for the moving mark and the time. */
const besides = 16;

/** Another `name` is another wait, which is counted from its own beginning. */
export function spinnerBlock(text: string, width: number, name = text): Block {
  const key = `wait ${name}`;
  const rows = textWidth(text) + besides <= width ? [] : wrapText(text, width);
  const { length } = rows;
  // In a narrow window the sentence stands above the clock, and is read whole.
  const draw = (height: number) => (
    <>
      {length > 0 && <Text>{rows.slice(0, height).join('\n')}</Text>}
      {height > length && <Spinner text={length > 0 ? '' : text} width={width} />}
    </>
  );
  return { key, weight: weights.field, min: Math.max(1, length), max: length + 1, draw };
}
