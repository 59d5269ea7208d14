import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, Text, useApp } from 'ink';
import { useEffect, useLayoutEffect, useReducer } from 'react';
import { isCtrl, type Key } from '../../../source/wizard/parts/keys.ts';
import { useLiveSize } from '../../../source/wizard/parts/live-size.tsx';
import { lookFor } from '../../../source/wizard/parts/look.tsx';
import { RawLines } from '../../../source/wizard/parts/raw-lines.tsx';
import { createSelectList } from '../../../source/wizard/parts/select-list.ts';
import { SelectListView } from '../../../source/wizard/parts/select-list-view.tsx';
import { Spinner } from '../../../source/wizard/parts/spinner.tsx';
import { createTextField, textFieldKey } from '../../../source/wizard/parts/text-field.ts';
import { TextFieldView } from '../../../source/wizard/parts/text-field-view.tsx';
import { useKeys } from '../../../source/wizard/parts/use-keys.ts';
import { fc } from '../../helpers/seeded.ts';
import { mountOnScreen } from '../../terminal/harness/frames.tsx';

const tick = () => new Promise(resolve => setImmediate(resolve));

function Recorder({ onKey }: { onKey: (key: Key) => void }) {
  useKeys(onKey);
  return <Text>ready</Text>;
}

const bytes = fc.constantFrom(
  ...['a', 'Z', '7', ' ', 'é', 'e\u0301', '東', '\r', '\t', '\u007f', '\u0015', '\u0001', '\u001f'],
  ...[
    '\u001b[A',
    '\u001b[1;5D',
    '\u001bOB',
    '\u001b[3~',
    '\u001b[Z',
    '\u001bb',
    '\u001bf',
    '\u001b[200~x\r\ny\u001b[201~',
  ],
);

test('the same keys in other pieces give the same state', async t => {
  let field = createTextField();
  const others: string[] = [];
  let done = () => {};
  const onKey = (key: Key) => {
    if (isCtrl(key, 'x')) return done();
    const next = textFieldKey(field, key);
    if (next === field) others.push(key.name);
    field = next;
  };
  const frame = mountOnScreen(t, <Recorder onKey={onKey} />);
  await frame.waitFor('ready');
  const play = async (pieces: string[]) => {
    field = createTextField();
    others.length = 0;
    const finished = new Promise<void>(resolve => {
      done = resolve;
    });
    for (const piece of [...pieces, '\u0018']) {
      frame.send(piece);
      await tick();
    }
    await finished;
    return { value: field.value, cursor: field.cursor, others: [...others] };
  };
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 30 }), fc.array(fc.nat(60)), async (keys, cuts) => {
      const input = keys.join('');
      const places = [...new Set(cuts.filter(cut => cut < input.length))].sort((a, b) => a - b);
      const pieces = [...places, input.length].map((place, index) =>
        input.slice(places[index - 1] ?? 0, place),
      );
      assert.deepEqual(await play(pieces), await play([input]));
    }),
    { numRuns: 60 },
  );
});

function Growing() {
  const { columns, rows } = useLiveSize();
  const [lines, add] = useReducer((last: string[], line: string) => [...last, line], ['start']);
  const { exit } = useApp();
  useKeys(key => {
    if (key.name === 'text') add(`line ${key.text} ${'x'.repeat(50)}`);
    if (key.name === 'enter') exit(lines.length);
  });
  return (
    <>
      <RawLines lines={lines} format={String} />
      <Text>
        live {columns}x{rows}
      </Text>
      <TextFieldView state={createTextField('field')} width={20} />
    </>
  );
}

test('lines above the live part: once each, in order, unbroken, and there after the end', async t => {
  const frame = mountOnScreen(t, <Growing />, { columns: 30, rows: 10 });
  await frame.waitFor('live 29x9');
  frame.send('abc');
  await frame.waitFor('line c');
  frame.resize(25, 8);
  await frame.waitFor('live 24x7');
  frame.send('d');
  await frame.waitFor('line d');
  frame.press('enter');
  assert.equal(await frame.app.waitUntilExit(), 5);
  const lines = frame.logicalLines().filter(line => /^(?:start|line)/.test(line));
  assert.deepEqual(lines, ['start', ...['a', 'b', 'c', 'd'].map(name => `line ${name} ${'x'.repeat(50)}`)]);
  assert.equal(frame.scrollback().filter(line => line.startsWith('live')).length, 1);
});

