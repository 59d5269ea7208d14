import type { Block } from '../parts/blocks.tsx';
import { weights } from './weights.ts';

/** An empty row, where there is one to spare. */
export const gap = (key: string): Block => ({ key, weight: weights.gap, min: 0, max: 1, draw: () => null });
