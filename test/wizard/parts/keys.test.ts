import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key as InkKey } from 'ink';
import { type Key, keysOf } from '../../../source/wizard/parts/keys.ts';

const none: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

const show = (keys: Key[]) =>
  keys
    .map(key => {
      if (key.name === 'text' || key.name === 'paste') return key.text;
      return key.name === 'ctrl' ? `<ctrl+${key.letter}>` : `<${key.name}>`;
    })
    .join('|');

const cases: [string, string, Partial<InkKey>, string][] = [
  ['text and Enter in one read', 'prod\r', {}, 'p|r|o|d|<enter>'],
  ['Enter twice', '\r\r', {}, '<enter>|<enter>'],
  ['a line end of two characters', 'a\r\nb', {}, 'a|<enter>|b'],
  ['a line feed', '\n', {}, '<enter>'],
  ['text and Tab', 'abc\t', {}, 'a|b|c|<tab>'],
  ['text and Ctrl+U', 'abc\u0015', {}, 'a|b|c|<ctrl+u>'],
  ['text and undo', 'a\u001f', {}, 'a|<ctrl+_>'],
  ['a letter with its accent apart', 'e\u0301x', {}, 'e\u0301|x'],
  ['an emoji of several parts', '👩‍👩‍👧a', {}, '👩‍👩‍👧|a'],
  ['C1 and NUL are no keys', 'a\u0085\u0000b', {}, 'a|b'],
  ['space', ' ', {}, ' '],
  ['Enter', '', { return: true }, '<enter>'],
  ['Alt+Enter is Escape and Enter', '', { return: true, meta: true }, '<escape>|<enter>'],
  ['Escape', '\u001b', { escape: true }, '<escape>'],
  ['Escape twice', '\u001b', { escape: true, meta: true }, '<escape>|<escape>'],
  ['Ctrl+C', 'c', { ctrl: true }, '<ctrl+c>'],
  ['Ctrl+_', '_', { ctrl: true }, '<ctrl+_>'],
  ['Ctrl+Space is nothing', ' ', { ctrl: true }, ''],
  ['Alt+B', 'b', { meta: true }, '<wordleft>'],
  ['Alt+F', 'F', { meta: true, shift: true }, '<wordright>'],
  ['Alt+Q is nothing', 'q', { meta: true }, ''],
  ['Alt+Backspace', '', { backspace: true, meta: true }, '<killwordleft>'],
  ['Ctrl+Left', '', { leftArrow: true, ctrl: true }, '<wordleft>'],
  ['Shift+Tab', '', { tab: true, shift: true }, '<backtab>'],
  ['Page Down', '', { pageDown: true }, '<pagedown>'],
  ['a key let go', 'a', { eventType: 'release' }, ''],
];

for (const [name, input, key, expected] of cases) {
  test(name, () => assert.equal(show(keysOf(input, { ...none, ...key })), expected));
}
