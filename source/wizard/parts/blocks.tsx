import { Box, Text, type TextProps } from 'ink';
import type { ReactNode } from 'react';
import { fitText, textWidth } from './graphemes.ts';
import { wrapText } from './wrap-text.ts';

/** A piece of a screen that knows its height before it is drawn, so that a screen never outgrows its window. */
export type Block = {
  readonly key: string;
  /** What there is no room for goes in this order, the lightest first; room that is left is given the other way round. */
  readonly weight: number;
  /** Rows without which it is not worth drawing. */
  readonly min: number;
  /** Rows it takes before lighter ones are asked, where there are so many; `min` when not given. */
  readonly ahead?: number;
  /** Rows it likes to have, before a lighter one gets more than its own. */
  readonly enough?: number;
  readonly max: number;
  draw(rows: number): ReactNode;
};

export type LaidOut = { readonly block: Block; readonly rows: number };

/** Shares a window's rows out among blocks; those without any are left out. */
export function layOut(blocks: readonly Block[], height: number): LaidOut[] {
  const byWeight = [...blocks].sort((a, b) => b.weight - a.weight);
  const rows = new Map<Block, number>();
  let spare = height;
  for (const block of byWeight) {
    if (block.min > spare) continue;
    const first = Math.min(Math.max(block.min, block.ahead ?? 0), block.max, spare);
    rows.set(block, first);
    spare -= first;
  }
  for (const wanted of [(block: Block) => block.enough ?? block.max, (block: Block) => block.max]) {
    for (const block of byWeight) {
      const has = rows.get(block);
      if (has === undefined) continue;
      const more = Math.max(0, Math.min(wanted(block) - has, spare));
      rows.set(block, has + more);
      spare -= more;
    }
  }
  return blocks.flatMap(block => {
    const count = rows.get(block) ?? 0;
    return count === 0 ? [] : [{ block, rows: count }];
  });
}

export function Blocks({ blocks, height }: { readonly blocks: readonly Block[]; readonly height: number }) {
  return layOut(blocks, height).map(({ block, rows }) => (
    <Box key={block.key} flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      {block.draw(rows)}
    </Box>
  ));
}

type Style = Pick<TextProps, 'color' | 'bold' | 'inverse' | 'underline'>;

export type TextOptions = {
  readonly width: number;
  readonly weight: number;
  readonly style?: Style;
  readonly leadStyle?: Style;
  /** Stands before the first row; the others are indented by as much. */
  readonly lead?: string;
  /** Better so many rows than nothing; all of them when not given. */
  readonly min?: number;
  /** Ends the last row when there is no room for more. */
  readonly ellipsis?: string;
};

/** A sentence or more, in as many rows as it takes. */
export function textBlock(key: string, text: string, options: TextOptions): Block {
  const { lead = '', width } = options;
  const rows = wrapText(text, Math.max(1, width - textWidth(lead)));
  const indent = ' '.repeat(textWidth(lead));
  const indented = rows.map((row, index) => (index === 0 ? '' : indent) + row);
  return rowsBlock(key, indented, options);
}

/** Rows that are broken as they should be already. */
export function rowsBlock(
  key: string,
  rows: readonly string[],
  { weight, style = {}, lead, leadStyle = {}, min: least, ellipsis }: Omit<TextOptions, 'width'>,
): Block {
  const min = Math.min(least ?? rows.length, rows.length);
  const draw = (count: number) => (
    <Text {...style}>
      {lead !== undefined && <Text {...leadStyle}>{lead}</Text>}
      {cutRows(rows, count, ellipsis).join('\n')}
    </Text>
  );
  return { key, weight, min, max: rows.length, draw };
}

function cutRows(rows: readonly string[], count: number, ellipsis = ''): readonly string[] {
  if (count >= rows.length || ellipsis === '') return rows.slice(0, count);
  const widest = Math.max(...rows.map(textWidth));
  const last = rows[count - 1] ?? '';
  const end =
    textWidth(last) + textWidth(ellipsis) <= widest
      ? last + ellipsis
      : fitText(`${last} `, textWidth(last), ellipsis);
  return [...rows.slice(0, count - 1), end];
}
