import type { ShapedBlock } from '../parts/shapes.ts';
import { weights } from './weights.ts';

/** An empty row, where there is one to spare. */
export const gap = (key: string): ShapedBlock => ({
  key,
  weight: weights.gap,
  min: 0,
  max: 1,
  shape: { kind: 'gap' },
});
