import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReactNode } from 'react';
import { Footer } from '../../../source/wizard/parts/footer.tsx';
import { footerText } from '../../../source/wizard/parts/footer-text.ts';
import { textWidth } from '../../../source/wizard/parts/graphemes.ts';
import { listPageSize } from '../../../source/wizard/parts/list-rows.ts';
import { listWindow } from '../../../source/wizard/parts/list-window.ts';
import {
  createSelectList,
  type SelectListState,
  selectListKey,
  setFilter,
} from '../../../source/wizard/parts/select-list.ts';
import { SelectListView } from '../../../source/wizard/parts/select-list-view.tsx';
import { Spinner } from '../../../source/wizard/parts/spinner.tsx';
import { createTextField } from '../../../source/wizard/parts/text-field.ts';
import { TextFieldView } from '../../../source/wizard/parts/text-field-view.tsx';
import { words } from '../../../source/wizard/parts/words.ts';
import { asciiLook, renderToFrame } from '../../terminal/harness/frames.tsx';

const widths = [1, 4, 20, 40, 80, 200];
const items = [
  { id: 'a', label: 'production-europe-frankfurt-1', detail: 'platform · https://api.prod.example.com:6443' },
  { id: 'b', label: '東京都のクラスター', detail: 'ops' },
  { id: 'c', label: 'e\u0301cole 👩‍👩‍👧 family', disabledReason: 'not reachable: no answer in 5 s' },
  ...Array.from({ length: 30 }, (_, number) => ({ id: `n${number}`, label: `cluster-${number}` })),
];

const fits = (element: ReactNode, columns: number, height: number, look = {}) => {
  const frame = renderToFrame(element, { columns, ...look });
  assert.ok(frame.length <= height, `${frame.length} rows of ${height}`);
  for (const line of frame)
    assert.ok(textWidth(line) <= columns, `${JSON.stringify(line)} in ${columns} columns`);
  return frame;
};

for (const width of widths) {
  test(`every part stays inside ${width} columns`, () => {
    for (const multiple of [true, false]) {
      for (const height of [1, 2, 3, 8, 50]) {
        const list = createSelectList(items, { multiple });
        fits(<SelectListView state={list} width={width} height={height} />, width, height);
        fits(
          <SelectListView state={setFilter(list, 'ecole')} width={width} height={height} />,
          width,
          height,
        );
        fits(<SelectListView state={setFilter(list, 'xxx')} width={width} height={height} />, width, height, {
          look: asciiLook,
        });
      }
    }
    fits(<TextFieldView state={createTextField('x'.repeat(300))} width={width} />, width, 1);
    fits(<TextFieldView state={createTextField('y'.repeat(300))} width={width} secret />, width, 1);
    fits(
      <TextFieldView state={createTextField()} width={width} placeholder="https://portal.example.com" />,
      width,
      1,
    );
    fits(<Spinner text="Waiting for the login in your browser" width={width} />, width, 1);
    fits(
      <Footer
        hints={[
          { key: 'Enter', does: 'accept' },
          { key: 'Esc', does: 'go back' },
        ]}
        width={width}
      />,
      width,
      1,
    );
  });
}

test('a list at 40 columns', () => {
  const list = selectListKey(createSelectList(items, { multiple: true }), { name: 'text', text: ' ' });
  assert.deepEqual(renderToFrame(<SelectListView state={list} width={40} height={5} />, { columns: 40 }), [
    'Type to filter  33, 1 chosen',
    '> [x] production…rankfurt-1  platform ·…',
    '  [ ] 東京都のクラスター     ops',
    '  [ ] e\u0301cole 👩‍👩‍👧 family        not reacha…',
    '  [ ] cluster-0',
  ]);
});

test('the details give way on a narrow screen, and ASCII stays ASCII', () => {
  const list = setFilter(createSelectList(items.slice(0, 1)), 'prod');
  const frame = renderToFrame(<SelectListView state={list} width={20} height={5} />, {
    columns: 20,
    look: asciiLook,
  });
  assert.deepEqual(frame, ['Filter: prod  1', '> producti...kfurt-1']);
});

test('the active row is told by a mark, whatever the filter hides', () => {
  const list = setFilter(createSelectList(items), 'cluster-29');
  const frame = renderToFrame(<SelectListView state={list} width={80} height={5} />, { columns: 80 });
  assert.deepEqual(frame, ['Filter: cluster-29  1 of 33', '> cluster-29']);
});

test('the active row is always drawn', () => {
  let list: SelectListState = createSelectList(items);
  for (let count = 0; count < 40; count++) {
    list = selectListKey(list, { name: 'down' });
    const frame = renderToFrame(<SelectListView state={list} width={80} height={6} />);
    assert.equal(frame.filter(line => line.startsWith('> ')).length, 1);
    assert.equal(frame.length, 6);
  }
  assert.equal(listPageSize(list, 6), 5);
});

test('the window of a list', () => {
  assert.deepEqual(listWindow(100, 0, 5), { start: 0, end: 5 });
  assert.deepEqual(listWindow(100, 50, 5), { start: 48, end: 53 });
  assert.deepEqual(listWindow(100, 99, 5), { start: 95, end: 100 });
  assert.deepEqual(listWindow(2, 1, 5), { start: 0, end: 2 });
  assert.deepEqual(listWindow(0, -1, 5), { start: 0, end: 0 });
});

test('a secret shows how much there is and nothing else', () => {
  const [line = ''] = renderToFrame(<TextFieldView state={createTextField('hunter2')} width={40} secret />);
  assert.equal(line.trimEnd(), '••••••• (7 characters)');
});

test('hints get short before they go, the last ones first', () => {
  const hints = [
    { key: 'Enter', does: 'accept', short: 'ok' },
    { key: 'Esc', does: 'go back', short: 'back' },
    { key: '?', does: 'help', stays: true },
  ];
  assert.equal(footerText(hints, 80), 'Enter accept · Esc go back · ? help');
  assert.equal(footerText(hints, 32), 'Enter accept · Esc back · ? help');
  assert.equal(footerText(hints, 28), 'Enter ok · Esc back · ? help');
  assert.equal(footerText(hints, 20), 'Enter ok · ? help');
  assert.equal(footerText(hints, 5), '');
});

test('elapsed time', () => {
  assert.deepEqual([3, 59, 60, 605].map(words.seconds), ['3 s', '59 s', '1 min 00 s', '10 min 05 s']);
});
