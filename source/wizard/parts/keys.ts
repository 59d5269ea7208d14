import type { Key as InkKey } from 'ink';
import { graphemes } from './graphemes.ts';

export type NamedKey =
  | 'enter'
  | 'escape'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'pageup'
  | 'pagedown'
  | 'tab'
  | 'backtab'
  | 'backspace'
  | 'delete'
  | 'wordleft'
  | 'wordright'
  | 'killwordleft'
  | 'killwordright';

/** One key. `text` is one character as a person counts them; the space bar is text. */
export type Key =
  /** `by`: the rows of the window that a page key moves over, where somebody knows them. */
  | { readonly name: NamedKey; readonly by?: number }
  /** Not a key of any keyboard: the answers themselves, from a front end without a marker to move. */
  | { readonly name: 'pick'; readonly ids: readonly string[] }
  /** What a key that moves comes to where rows are scrolled: the row that is then the first. */
  | { readonly name: 'scroll'; readonly to: number }
  | { readonly name: 'text'; readonly text: string }
  | { readonly name: 'ctrl'; readonly letter: string }
  | { readonly name: 'paste'; readonly text: string };

const controlLetter = (code: number) => String.fromCharCode(code + (code <= 26 ? 96 : 64));

function controlKey(code: number): Key | undefined {
  if (code === 0x0d || code === 0x0a) return { name: 'enter' };
  if (code === 0x09) return { name: 'tab' };
  if (code === 0x08 || code === 0x7f) return { name: 'backspace' };
  if (code === 0x1b) return { name: 'escape' };
  // C1 controls arrive from broken encodings only.
  if (code > 0x7f || code === 0) return;
  return { name: 'ctrl', letter: controlLetter(code) };
}

const isControl = (code: number) => code < 0x20 || (code >= 0x7f && code < 0xa0);

/** Ink hands over what one read returned, as one string: `prod\r` is four letters and Enter. */
function splitInput(input: string): Key[] {
  const keys: Key[] = [];
  let text = '';
  const flush = () => {
    for (const character of graphemes(text)) keys.push({ name: 'text', text: character });
    text = '';
  };
  let previous = 0;
  for (const character of input) {
    const code = character.codePointAt(0) ?? 0;
    if (isControl(code)) {
      flush();
      const key = code === 0x0a && previous === 0x0d ? undefined : controlKey(code);
      if (key) keys.push(key);
    } else {
      text += character;
    }
    previous = code;
  }
  flush();
  return keys;
}

const wordKeys: Readonly<Record<string, NamedKey>> = { b: 'wordleft', f: 'wordright', d: 'killwordright' };

function namedKey(key: InkKey): NamedKey | undefined {
  const word = key.ctrl || key.meta;
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return word ? 'wordleft' : 'left';
  if (key.rightArrow) return word ? 'wordright' : 'right';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.backspace) return key.meta ? 'killwordleft' : 'backspace';
  if (key.delete) return word ? 'killwordright' : 'delete';
  if (key.tab) return key.shift ? 'backtab' : 'tab';
  return;
}

/** The keys behind one call of Ink's `useInput`, however many were glued into it. */
export function keysOf(input: string, key: InkKey): Key[] {
  if (key.eventType === 'release') return [];
  // Escape and the next key look like Alt with that key when they arrive together.
  if (key.escape) return key.meta ? [{ name: 'escape' }, { name: 'escape' }] : [{ name: 'escape' }];
  if (key.return) return key.meta ? [{ name: 'escape' }, { name: 'enter' }] : [{ name: 'enter' }];
  const name = namedKey(key);
  if (name) return [{ name }];
  if (key.meta) {
    const word = wordKeys[input.toLowerCase()];
    return word ? [{ name: word }] : [];
  }
  if (key.ctrl) return /^[a-z\\\]^_]$/.test(input) ? [{ name: 'ctrl', letter: input }] : [];
  return splitInput(input);
}

export const isCtrl = (key: Key, letter: string) => key.name === 'ctrl' && key.letter === letter;

export const isText = (key: Key, text: string) => key.name === 'text' && key.text === text;
