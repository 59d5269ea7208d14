import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldWindow } from '../../../source/wizard/parts/field-window.ts';
import { fitText, graphemes, textWidth } from '../../../source/wizard/parts/graphemes.ts';
import { fc } from '../../helpers/seeded.ts';

const cases: [string, string, number, number, string, number][] = [
  ['all of a short line', 'prod', 4, 10, 'prod', 4],
  ['the end of a long line', 'abcdefghij', 10, 5, 'ghij', 4],
  ['the start, when the cursor is there', 'abcdefghij', 0, 5, 'abcde', 0],
  ['some of both sides in the middle', 'abcdefghij', 5, 6, 'cdefgh', 3],
  ['wide characters whole', '東京都東京都', 6, 5, '京都', 4],
];
for (const [name, value, cursor, width, text, column] of cases) {
  test(name, () => assert.deepEqual(fieldWindow(value, cursor, width), { text, cursor: column }));
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '東', 'e\u0301', '👍', ' ') });

test('the window is never wider than the field, and the cursor never outside', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.integer({ min: 1, max: 40 }), (value, place, width) => {
      const characters = graphemes(value);
      const cursor = characters.slice(0, place % (characters.length + 1)).join('').length;
      const window = fieldWindow(value, cursor, width);
      assert.ok(textWidth(window.text) <= width, `${window.text} in ${width}`);
      assert.ok(window.cursor < width);
      assert.ok(value.includes(window.text));
    }),
  );
});

test('a text is cut to a width between characters', () => {
  assert.equal(fitText('production', 6), 'produ…');
  assert.equal(fitText('production', 6, '...'), 'pro...');
  assert.equal(fitText('api.prod.example.com', 11, '…', 'middle'), 'api.p…e.com');
  assert.equal(fitText('東京都', 4), '東…');
  fc.assert(
    fc.property(text, fc.nat(20), fc.constantFrom('end', 'middle'), (value, width, cut) => {
      assert.ok(textWidth(fitText(value, width, '…', cut)) <= width);
    }),
  );
});
