import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphemes } from '../../../source/wizard/parts/graphemes.ts';
import type { Key, NamedKey } from '../../../source/wizard/parts/keys.ts';
import {
  createTextField,
  pastedText,
  setText,
  textFieldKey,
} from '../../../source/wizard/parts/text-field.ts';
import { fc } from '../../helpers/seeded.ts';

const ctrl = (letter: string): Key => ({ name: 'ctrl', letter });
const named = (name: NamedKey): Key => ({ name });
const typed = (text: string): Key[] => graphemes(text).map(each => ({ name: 'text', text: each }));
const after = (value: string, ...keys: Key[]) => keys.reduce(textFieldKey, createTextField(value));
const show = ({ value, cursor }: { value: string; cursor: number }) =>
  `${value.slice(0, cursor)}|${value.slice(cursor)}`;

const left = named('left');
const cases: [string, string, Key[], string][] = [
  ['types at the cursor', 'ac', [left, ...typed('b')], 'ab|c'],
  ['left stops at the start', 'a', [left, left, left], '|a'],
  ['right stops at the end', 'a', [named('right')], 'a|'],
  ['moves over an accented letter at once', 'ae\u0301', [left], 'a|e\u0301'],
  ['moves over a family at once', 'a👩‍👩‍👧', [left], 'a|👩‍👩‍👧'],
  ['backspace takes a whole character', '👩‍👩‍👧', [named('backspace')], '|'],
  ['delete takes what is under the cursor', 'abc', [left, left, named('delete')], 'a|c'],
  ['an accent typed alone joins its letter', 'e', typed('\u0301'), 'e\u0301|'],
  ['home and end', 'abc', [named('home'), named('end'), named('home')], '|abc'],
  ['ctrl+a, ctrl+e', 'abc', [ctrl('a'), ...typed('x'), ctrl('e'), ...typed('y')], 'xabcy|'],
  ['ctrl+u cuts what is before', 'abc', [left, ctrl('u')], '|c'],
  ['ctrl+k cuts what is behind', 'abc', [left, left, ctrl('k')], 'a|'],
  ['ctrl+w cuts a word between blanks', 'one two-three ', [ctrl('w')], 'one |'],
  ['word left', 'one two-three', [named('wordleft')], 'one two-|three'],
  ['word left over signs', 'one -- ', [named('wordleft')], '|one -- '],
  ['word right', 'one two', [ctrl('a'), named('wordright')], 'one| two'],
  ['kill word left', 'one two', [named('killwordleft')], 'one |'],
  ['kill word right', 'one two', [ctrl('a'), named('killwordright')], '| two'],
  ['a paste is one line', 'a', [{ name: 'paste', text: 'b\r\nc\n' }], 'abc|'],
  [
    'a paste has no escape sequences',
    '',
    [{ name: 'paste', text: '\u001b[31mred\u001b]52;c;eA==\u0007\u200b' }],
    'red|',
  ],
  ['undo takes back a word', 'a', [...typed(' bc de'), ctrl('_')], 'a bc |'],
  ['undo takes back a paste', 'a', [{ name: 'paste', text: 'bc' }, ctrl('_')], 'a|'],
  ['undo takes back a run of deletions', 'abc', [named('backspace'), named('backspace'), ctrl('_')], 'abc|'],
  ['undo takes back a cut line', 'abc', [left, ctrl('u'), ctrl('_')], 'ab|c'],
];

for (const [name, value, keys, expected] of cases) {
  test(name, () => assert.equal(show(after(value, ...keys)), expected));
}

test('keys of others leave the very same state', () => {
  const state = createTextField('abc');
  for (const name of ['enter', 'escape', 'tab', 'backtab', 'up', 'down', 'pageup'] as const) {
    assert.equal(textFieldKey(state, { name }), state);
  }
  assert.equal(textFieldKey(state, ctrl('c')), state);
});

test('a full field takes no more, a paste fills it', () => {
  const field = createTextField('', { maxLength: 3 });
  assert.equal(typed('abcd').reduce(textFieldKey, field).value, 'abc');
  assert.equal(textFieldKey(field, { name: 'paste', text: 'é👩‍👩‍👧xyz' }).value, 'é👩‍👩‍👧x');
});

test('setText can be undone', () => {
  assert.equal(textFieldKey(setText(createTextField('mine'), 'proposed'), ctrl('_')).value, 'mine');
});

test('pasted text keeps what belongs to words', () => {
  assert.equal(pastedText(' नमस्ते\tماً 👩‍👩‍👧 '), 'नमस्ते ماً 👩‍👩‍👧');
});

const anyKey: fc.Arbitrary<Key> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
      .map(text => ({ name: 'text', text }) as const),
  },
  fc.constantFrom('a', 'e', 'u', 'k', 'w', 'd', 'b', 'f', '_', 'c').map(ctrl),
  fc
    .constantFrom<NamedKey[]>(
      'left',
      'right',
      'home',
      'end',
      'wordleft',
      'wordright',
      'backspace',
      'delete',
      'killwordleft',
      'killwordright',
      'enter',
    )
    .map(named),
  fc.string({ unit: 'binary' }).map(text => ({ name: 'paste', text }) as const),
);

test('the cursor is always between two characters, and undo leads back to the start', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(anyKey, { maxLength: 60 }), (value, keys) => {
      let state = createTextField(value, { maxLength: 40 + value.length });
      for (const key of keys) {
        state = textFieldKey(state, key);
        const before = graphemes(state.value.slice(0, state.cursor));
        assert.equal(graphemes(state.value).slice(0, before.length).join(''), before.join(''));
        assert.doesNotMatch(state.value.slice(value.length), /\n/);
      }
      for (let count = 0; count < 61; count++) state = textFieldKey(state, ctrl('_'));
      assert.equal(state.value, value);
    }),
  );
});
