import { fitText, padText, textWidth } from './graphemes.ts';
import { listWindow } from './list-window.ts';
import type { Marks } from './marks.ts';
import { activePlace, isNumbered, type SelectItem, type SelectListState } from './select-list.ts';
import { words } from './words.ts';

/** Short facts beside an item, the most important first; from the last one on they give way. */
export type CellsOf = (id: string) => readonly string[];

export type ListSize = {
  readonly width: number;
  /** Rows the list may take, its own status line among them. */
  readonly height: number;
};

export type ListRow = {
  readonly item: SelectItem;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  /** The row as it is drawn: what stands before the label, the label, and what follows it. */
  readonly before: string;
  readonly label: string;
  readonly after: string;
  /** All that is beside the label, cut or not. */
  readonly detail: string;
};

/** A list as it is drawn: rows around the active one, and a line with the filter and the counts. */
export type ListRows = {
  readonly status: string | undefined;
  readonly rows: readonly ListRow[];
};

const gap = 2;
const smallestDetail = 6;
const narrowest = 30;

const detailOf = (item: SelectItem) => item.disabledReason ?? item.detail ?? '';

export function listRows(
  state: SelectListState,
  { width, height }: ListSize,
  marks: Marks,
  cellsOf?: CellsOf,
): ListRows {
  const size = listPageSize(state, height);
  const { start, end } = listWindow(state.shown.length, activePlace(state), size);
  const items = state.shown.slice(start, end).flatMap(position => state.items[position] ?? []);
  const isCounted = isNumbered(state) && state.filter === '' && width >= narrowest;
  const prefixWidth = (state.multiple ? 6 : 2) + (isCounted ? 2 : 0);
  const all = items.map(item => (item.disabledReason === undefined ? (cellsOf?.(item.id) ?? []) : []));
  const hasCells = all.some(cells => cells.some(cell => cell !== ''));
  const labelWidth = labelColumn(items, width - prefixWidth, hasCells);
  const cells = cellColumns(padded(all), width - prefixWidth - labelWidth - gap);
  const rows = items.map((item, index): ListRow => {
    const [isActive, isChosen] = [item.id === state.activeId, state.chosen.has(item.id)];
    const box = state.multiple ? `${isChosen ? marks.checked : marks.unchecked} ` : '';
    const digit = isCounted ? `${start + index + 1} ` : '';
    const before = `${padText(isActive ? marks.active : '', 2)}${box}${digit}`;
    const room = Math.max(1, width - textWidth(before));
    const detail = [...(cells[index] ?? []), detailOf(item)].join('').trimEnd();
    const detailRoom = room - labelWidth - gap;
    const withDetail = detail !== '' && detailRoom >= smallestDetail;
    const label = fitText(item.label, withDetail ? labelWidth : room, marks.ellipsis, cutOf(item, state));
    const padding = ' '.repeat(Math.max(0, labelWidth - textWidth(label) + gap));
    const after = withDetail ? padding + fitText(detail, detailRoom, marks.ellipsis) : '';
    return { item, isActive, isChosen, before, label, after, detail };
  });
  return { status: needsStatus(state, height) ? statusLine(state, width, marks) : undefined, rows };
}

/** Names are told apart by their ends, sentences are read from their beginning. */
const cutOf = ({ label }: SelectItem, { multiple }: SelectListState) =>
  !multiple && /^\S+ \S+ \S/.test(label) ? 'end' : 'middle';

/** How many items a list of this height draws: what Page Up and Page Down move by. */
export function listPageSize(state: SelectListState, height: number): number {
  return Math.max(1, height - (needsStatus(state, height) ? 1 : 0));
}

// A filter is never out of sight: it is why rows are missing.
const needsStatus = (state: SelectListState, height: number) =>
  (height > 1 && state.filter !== '') ||
  (height > 2 && state.multiple) ||
  (height > 3 && state.items.length > Math.min(height, 7));

function statusLine(state: SelectListState, width: number, { ellipsis }: Marks): string {
  const { filter, shown, items, multiple, chosen } = state;
  const count = words.count(shown.length, items.length);
  const left = filter === '' ? words.typeToFilter : `${words.filter}: ${filter}`;
  const right = multiple ? `${count}, ${words.chosen(chosen.size)}` : count;
  const room = width - textWidth(right) - gap;
  // With room for one only: what was typed, since the rows themselves show what it found.
  const isTyped = filter !== '';
  const only = isTyped ? left : right;
  const text =
    room >= (isTyped ? smallestDetail : textWidth(left))
      ? `${fitText(left, room, ellipsis)}  ${right}`
      : only;
  return fitText(text, width, ellipsis);
}

/** Rows of as many cells each. */
function padded(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const count = Math.max(0, ...rows.map(cells => cells.length));
  return rows.map(cells => Array.from({ length: count }, (_, column) => cells[column] ?? ''));
}

function labelColumn(items: readonly SelectItem[], width: number, hasCells: boolean): number {
  const longest = Math.max(1, ...items.map(item => textWidth(item.label)));
  const isBeside = hasCells || items.some(item => detailOf(item) !== '');
  const shortestDetail = isBeside ? smallestDetail * 2 + gap : 0;
  return Math.max(1, Math.min(longest, Math.max(width - shortestDetail, Math.ceil(width * 0.6))));
}

/** As many columns as leave room for the labels, each as wide as its widest cell among the rows that are drawn. */
function cellColumns(rows: readonly (readonly string[])[], room: number): string[][] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(cells => textWidth(cells[column] ?? ''))),
  );
  let spare = room;
  const kept = widths.map(width => {
    const wanted = width === 0 ? 0 : width + gap;
    const fits = wanted <= spare;
    // A column that does not fit takes those after it along.
    spare = fits ? spare - wanted : 0;
    return fits ? wanted : 0;
  });
  return rows.map(cells =>
    kept.map((columnWidth, column) => (columnWidth === 0 ? '' : padText(cells[column] ?? '', columnWidth))),
  );
}
