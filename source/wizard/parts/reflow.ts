import { textWidth } from './graphemes.ts';

/** Where the terminal's cursor was left in a frame, from its top left; undefined: below it. */
export type FrameCursor = { readonly x: number; readonly y: number } | undefined;

/**
 * How many rows more the lines of a frame take above the cursor, once a terminal has broken them anew.
 * @param columns of the window
 */
export function reflowedBy(lines: readonly string[], cursor: FrameCursor, columns: number): number {
  const extra = (line: string) => Math.max(0, Math.ceil(textWidth(line.trimEnd()) / columns) - 1);
  const above = cursor === undefined ? lines : lines.slice(0, cursor.y);
  const before = cursor === undefined ? 0 : Math.floor(cursor.x / columns);
  return above.reduce((sum, line) => sum + extra(line), before);
}
