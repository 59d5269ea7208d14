import { choiceRows } from '../parts/choice-rows.ts';
import { textWidth } from '../parts/graphemes.ts';
import type { CellsOf } from '../parts/list-rows.ts';
import { activeItem, isNumbered, type SelectItem, type SelectListState } from '../parts/select-list.ts';
import { rowsBlock, type ShapedBlock, textBlock } from '../parts/shapes.ts';
import { wrapText } from '../parts/wrap-text.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

const gap = 2;
/** Cut shorter than this, a detail tells nothing. */
const leastDetail = 16;
/** The answer at hand. */
const fewestRows = 1;
/** The answer at hand and those next to it, before anything is said about them. */
const rowsAhead = 3;
/** A list that is numbered. */
const shortList = 9;
/** A longer list leaves room for the answers above it. */
const enoughRows = 8;

/** A question with a list of answers. */
export function questionBlocks(
  question: string,
  list: SelectListState | undefined,
  place: Room,
  cellsOf?: CellsOf,
): ShapedBlock[] {
  if (list === undefined) return [];
  const asked = textBlock('question', question, { width: place.width, weight: weights.question });
  return [asked, ...listBlocks(list, place, asked.max, cellsOf)];
}

type Room = Pick<Place, 'width' | 'rows'>;

/** The title, the keys and a problem's first rows. */
const otherRows = 4;

/**
 * Details that do not fit beside their answers stand below each where there is room for all, and otherwise below the list,
 * for the active one. `besides`: rows that what stands above the list takes.
 */
export function listBlocks(
  list: SelectListState,
  { width, rows = 24 }: Room,
  besides: number,
  cellsOf?: CellsOf,
): ShapedBlock[] {
  const { label, detail } = widthsOf(list.items);
  const whole = wholeBlock(list, width, rows - besides - otherRows);
  if (whole !== undefined) return [whole];
  const room = width - (list.multiple ? 6 : 2) - (isNumbered(list) ? 2 : 0) - label - gap;
  const active = activeItem(list);
  const cells = active === undefined ? [] : (cellsOf?.(active.id) ?? []).filter(cell => cell !== '');
  const beside = cells.reduce((sum, cell) => sum + textWidth(cell) + gap, 0);
  const shown = room < leastDetail ? withoutDetails(list) : list;
  const isCut = label > width - (list.multiple ? 6 : 2) - (isNumbered(list) ? 2 : 0);
  const below = detail + beside > room || isCut ? [detailBlock(list, cells, width, isCut)] : [];
  return [listBlock(shown, width, room < leastDetail ? undefined : cellsOf), ...below];
}

/** A short list with all its words, where something would be cut otherwise and there is room for it. */
function wholeBlock(list: SelectListState, width: number, room: number): ShapedBlock | undefined {
  if (list.multiple || list.items.length > shortList || list.filter !== '') return undefined;
  const label = Math.max(...list.items.map(item => textWidth(item.label)));
  const beside = Math.max(0, ...list.items.map(item => textWidth(item.disabledReason ?? item.detail ?? '')));
  const lead = 2 + (isNumbered(list) ? 2 : 0);
  if (lead + label + (beside === 0 ? 0 : gap + beside) <= width) return undefined;
  const rows = choiceRows(list, width);
  const height = rows.reduce((sum, { label, about }) => sum + label.length + about.length, 0);
  if (height > room) return undefined;
  return {
    key: 'list',
    weight: weights.field,
    min: height,
    max: height,
    shape: { kind: 'choices', list, rows },
  };
}

function listBlock(list: SelectListState, width: number, cellsOf: CellsOf | undefined): ShapedBlock {
  const max =
    Math.max(1, list.shown.length) + (list.multiple || list.filter !== '' || list.items.length > 7 ? 1 : 0);
  return {
    key: 'list',
    weight: weights.field,
    min: Math.min(fewestRows, max),
    ahead: Math.min(rowsAhead, max),
    enough: Math.min(enoughRows, max),
    max,
    shape: { kind: 'list', state: list, width, cellsOf },
  };
}

/** As high for each item, or the screen would move with every key. */
function detailBlock(
  list: SelectListState,
  cells: readonly string[],
  width: number,
  isCut: boolean,
): ShapedBlock {
  const active = activeItem(list);
  const text = [isCut ? active?.label : undefined, active?.detail, cells.join(', ')]
    .filter(part => part !== undefined && part !== '')
    .join('  ');
  const rows = wrapText(text, width);
  const height = Math.max(rows.length, highest(list, width));
  return rowsBlock('detail', [...rows, ...Array<string>(height - rows.length).fill('')], {
    weight: weights.detail,
  });
}

type Widths = { readonly label: number; readonly detail: number };
const known = new WeakMap<readonly SelectItem[], Widths>();

/** The widest label and detail; of thousands of items this is not measured at every key. */
function widthsOf(items: readonly SelectItem[]): Widths {
  const before = known.get(items);
  if (before !== undefined) return before;
  let [label, detail] = [0, 0];
  for (const item of items) {
    label = Math.max(label, textWidth(item.label));
    detail = Math.max(detail, textWidth(item.detail ?? ''));
  }
  const widths = { label, detail };
  known.set(items, widths);
  return widths;
}

const fewItems = 50;

function highest({ items }: SelectListState, width: number): number {
  // Details of long lists are addresses, which have no blanks to break at.
  if (items.length > fewItems) return Math.ceil(widthsOf(items).detail / width);
  return Math.max(...items.map(item => wrapText(item.detail ?? '', width).length));
}

function withoutDetails(list: SelectListState): SelectListState {
  return { ...list, items: bareItems(list.items) };
}

const bare = new WeakMap<readonly SelectItem[], readonly SelectItem[]>();

function bareItems(items: readonly SelectItem[]): readonly SelectItem[] {
  const before = bare.get(items) ?? items.map(({ detail: _, ...item }) => item);
  bare.set(items, before);
  return before;
}
