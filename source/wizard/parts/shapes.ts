import type { ChoiceRows } from './choice-rows.ts';
import type { KeyHint } from './footer-text.ts';
import { fitText, textWidth } from './graphemes.ts';
import type { Sized } from './layout.ts';
import type { CellsOf } from './list-rows.ts';
import type { SelectListState } from './select-list.ts';
import type { TextFieldState } from './text-field.ts';
import { wrapText } from './wrap-text.ts';

export type Style = {
  readonly color?: string;
  readonly bold?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
};

/** What a block shows, as data: Ink draws it, and so does what paints the first frame before Ink is loaded. */
export type Shape =
  | { readonly kind: 'gap' }
  | {
      readonly kind: 'words';
      /** Broken as they should be already. */
      readonly rows: readonly string[];
      readonly style: Style;
      readonly lead: string;
      readonly leadStyle: Style;
      /** Ends the last row when there is no room for more. */
      readonly ellipsis: string;
    }
  | {
      readonly kind: 'field';
      readonly state: TextFieldState;
      readonly width: number;
      readonly placeholder?: string;
      /** Shows how much there is, never what: for tokens and secrets. */
      readonly secret?: boolean;
      readonly label?: string;
    }
  | {
      readonly kind: 'list';
      readonly state: SelectListState;
      readonly width: number;
      readonly cellsOf: CellsOf | undefined;
    }
  | {
      readonly kind: 'choices';
      readonly list: SelectListState;
      readonly rows: readonly ChoiceRows[];
    }
  | { readonly kind: 'keys'; readonly hints: readonly KeyHint[]; readonly width: number };

export type ShapedBlock = Sized & { readonly shape: Shape };

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
export function textBlock(key: string, text: string, options: TextOptions): ShapedBlock {
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
  { weight, style = {}, lead = '', leadStyle = {}, min: least, ellipsis = '' }: Omit<TextOptions, 'width'>,
): ShapedBlock {
  const min = Math.min(least ?? rows.length, rows.length);
  const shape = { kind: 'words', rows, style, lead, leadStyle, ellipsis } as const;
  return { key, weight, min, max: rows.length, shape };
}

/** So many rows of them, the last one with a sign that there are more. */
export function cutRows(rows: readonly string[], count: number, ellipsis: string): readonly string[] {
  if (count >= rows.length || ellipsis === '') return rows.slice(0, count);
  const widest = Math.max(...rows.map(textWidth));
  const last = rows[count - 1] ?? '';
  const end =
    textWidth(last) + textWidth(ellipsis) <= widest
      ? last + ellipsis
      : fitText(`${last} `, textWidth(last), ellipsis);
  return [...rows.slice(0, count - 1), end];
}