/** Leaves as the wizard does, once it has drawn without its question. */
function Leaving({ onLeft }: { onLeft: () => void }) {
  const [isOver, leave] = useReducer(() => true, false);
  const { exit } = useApp();
  useKeys(() => setImmediate(leave));
  useLayoutEffect(() => {
    if (isOver) onLeft();
  }, [isOver, onLeft]);
  useEffect(() => {
    if (isOver) exit('left');
  }, [isOver, exit]);
  return (
    <>
      <RawLines lines={['above']} format={String} />
      <Text>{isOver ? 'last words' : 'a question of forty columns, as it stood'}</Text>
    </>
  );
}

for (const [size, columns, rows] of [
  ['narrower', 20, 20],
  ['wider', 90, 20],
] as const) {
  test(`a window that becomes ${size} while the app leaves does not bring it back`, async t => {
    // Between the last frame and the end, where React lets others run.
    const onLeft = () => queueMicrotask(() => frame.resize(columns, rows));
    const frame = mountOnScreen(t, <Leaving onLeft={onLeft} />, {
      columns: 60,
      rows: 20,
      reflows: true,
      frame: () => <Text>a question of forty columns, as it stood</Text>,
    });
    await frame.waitFor(() => frame.bracketedPaste());
    frame.press('enter');
    assert.equal(await frame.app.waitUntilExit(), 'left');
    await frame.waitFor('last words');
    assert.equal(frame.bracketedPaste(), false, 'pastes come plain again');
    // What a terminal broke anew before anybody knew may stay behind.
    const lines = frame.scrollback().filter(line => line !== '' && !line.startsWith('a question'));
    assert.deepEqual(lines, ['above', 'last words']);
  });
}

function TwoFields() {
  const [active, choose] = useReducer((_: number, next: number) => next, 0);
  useKeys(key => choose(key.name === 'down' ? 1 : 0));
  return (
    <>
      <TextFieldView state={createTextField('one')} width={20} isActive={active === 0} />
      <TextFieldView state={createTextField('three')} width={20} isActive={active === 1} />
    </>
  );
}

test('of several fields the active one has the cursor, whichever way one goes', async t => {
  const frame = mountOnScreen(t, <TwoFields />);
  const cursorAt = async (x: number, y: number) => {
    await frame.waitFor(() => frame.cursor().visible && frame.cursor().x === x && frame.cursor().y === y);
  };
  await cursorAt(3, 0);
  frame.press('down');
  await cursorAt(5, 1);
  frame.press('up');
  await cursorAt(3, 0);
});

test('a spinner without motion only counts the seconds', async t => {
  const look = lookFor({ unicode: true, motion: false });
  const frame = mountOnScreen(t, <Spinner text="Waiting for the portal" width={60} secondsAfter={1} />, {
    look,
  });
  await frame.waitFor(/^Waiting for the portal$/m);
  frame.bytesWritten();
  await frame.waitFor('(1 s)');
  assert.ok(frame.bytesWritten() < 200);
});

function Broken(): never {
  throw new Error('broken');
}

test('a part that throws rejects the wait and draws nothing', async t => {
  const frame = mountOnScreen(t, <Broken />);
  await assert.rejects(frame.app.waitUntilExit(), { message: 'broken' });
  assert.equal(frame.screen().join('').trim(), '');
});

test('a screen reader is told roles, states, values and reasons', async t => {
  const items = [
    { id: 'a', label: 'one', detail: 'ops' },
    { id: 'b', label: 'two', disabledReason: 'not reachable' },
  ];
  const frame = mountOnScreen(
    t,
    <Box flexDirection="column">
      <TextFieldView label="Name" state={createTextField('prod')} width={20} />
      <SelectListView state={createSelectList(items)} width={40} height={5} />
      <SelectListView
        state={createSelectList(items, { multiple: true, chosen: ['a'] })}
        width={40}
        height={5}
      />
    </Box>,
    { screenReader: true },
  );
  const screen = await frame.waitFor('two');
  assert.deepEqual(
    screen.filter(line => line !== ''),
    [
      'textbox: Name prod',
      'listbox: option: (selected) one, ops',
      'option: (disabled) two, not reachable',
      'listbox: Type to filter  2, 1 chosen',
      'checkbox: (selected, checked) one, ops',
      'checkbox: (disabled) two, not reachable',
    ],
  );
});
