import { stripVTControlCharacters } from 'node:util';
import { graphemes } from './graphemes.ts';
import type { Key } from './keys.ts';
import { after, before, blankWordStart, settle, wordEnd, wordStart } from './text-cursor.ts';

type Snapshot = { readonly value: string; readonly cursor: number };

/** `cursor` is an offset into `value`, always between two characters as a person sees them. */
export type TextFieldState = Snapshot & {
  readonly maxLength: number;
  readonly past: readonly Snapshot[];
  /** What the last edit was: typing in one go is undone in one go. */
  readonly run: 'insert' | 'delete' | undefined;
};

const pastLimit = 100;

export function createTextField(
  value = '',
  { maxLength = 65_536 }: { maxLength?: number } = {},
): TextFieldState {
  return { value, cursor: value.length, maxLength, past: [], run: undefined };
}

/** Replaces the whole text, as one step that can be undone. */
export function setText(state: TextFieldState, value: string): TextFieldState {
  return value === state.value ? state : edit(state, { value, cursor: value.length }, undefined);
}

function edit(state: TextFieldState, next: Snapshot, run: TextFieldState['run']): TextFieldState {
  if (next.value === state.value) return next.cursor === state.cursor ? state : move(state, next.cursor);
  const joins = run !== undefined && run === state.run;
  const past = joins
    ? state.past
    : [...state.past, { value: state.value, cursor: state.cursor }].slice(-pastLimit);
  return { ...state, ...next, past, run };
}

const move = (state: TextFieldState, cursor: number): TextFieldState =>
  cursor === state.cursor && state.run === undefined ? state : { ...state, cursor, run: undefined };

function insert(state: TextFieldState, text: string, run: TextFieldState['run']): TextFieldState {
  const head = state.value.slice(0, state.cursor) + text;
  const value = head + state.value.slice(state.cursor);
  if (graphemes(value).length > state.maxLength) return state;
  return edit(state, { value, cursor: settle(value, head.length) }, run);
}

function remove(state: TextFieldState, from: number, to: number, run?: 'delete'): TextFieldState {
  const value = state.value.slice(0, from) + state.value.slice(to);
  return edit(state, { value, cursor: settle(value, from) }, run);
}

const startsNewWord = ({ value, cursor }: TextFieldState, text: string) =>
  text !== ' ' && value.charAt(cursor - 1) === ' ';

function undo(state: TextFieldState): TextFieldState {
  const last = state.past.at(-1);
  return last ? { ...state, ...last, past: state.past.slice(0, -1), run: undefined } : state;
}

// Web pages put zero-width spaces and direction marks around what is copied from them.
const invisible = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** What was pasted as one line; line ends go without a trace, since a terminal puts them into anything it wrapped. */
export function pastedText(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\t', ' ').replace(invisible, '').trim();
}

function paste(state: TextFieldState, text: string): TextFieldState {
  const room = state.maxLength - graphemes(state.value).length;
  return insert(state, graphemes(pastedText(text)).slice(0, Math.max(0, room)).join(''), undefined);
}

function control(state: TextFieldState, letter: string): TextFieldState {
  const { value, cursor } = state;
  switch (letter) {
    case 'a':
      return move(state, 0);
    case 'e':
      return move(state, value.length);
    case 'b':
      return move(state, before(value, cursor));
    case 'f':
      return move(state, after(value, cursor));
    case 'd':
      return remove(state, cursor, after(value, cursor));
    case 'u':
      return remove(state, 0, cursor);
    case 'k':
      return remove(state, cursor, value.length);
    case 'w':
      return remove(state, blankWordStart(value, cursor), cursor);
    case '_':
      return undo(state);
    default:
      return state;
  }
}

/** The field after a key; the very same state when the key is none of its business (Enter, Escape, Tab, arrows up and down). */
export function textFieldKey(state: TextFieldState, key: Key): TextFieldState {
  const { value, cursor } = state;
  switch (key.name) {
    case 'text':
      return insert(
        startsNewWord(state, key.text) ? { ...state, run: undefined } : state,
        key.text,
        'insert',
      );
    case 'paste':
      return paste(state, key.text);
    case 'ctrl':
      return control(state, key.letter);
    case 'left':
      return move(state, before(value, cursor));
    case 'right':
      return move(state, after(value, cursor));
    case 'home':
      return move(state, 0);
    case 'end':
      return move(state, value.length);
    case 'wordleft':
      return move(state, wordStart(value, cursor));
    case 'wordright':
      return move(state, wordEnd(value, cursor));
    case 'backspace':
      return remove(state, before(value, cursor), cursor, 'delete');
    case 'delete':
      return remove(state, cursor, after(value, cursor), 'delete');
    case 'killwordleft':
      return remove(state, wordStart(value, cursor), cursor);
    case 'killwordright':
      return remove(state, cursor, wordEnd(value, cursor));
    default:
      return state;
  }
}
