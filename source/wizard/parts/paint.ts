import type { ColorLevel } from '../../system/terminal.ts';
import { leadOf, leadWidth } from './choice-rows.ts';
import { fieldWindow } from './field-window.ts';
import { footerText } from './footer-text.ts';
import { fitText } from './graphemes.ts';
import { layOut } from './layout.ts';
import { listRows } from './list-rows.ts';
import type { Marks } from './marks.ts';
import { cutRows, type Shape, type ShapedBlock, type Style } from './shapes.ts';
import { theme } from './theme.ts';
import { words } from './words.ts';

type Look = { readonly marks: Marks; readonly color: ColorLevel };

export type Painted = {
  /** As they go to the terminal. */
  readonly lines: readonly string[];
  /** As they are read. */
  readonly texts: readonly string[];
  /** In the field, if there is one. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
};

type Piece = { readonly text: string; readonly style: Style };
type Row = readonly Piece[];
type Picture = { readonly rows: readonly Row[]; readonly cursor?: number };

/** Draws blocks without React and Ink, cell for cell as these do; colours apart, which no first question has. */
export function paintBlocks(blocks: readonly ShapedBlock[], height: number, look: Look): Painted {
  const painted: Row[] = [];
  let cursor: Painted['cursor'];
  for (const { block, rows } of layOut(blocks, height)) {
    const picture = pictureOf(block.shape, rows, look.marks);
    if (picture.cursor !== undefined) cursor = { x: picture.cursor, y: painted.length };
    for (let row = 0; row < rows; row++) painted.push(picture.rows[row] ?? []);
  }
  return {
    lines: painted.map(row => row.map(piece => styled(piece, look.color)).join('')),
    texts: painted.map(row => row.map(({ text }) => text).join('')),
    cursor,
  };
}

function pictureOf(shape: Shape, height: number, marks: Marks): Picture {
  switch (shape.kind) {
    case 'gap':
      return { rows: [] };
    case 'words':
      return { rows: cutRows(shape.rows, height, shape.ellipsis).map(text => [piece(text, shape.style)]) };
    case 'field': {
      const { state, width, placeholder = '' } = shape;
      const { text, cursor } = fieldWindow(state.value, state.cursor, width);
      const shown = state.value === '' ? fitText(placeholder, width, marks.ellipsis) : text;
      return { rows: [[piece(shown)]], cursor };
    }
    case 'list': {
      const { state, width, cellsOf } = shape;
      const { status, rows } = listRows(state, { width, height }, marks, cellsOf);
      const above = status === undefined ? [] : [[piece(status, state.filter === '' ? {} : theme.strong)]];
      const items = rows.map(({ before, label, after, isActive }) => [
        piece(before),
        piece(label, isActive ? theme.active : {}),
        piece(after),
      ]);
      return { rows: [...above, ...(items.length === 0 ? [[piece(words.nothingToChoose)]] : items)] };
    }
    case 'choices': {
      const { list, rows } = shape;
      const indent = ' '.repeat(leadWidth(list));
      const answers = rows.map(({ label, about }, index) => {
        const style = list.items[index]?.id === list.activeId ? theme.active : {};
        const lead = (row: number) => piece(row === 0 ? leadOf(list, index, marks) : indent);
        const labels = label.map((text, row) => [lead(row), piece(text, style)]);
        return [...labels, ...about.map(text => [piece(indent), piece(text)])];
      });
      return { rows: answers.flat() };
    }
    case 'keys':
      return { rows: [[piece(footerText(shape.hints, shape.width, ` ${marks.separator} `))]] };
  }
}

const piece = (text: string, style: Style = {}): Piece => ({ text, style });

function styled({ text, style }: Piece, color: ColorLevel): string {
  if (color === 0 || text === '') return text;
  const bold = style.bold ? `\u001b[1m${text}\u001b[22m` : text;
  return style.inverse ? `\u001b[7m${bold}\u001b[27m` : bold;
}
