import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrollBy, scrollWindow } from '../../../source/wizard/views/scroll.ts';

test('what fits is not scrolled', () => {
  assert.deepEqual(scrollWindow({ top: 7, rows: 10, all: 10 }), { start: 0, end: 10 });
  assert.equal(scrollBy({ name: 'down' }, { top: 0, rows: 10, all: 10 }), undefined);
});

test('a longer text leaves a row to say where it is, and ends at its last row', () => {
  assert.deepEqual(scrollWindow({ top: 0, rows: 5, all: 10 }), { start: 0, end: 4 });
  assert.deepEqual(scrollWindow({ top: 99, rows: 5, all: 10 }), { start: 6, end: 10 });
  assert.deepEqual(scrollWindow({ top: 3, rows: 1, all: 10 }), { start: 3, end: 4 });
});

test('keys move by a row, by what is drawn, or to an end, and not beyond it', () => {
  const scroll = { top: 2, rows: 5, all: 10 };
  const to = (['up', 'down', 'pageup', 'pagedown', 'home', 'end'] as const).map(name =>
    scrollBy({ name }, scroll),
  );
  assert.deepEqual(to, [1, 3, 0, 6, 0, 6]);
  assert.equal(scrollBy({ name: 'up' }, { ...scroll, top: 0 }), 0);
  assert.equal(scrollBy({ name: 'enter' }, scroll), undefined);
  assert.equal(scrollBy({ name: 'text', text: 'm' }, scroll), undefined);
});

test('a window that got larger scrolls from what is seen in it', () => {
  assert.equal(scrollBy({ name: 'up' }, { top: 99, rows: 5, all: 10 }), 5);
});
