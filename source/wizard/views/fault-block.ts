import type { Marks } from '../parts/marks.ts';
import { type ShapedBlock, textBlock } from '../parts/shapes.ts';
import { theme } from '../parts/theme.ts';
import { weights } from './weights.ts';

/** What is wrong with what is typed, in three rows however small the window is. */
export function faultBlock(message: string, { width, marks }: { width: number; marks: Marks }): ShapedBlock {
  return textBlock('fault', message, {
    width,
    weight: weights.problem,
    style: theme.bad,
    min: 3,
    ellipsis: marks.ellipsis,
  });
}
