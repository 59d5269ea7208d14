import type { Shape, ShapedBlock } from '../parts/shapes.ts';
import { weights } from './weights.ts';

type Field = Extract<Shape, { kind: 'field' }>;

export function fieldBlock(key: string, field: Omit<Field, 'kind'>): ShapedBlock {
  return { key, weight: weights.field, min: 1, max: 1, shape: { kind: 'field', ...field } };
}
