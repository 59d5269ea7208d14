import type { Marks } from '../parts/marks.ts';

/** What a view must know of the terminal. */
export type Place = {
  readonly width: number;
  readonly marks: Marks;
  readonly demoHints: readonly string[];
  readonly rows?: number;
};
