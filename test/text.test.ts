import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '../source/text.ts';
import { fc } from './helpers/seeded.ts';

const cases: [string, string, string][] = [
  ['plain words', 'Team Red', 'Team Red'],
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['a clipboard write', 'a\u001b]52;c;ZXZpbA==\u0007b', 'ab'],
  ['a window title', '\u001b]0;evil\u0007name', 'name'],
  ['a link', '\u001b]8;;http://evil.example\u001b\\here\u001b]8;;\u001b\\', 'here'],
  ['line ends and tabs, which become one blank', 'one\r\n\ttwo', 'one two'],
  ['a carriage return that would hide what stands before it', 'safe\rEVIL', 'safe EVIL'],
  ['8-bit control characters', 'a\u009b31mb', 'ab'],
  ['an escape that never ends', 'a\u001b', 'a'],
  ['text turned around', 'abc\u202edef\u2066ghi', 'abcdefghi'],
  ['invisible characters', 'ad\u200bmi\u00adn\ufeff', 'admin'],
  ['blanks around', '  name \n', 'name'],
  ['lone surrogates', 'a\ud800b', 'ab'],
  ['letters of every script and emoji', 'Grüße 東京 🚀', 'Grüße 東京 🚀'],
];

for (const [what, text, expected] of cases) {
  test(`plain text: ${what}`, () => assert.equal(plainText(text), expected));
}

test('a text that is too long ends in an ellipsis, and no character is cut in two', () => {
  assert.equal(plainText('🚀'.repeat(10), 4), '🚀🚀🚀…');
  assert.equal(plainText('abcd', 4), 'abcd');
});

test('whatever comes in, what comes out is one line without control characters, of bounded length', () => {
  const noise = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001b',
        '\u001b[',
        '\u001b]8;;',
        '\u0007',
        '\u009d',
        '\u202e',
        '\r',
        '\n',
        '\u2028',
        '\u0000',
      ),
    ),
  );
  fc.assert(
    fc.property(noise, parts => {
      const text = plainText(parts.join(''), 50);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.ok([...text].length <= 50);
      assert.equal(plainText(text, 50), text);
    }),
  );
});
