import type { Block } from '../parts/blocks.tsx';
import { Spinner } from '../parts/spinner.tsx';
import { weights } from './weights.ts';

/** Another `name` is another wait, which is counted from its own beginning. */
export function spinnerBlock(text: string, width: number, name = text): Block {
  const draw = () => <Spinner text={text} width={width} />;
  return { key: `wait ${name}`, weight: weights.field, min: 1, max: 1, draw };
}
