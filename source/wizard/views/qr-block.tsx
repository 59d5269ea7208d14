import { Text } from 'ink';
import type { ReactNode } from 'react';
import { encode } from 'uqr';
import type { Block } from '../parts/blocks.tsx';
import { unicodeMarks } from '../parts/marks.ts';
import { textBlock } from '../parts/shapes.ts';
import { texts } from '../texts.ts';
import type { Waiting } from '../waiting.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

/** Light modules around the code, without which phones do not find it. */
const quietZone = 2;
/** Rows for the code in letters and the keys. */
const otherRows = 3;

/** Black on white whatever the terminal's colours are; without colours it is right on a dark background. */
const halfBlocks = { color: 'whiteBright', backgroundColor: 'black' } as const;

type Modules = readonly (readonly boolean[])[];

/** The address as a QR code, or how large a window it needs. */
export function qrBlock(text: string, place: Place): Block {
  const modules = modulesOf(text);
  const { columns, rows } = sizeOf(modules, place);
  if (!fits(modules, place)) {
    const needed = texts.qrTooLarge(columns + 1, rows + otherRows + 1);
    return textBlock('qr', needed, { width: place.width, weight: weights.hint });
  }
  const draw = isUnicode(place) ? drawHalfBlocks : drawAscii;
  return { key: 'qr', weight: weights.problem, min: rows, max: rows, draw: () => draw(modules) };
}

export function fitsQr(waiting: Waiting | undefined, place: Place): boolean {
  const hasAddress = waiting !== undefined && 'url' in waiting && waiting.kind !== 'page';
  return hasAddress && fits(modulesOf(waiting.url.href), place);
}

// A low level of error correction makes it small, and a screen has no stains.
const modulesOf = (text: string): Modules => encode(text, { ecc: 'L', border: quietZone }).data;

const isUnicode = ({ marks }: Place) => marks === unicodeMarks;

function sizeOf({ length }: Modules, place: Place): { columns: number; rows: number } {
  return isUnicode(place)
    ? { columns: length, rows: Math.ceil(length / 2) }
    : { columns: length * 2, rows: length };
}

function fits(modules: Modules, place: Place): boolean {
  const { columns, rows } = sizeOf(modules, place);
  return columns <= place.width && rows + otherRows <= (place.rows ?? 0);
}

function drawHalfBlocks(modules: Modules): ReactNode {
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const below = modules[row + 1];
    lines.push(
      (modules[row] ?? []).map((dark, column) => halfBlock(dark, below?.[column] ?? false)).join(''),
    );
  }
  return <Text {...halfBlocks}>{lines.join('\n')}</Text>;
}

function halfBlock(isTopDark: boolean, isBottomDark: boolean): string {
  if (isTopDark) return isBottomDark ? ' ' : '▄';
  return isBottomDark ? '▀' : '█';
}

function drawAscii(modules: Modules): ReactNode {
  const rows = modules.map((row, number) => ({ number, runs: runsOf(row) }));
  return rows.map(({ number, runs }) => (
    <Text key={number} wrap="truncate">
      {runs.map(({ start, dark, length }) => (
        <Text key={start} color="whiteBright" backgroundColor={dark ? 'black' : 'whiteBright'}>
          {(dark ? '  ' : '##').repeat(length)}
        </Text>
      ))}
    </Text>
  ));
}

type Run = { readonly start: number; readonly dark: boolean; readonly length: number };

function runsOf(row: readonly boolean[]): Run[] {
  const starts = row.flatMap((dark, index) => (index === 0 || row[index - 1] !== dark ? [index] : []));
  return starts.map((start, index) => ({
    start,
    dark: row[start] ?? false,
    length: (starts[index + 1] ?? row.length) - start,
  }));
}
