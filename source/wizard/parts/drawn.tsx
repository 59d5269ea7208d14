import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createContext, type ReactNode, useContext } from 'react';
import { textWidth } from './graphemes.ts';
import type { LiveSize } from './live-size.tsx';

/** Where the terminal's cursor was left in the live part; undefined: below it. */
export type Drawn = { cursor: { readonly x: number; readonly y: number } | undefined };

const DrawnContext = createContext<Drawn>({ cursor: undefined });

export function DrawnProvider({ drawn, children }: { drawn: Drawn; children: ReactNode }) {
  return <DrawnContext value={drawn}>{children}</DrawnContext>;
}

export const useDrawn = (): Drawn => useContext(DrawnContext);

/**
 * How many rows more the live part takes above the cursor, once a terminal that got narrower has broken its lines anew.
 * Ink counts the rows it wrote, and would leave the others standing.
 */
export function reflowedRows(frame: ReactNode, { columns }: LiveSize, { cursor }: Drawn): number {
  const lines = stripVTControlCharacters(renderToString(frame, { columns: 1000 })).split('\n');
  const window = columns + 1;
  const extra = (line: string) => Math.max(0, Math.ceil(textWidth(line.trimEnd()) / window) - 1);
  const above = cursor === undefined ? lines : lines.slice(0, cursor.y);
  const before = cursor === undefined ? 0 : Math.floor(cursor.x / window);
  return above.reduce((sum, line) => sum + extra(line), before);
}

export const eraseAbove = (rows: number) => `\u001b[${rows}A\r\u001b[J`;
