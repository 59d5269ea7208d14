import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAssembler } from '../../../source/wizard/parts/input-assembler.ts';
import { fc } from '../../helpers/seeded.ts';

const start = '\u001b[200~';
const end = '\u001b[201~';

test('an arrow in two parts is one arrow, however slow', () => {
  for (const [first, second] of [
    ['\u001b', '[A'],
    ['\u001b[', 'A'],
    ['\u001b[1;', '5D'],
    ['\u001bO', 'B'],
  ] as const) {
    const assembler = createAssembler();
    assert.equal(assembler.push(first), '');
    assert.ok(assembler.patience());
    assert.equal(assembler.push(second), first + second);
    assert.equal(assembler.patience(), undefined);
  }
});

test('a lone Escape is a key soon, half a sequence never', () => {
  const assembler = createAssembler();
  assembler.push('\u001b');
  assert.ok((assembler.patience() ?? 0) <= 60);
  assert.equal(assembler.flush(), '\u001b');
  assembler.push('\u001b[1;');
  assert.equal(assembler.flush(), '');
});

test('a paste without an end does not swallow Ctrl+C', () => {
  const assembler = createAssembler();
  assert.equal(assembler.push(`${start}abc`), `${start}abc`);
  assert.equal(assembler.push('\u0003'), `${end}\u0003`);
  assembler.push(`${start}abc`);
  assert.equal(assembler.flush(), end);
  assert.equal(assembler.push('x'), 'x');
});

const bytes = fc.constantFrom(
  'a',
  'é',
  '👍',
  '\r',
  '\t',
  '\u0015',
  '\u001b[A',
  '\u001b[1;5D',
  '\u001bOB',
  '\u001b[[A',
  '\u001b[3~',
  '\u001bb',
  `${start}x\u001b[A\ny${end}`,
  `${start}${end}`,
);

test('nothing is lost or changed, wherever the input is cut', () => {
  fc.assert(
    fc.property(fc.array(bytes), fc.array(fc.nat(200)), (parts, cuts) => {
      const input = parts.join('');
      const assembler = createAssembler();
      const places = [...new Set(cuts.filter(cut => cut < input.length))].sort((a, b) => a - b);
      let output = '';
      let from = 0;
      for (const place of [...places, input.length]) {
        output += assembler.push(input.slice(from, place));
        from = place;
      }
      assert.equal(output, input);
    }),
  );
});
