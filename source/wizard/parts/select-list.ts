import { graphemes } from './graphemes.ts';
import type { Key } from './keys.ts';
import { type Searchable, search, searchable } from './search.ts';
import { pastedText } from './text-field.ts';

export type SelectItem = {
  readonly id: string;
  readonly label: string;
  /** Shown beside the label, and searched. */
  readonly detail?: string | undefined;
  /** Searched; not shown by the list itself. */
  readonly keywords?: string | undefined;
  readonly disabledReason?: string | undefined;
};

export type SelectListState = {
  readonly items: readonly SelectItem[];
  readonly index: readonly Searchable[];
  readonly multiple: boolean;
  readonly filter: string;
  /** Positions in `items` of what the filter lets through, best first. */
  readonly shown: readonly number[];
  readonly activeId: string | undefined;
  /** The person chose the active item by moving to it: a changing filter keeps it while it is shown. */
  readonly moved: boolean;
  readonly chosen: ReadonlySet<string>;
};

const filterLimit = 200;

export type SelectListOptions = {
  multiple?: boolean;
  activeId?: string | undefined;
  chosen?: Iterable<string>;
};

export function createSelectList(
  items: readonly SelectItem[],
  options: SelectListOptions = {},
): SelectListState {
  const enabled = new Set(items.filter(isEnabled).map(item => item.id));
  const state: SelectListState = {
    items,
    index: indexOf(items),
    multiple: options.multiple ?? false,
    filter: '',
    shown: items.map((_, position) => position),
    activeId: options.activeId,
    moved: false,
    chosen: new Set([...(options.chosen ?? [])].filter(id => enabled.has(id))),
  };
  return settle(state);
}

/** New items under the same list: filter, active item and choices stay wherever they still make sense. */
export function withItems(state: SelectListState, items: readonly SelectItem[]): SelectListState {
  if (items === state.items) return state;
  const index = indexOf(items);
  const enabled = new Set(items.filter(isEnabled).map(item => item.id));
  const chosen = new Set([...state.chosen].filter(id => enabled.has(id)));
  return settle({ ...state, items, index, chosen, shown: search(index, state.filter) });
}

const indexOf = (items: readonly SelectItem[]) =>
  items.map(item => searchable(item.label, `${item.detail ?? ''} ${item.keywords ?? ''}`));

const isEnabled = (item: SelectItem | undefined): item is SelectItem =>
  item !== undefined && item.disabledReason === undefined;

const at = (state: SelectListState, place: number) => state.items[state.shown[place] ?? -1];

/** The place of the active item among the shown ones, -1 when nothing can be selected. */
export function activePlace(state: SelectListState): number {
  return state.shown.findIndex(position => state.items[position]?.id === state.activeId);
}

export function activeItem(state: SelectListState): SelectItem | undefined {
  return at(state, activePlace(state));
}

/** What was ticked, in the order of the items, hidden by the filter or not. */
export function chosenItems(state: SelectListState): SelectItem[] {
  return state.items.filter(item => state.chosen.has(item.id));
}

/** Puts the marker on something that is shown and can be selected. */
function settle(state: SelectListState): SelectListState {
  if (isEnabled(activeItem(state))) return state;
  const first = state.shown.find(position => isEnabled(state.items[position]));
  return { ...state, activeId: state.items[first ?? -1]?.id, moved: false };
}

export function setFilter(state: SelectListState, text: string): SelectListState {
  const filter = text.slice(0, filterLimit);
  if (filter === state.filter) return state;
  const shown = search(state.index, filter);
  const kept = state.moved || filter === '' ? state.activeId : undefined;
  return settle({ ...state, filter, shown, activeId: kept });
}

