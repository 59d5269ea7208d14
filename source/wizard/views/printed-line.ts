import { hyperlink } from '../parts/hyperlink.ts';
import type { Look } from '../parts/look.tsx';
import { paint } from '../parts/theme.ts';
import { wrapText } from '../parts/wrap-text.ts';
import type { Line } from '../state.ts';
import { isAnswer, plainLine } from '../steps/answered.ts';

/** A line above the live part, as it goes to the terminal. Only prose is broken: all else may be copied. */
export function printedLine(line: Line, { marks, color, links }: Look, width: number): string {
  if (typeof line === 'string') return links && /^https?:\/\/\S+$/.test(line) ? hyperlink(line) : line;
  if (isAnswer(line)) return plainLine(line, paint('good', marks.done, color));
  return wrapText(line.prose, width).join('\n');
}
