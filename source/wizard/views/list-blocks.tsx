import { type Block, rowsBlock, textBlock } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import { activeItem, type SelectItem, type SelectListState } from '../parts/select-list.ts';
import { SelectListView } from '../parts/select-list-view.tsx';
import { wrapText } from '../parts/wrap-text.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

const gap = 2;
/** Cut shorter than this, a detail tells nothing. */
const leastDetail = 16;
const fewestRows = 3;
/** A longer list leaves room for the answers above it. */
const enoughRows = 8;

/** A question with a list of answers. */
export function questionBlocks(
  question: string,
  list: SelectListState | undefined,
  { width }: Place,
): Block[] {
  if (list === undefined) return [];
  return [textBlock('question', question, { width, weight: weights.question }), ...listBlocks(list, width)];
}

/** Details that do not fit beside their answers stand below, for the active one. */
export function listBlocks(list: SelectListState, width: number): Block[] {
  const label = Math.max(...list.items.map(item => textWidth(item.label)));
  const room = width - (list.multiple ? 6 : 2) - label - gap;
  const longest = Math.max(0, ...list.items.map(item => textWidth(item.detail ?? '')));
  const shown = room < leastDetail ? withoutDetails(list) : list;
  const below = longest > room ? [detailBlock(list, width)] : [];
  return [listBlock(shown, width), ...below];
}

function listBlock(list: SelectListState, width: number): Block {
  const max =
    Math.max(1, list.shown.length) + (list.multiple || list.filter !== '' || list.items.length > 7 ? 1 : 0);
  return {
    key: 'list',
    weight: weights.field,
    min: Math.min(fewestRows, max),
    enough: Math.min(enoughRows, max),
    max,
    draw: rows => <SelectListView state={list} width={width} height={rows} />,
  };
}

/** As high for each item, or the screen would move with every key. */
function detailBlock(list: SelectListState, width: number): Block {
  const rowsOf = (item: SelectItem | undefined) => wrapText(item?.detail ?? '', width);
  const height = Math.max(...list.items.map(item => rowsOf(item).length));
  const rows = rowsOf(activeItem(list));
  return rowsBlock('detail', [...rows, ...Array<string>(height - rows.length).fill('')], {
    weight: weights.detail,
  });
}

function withoutDetails(list: SelectListState): SelectListState {
  return { ...list, items: list.items.map(({ detail: _, ...item }) => item) };
}
