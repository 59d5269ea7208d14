import { hyperlink } from '../parts/hyperlink.ts';
import type { Look } from '../parts/look.tsx';
import { paint } from '../parts/theme.ts';
import type { Line } from '../state.ts';

/** A line above the live part, as it goes to the terminal. */
export function printedLine(line: Line, { marks, color, links }: Look): string {
  if (typeof line !== 'string') return `${paint('good', marks.done, color)} ${line.label}: ${line.value}`;
  return links && /^https?:\/\/\S+$/.test(line) ? hyperlink(line) : line;
}

/** The same without any sequence. */
export const plainLine = (line: Line, done: string) =>
  typeof line === 'string' ? line : `${done} ${line.label}: ${line.value}`;
