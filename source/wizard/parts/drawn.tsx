import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createContext, type ReactNode, useContext } from 'react';
import type { LiveSize } from './live-size-of.ts';
import { type FrameCursor, reflowedBy } from './reflow.ts';

/** Where the terminal's cursor was left in the live part; undefined: below it. */
export type Drawn = { cursor: FrameCursor };

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
  return reflowedBy(lines, cursor, columns + 1);
}

export const eraseAbove = (rows: number) => `\u001b[${rows}A\r\u001b[J`;
