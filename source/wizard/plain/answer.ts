import type { Key } from '../parts/keys.ts';
import { search } from '../parts/search.ts';
import { activeItem, type SelectItem, type SelectListState } from '../parts/select-list.ts';
import type { State } from '../state.ts';
import { type Control, controlOf } from '../steps/control.ts';
import { nameFault } from '../steps/names.ts';

/** What a line comes to: keys for the wizard, a shorter list to choose from, or nothing it could be. */
export type Reading =
  | { readonly kind: 'keys'; readonly keys: readonly Key[] }
  | { readonly kind: 'found'; readonly places: readonly number[] }
  | { readonly kind: 'nothing' };

const enter: Key = { name: 'enter' };
const keys = (...all: readonly Key[]): Reading => ({ kind: 'keys', keys: all });
const letter = (text: string): Key => ({ name: 'text', text });

/** What a line from a person or a script means where the wizard is. */
export function readAnswer(state: State, line: string): Reading {
  const text = line.trim();
  if (text === '!') return keys({ name: 'ctrl', letter: 'c' });
  if (text === '<') return keys({ name: 'escape' });
  if (text === '?') return keys({ name: 'ctrl', letter: 'g' });
  const control = controlOf(state);
  switch (control.kind) {
    case 'list':
      return readChoice(control.list, text);
    case 'field':
      return readField(state, control, text);
    case 'confirm':
      if (text === '') return keys(enter);
      return text.length === 1 ? keys(letter(text.toLowerCase())) : { kind: 'nothing' };
    case 'wait':
      return text.length === 1 ? keys(letter(text.toLowerCase())) : { kind: 'nothing' };
  }
}

function readField(state: State, { field }: Extract<Control, { kind: 'field' }>, text: string): Reading {
  if (text === '') {
    const row = state.step === 'names' ? state.nameRows[state.activeName] : undefined;
    // An empty line takes what stands in brackets, the free name in place of one that is taken.
    const isOffered = row !== undefined && nameFault(state, row)?.free !== undefined;
    return isOffered ? keys({ name: 'tab' }, enter) : keys(enter);
  }
  const emptied: readonly Key[] =
    field.value === ''
      ? []
      : [
          { name: 'ctrl', letter: 'e' },
          { name: 'ctrl', letter: 'u' },
        ];
  return keys(...emptied, { name: 'paste', text }, enter);
}

function readChoice(list: SelectListState, text: string): Reading {
  if (text === '') return keys(enter);
  if (list.multiple && text.toLowerCase() === 'all') return pick(list.items);
  const numbers = text.split(/[\s,]+/).filter(part => part !== '');
  if (numbers.every(part => /^\d{1,6}$/.test(part))) {
    const items = numbers.map(part => list.items[Number(part) - 1]);
    const isGood = items.every(item => item !== undefined && item.disabledReason === undefined);
    if (isGood && (list.multiple || items.length === 1))
      return pick(items.filter(item => item !== undefined));
    // A name may be a number too.
  }
  const named = list.items.filter(item => item.label === text || item.id === text);
  if (named.length === 1) return pick(named);
  const places = search(list.index, text);
  const [only, second] = places;
  const item = only === undefined ? undefined : list.items[only];
  if (item !== undefined && second === undefined) return pick([item]);
  return places.length === 0 ? { kind: 'nothing' } : { kind: 'found', places };
}

function pick(items: readonly SelectItem[]): Reading {
  return keys({ name: 'pick', ids: items.map(({ id }) => id) }, enter);
}

/** The numbers or the number that an empty line takes. */
export function proposed(list: SelectListState): string {
  const numberOf = (id: string) => list.items.findIndex(item => item.id === id) + 1;
  if (list.multiple)
    return [...list.chosen]
      .map(numberOf)
      .sort((a, b) => a - b)
      .join(',');
  const active = activeItem(list);
  return active === undefined ? '' : String(numberOf(active.id));
}
