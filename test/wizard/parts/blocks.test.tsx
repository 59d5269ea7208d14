import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from 'ink';
import { type Block, Blocks } from '../../../source/wizard/parts/blocks.tsx';
import { textWidth } from '../../../source/wizard/parts/graphemes.ts';
import { layOut } from '../../../source/wizard/parts/layout.ts';
import { textBlock } from '../../../source/wizard/parts/shapes.ts';
import { wrapText } from '../../../source/wizard/parts/wrap-text.ts';
import { fc } from '../../helpers/seeded.ts';
import { renderToFrame } from '../../terminal/harness/frames.tsx';

const block = (key: string, weight: number, min: number, max: number, enough = max): Block => ({
  key,
  weight,
  min,
  max,
  enough,
  draw: rows => <Text>{Array.from({ length: rows }, (_, row) => `${key}${row}`).join('\n')}</Text>,
});

const heights = (blocks: readonly Block[], height: number) =>
  Object.fromEntries(layOut(blocks, height).map(({ block: { key }, rows }) => [key, rows]));

test('with room for all, every block gets all it can use', () => {
  assert.deepEqual(heights([block('a', 1, 1, 2), block('b', 2, 1, 5)], 20), { a: 2, b: 5 });
});

test('the lightest blocks go first, in whatever order they are drawn', () => {
  const blocks = [block('title', 2, 1, 1), block('note', 1, 2, 2), block('list', 3, 3, 3)];
  assert.deepEqual(heights(blocks, 5), { title: 1, list: 3 });
  assert.deepEqual(heights(blocks, 3), { list: 3 });
  assert.deepEqual(heights(blocks, 2), { title: 1 });
});

test('what is left over goes to the heavy ones until they have enough, then to the light ones, then to the heavy ones again', () => {
  const blocks = [block('answers', 1, 0, 4), block('list', 2, 1, 30, 8)];
  assert.deepEqual(heights(blocks, 6), { list: 6 });
  assert.deepEqual(heights(blocks, 10), { answers: 2, list: 8 });
  assert.deepEqual(heights(blocks, 20), { answers: 4, list: 16 });
});

test('blocks never take more rows than there are, nor less than they need', () => {
  const some = fc.array(fc.record({ weight: fc.nat(5), min: fc.nat(4), more: fc.nat(6) }), { maxLength: 8 });
  fc.assert(
    fc.property(some, fc.nat(30), (list, height) => {
      const blocks = list.map(({ weight, min, more }, index) => block(`${index} `, weight, min, min + more));
      const laidOut = layOut(blocks, height);
      assert.ok(laidOut.reduce((sum, { rows }) => sum + rows, 0) <= height);
      for (const { block: each, rows } of laidOut) assert.ok(rows >= each.min && rows <= each.max);
    }),
    { seed: 101 },
  );
});

test('they are drawn one under the other', () => {
  const frame = renderToFrame(<Blocks blocks={[block('a', 1, 1, 1), block('b', 2, 1, 3)]} height={3} />);
  assert.deepEqual(frame, ['a0', 'b0', 'b1']);
});

test('a text is broken at its blanks and indented under its mark', () => {
  const text = textBlock('error', 'The name is taken by another cluster.', {
    width: 20,
    weight: 1,
    lead: 'x ',
  });
  assert.deepEqual(renderToFrame(<Blocks blocks={[text]} height={9} />, { columns: 20 }), [
    'x The name is taken',
    '  by another',
    '  cluster.',
  ]);
});

test('a text that may be cut shows its first rows; another one goes as a whole', () => {
  const text = (canBeCut: boolean) =>
    textBlock('t', 'one two three', { width: 5, weight: 1, ...(canBeCut && { min: 1 }) });
  assert.deepEqual(renderToFrame(<Blocks blocks={[text(true)]} height={2} />, { columns: 5 }), [
    'one',
    'two',
  ]);
  assert.deepEqual(renderToFrame(<Blocks blocks={[text(false)]} height={2} />, { columns: 5 }), ['']);
});

test('wrapped text loses nothing but blanks and stays inside its width', () => {
  assert.deepEqual(wrapText('', 10), ['']);
  assert.deepEqual(wrapText('a bb ccc', 4), ['a bb', 'ccc']);
  assert.deepEqual(wrapText('https://example.com', 8), ['https://', 'example.', 'com']);
  assert.deepEqual(wrapText('東京都 x', 4), ['東京', '都 x']);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, width) => {
      const rows = wrapText(text, width);
      assert.equal(rows.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      for (const row of rows) assert.ok(textWidth(row) <= width, row);
    }),
    { seed: 101 },
  );
});
