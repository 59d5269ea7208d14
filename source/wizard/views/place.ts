import type { ColorLevel } from '../../system/terminal.ts';
import type { Marks } from '../parts/marks.ts';

/** What a view must know of the terminal. */
export type Place = {
  readonly width: number;
  readonly marks: Marks;
  readonly color?: ColorLevel;
  readonly demoHints: readonly string[];
  readonly rows?: number;
};