/** Moves to the place, or to the nearest that can be selected: on in the same direction first, then back. */
function moveTo(state: SelectListState, place: number): SelectListState {
  const from = activePlace(state);
  const target = Math.max(0, Math.min(state.shown.length - 1, place));
  const step = target >= from ? 1 : -1;
  let found = target;
  while (at(state, found) !== undefined && !isEnabled(at(state, found))) found += step;
  if (!at(state, found)) {
    found = target;
    while (found !== from && at(state, found) !== undefined && !isEnabled(at(state, found))) found -= step;
  }
  const item = at(state, found);
  if (!isEnabled(item) || (item.id === state.activeId && state.moved)) return state;
  return { ...state, activeId: item.id, moved: true };
}

function toggle(state: SelectListState, ids: readonly string[]): SelectListState {
  if (ids.length === 0) return state;
  const chosen = new Set(state.chosen);
  const all = ids.every(id => chosen.has(id));
  for (const id of ids) {
    if (all) chosen.delete(id);
    else chosen.add(id);
  }
  return { ...state, chosen };
}

function toggleShown(state: SelectListState): SelectListState {
  const items = state.shown.map(position => state.items[position]).filter(isEnabled);
  return toggle(
    state,
    items.map(item => item.id),
  );
}

/** A short list numbers its rows; a digit that is typed first goes to its row. */
export const isNumbered = ({ items }: SelectListState) => items.length > 1 && items.length <= 9;

function typed(state: SelectListState, text: string): SelectListState {
  const place = Number(text) - 1;
  if (isNumbered(state) && state.filter === '' && /^[1-9]$/.test(text) && isEnabled(at(state, place)))
    return moveTo(state, place);
  if (text !== ' ') return setFilter(state, state.filter + text);
  if (!state.multiple) return state.filter === '' ? state : setFilter(state, `${state.filter} `);
  const item = activeItem(state);
  return item ? toggle(state, [item.id]) : state;
}

function control(state: SelectListState, letter: string): SelectListState {
  switch (letter) {
    case 'n':
      return moveTo(state, activePlace(state) + 1);
    case 'p':
      return moveTo(state, activePlace(state) - 1);
    case 'u':
      return setFilter(state, '');
    case 'w':
      return setFilter(state, state.filter.replace(/\S*\s*$/u, ''));
    case 'a':
      return state.multiple ? toggleShown(state) : state;
    default:
      return state;
  }
}

/** These and no others; what cannot be chosen is left out. */
function pick(state: SelectListState, ids: readonly string[]): SelectListState {
  const items = state.items.filter(item => ids.includes(item.id) && isEnabled(item));
  const all = setFilter(state, '');
  return {
    ...all,
    chosen: state.multiple ? new Set(items.map(item => item.id)) : all.chosen,
    activeId: items[0]?.id ?? all.activeId,
    moved: true,
  };
}

const pageSize = 10;

/** The list after a key; the very same state when the key is none of its business (Enter, Escape, Tab, left, right). */
export function selectListKey(state: SelectListState, key: Key): SelectListState {
  switch (key.name) {
    case 'pick':
      return pick(state, key.ids);
    case 'text':
      return typed(state, key.text);
    case 'paste':
      return setFilter(state, state.filter + pastedText(key.text.trimStart().split(/[\r\n]/u)[0] ?? ''));
    case 'ctrl':
      return control(state, key.letter);
    case 'up':
      return moveTo(state, activePlace(state) - 1);
    case 'down':
      return moveTo(state, activePlace(state) + 1);
    case 'pageup':
      return moveTo(state, activePlace(state) - (key.by ?? pageSize));
    case 'pagedown':
      return moveTo(state, activePlace(state) + (key.by ?? pageSize));
    case 'home':
      return moveTo(state, 0);
    case 'end':
      return moveTo(state, state.shown.length - 1);
    case 'backspace':
      return setFilter(state, graphemes(state.filter).slice(0, -1).join(''));
    case 'killwordleft':
      return setFilter(state, state.filter.replace(/\S*\s*$/u, ''));
    default:
      return state;
  }
}
