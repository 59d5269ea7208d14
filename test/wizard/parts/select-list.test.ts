import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key, NamedKey } from '../../../source/wizard/parts/keys.ts';
import {
  activeItem,
  activePlace,
  chosenItems,
  createSelectList,
  type SelectItem,
  type SelectListState,
  selectListKey,
  setFilter,
  withItems,
} from '../../../source/wizard/parts/select-list.ts';
import { fc } from '../../helpers/seeded.ts';

const item = (label: string, more: Partial<SelectItem> = {}): SelectItem => ({ id: label, label, ...more });
const named = (name: NamedKey): Key => ({ name });
const ctrl = (letter: string): Key => ({ name: 'ctrl', letter });
const typed = (text: string): Key[] => [...text].map(each => ({ name: 'text', text: each }));
const press = (state: SelectListState, ...keys: Key[]) =>
  keys.reduce((last, key) => selectListKey(last, key), state);
const labels = (state: SelectListState) => state.shown.map(position => state.items[position]?.label);

const clusters = [
  item('dev-prod-copy'),
  item('Production', { detail: 'Zürich' }),
  item('eu-prod'),
  item('Straße', { disabledReason: 'not reachable' }),
  item('reprodução', { keywords: 'api.brasil.example' }),
];

test('the best match comes first: start, start of a word, inside, elsewhere', () => {
  const list = createSelectList([
    item('xprod'),
    item('eu-prod'),
    item('prod'),
    item('other', { detail: 'prod' }),
  ]);
  assert.deepEqual(labels(setFilter(list, 'prod')), ['prod', 'eu-prod', 'xprod', 'other']);
});

const searches: [string, string[]][] = [
  ['prod', ['Production', 'dev-prod-copy', 'eu-prod', 'reprodução']],
  ['PROD EU', ['eu-prod']],
  ['zurich', ['Production']],
  ['reproducao', ['reprodução']],
  ['brasil', ['reprodução']],
  ['straße', ['Straße']],
  ['nothing', []],
  ['  ', ['dev-prod-copy', 'Production', 'eu-prod', 'Straße', 'reprodução']],
];
for (const [filter, expected] of searches) {
  test(`the filter ${JSON.stringify(filter)}`, () => {
    assert.deepEqual(labels(setFilter(createSelectList(clusters), filter)), expected);
  });
}

test('typing goes to the best match, unless the person moved: then the item stays', () => {
  const list = createSelectList(clusters);
  assert.equal(activeItem(press(list, ...typed('prod')))?.label, 'Production');
  const moved = press(list, named('down'), named('down'), ...typed('prod'));
  assert.equal(activeItem(moved)?.label, 'eu-prod');
  assert.equal(activeItem(press(moved, ...typed('uction')))?.label, 'Production');
});

test('clearing the filter keeps the item', () => {
  const filtered = press(createSelectList(clusters), ...typed('brasil'));
  for (const keys of [[ctrl('u')], [ctrl('w')], typed('brasil').map(() => named('backspace'))]) {
    assert.equal(activeItem(press(filtered, ...keys))?.label, 'reprodução');
  }
});

test('disabled items are shown and passed over', () => {
  const list = createSelectList(clusters, { activeId: 'eu-prod' });
  assert.equal(activeItem(press(list, named('down')))?.label, 'reprodução');
  assert.equal(activeItem(press(list, named('down'), named('up')))?.label, 'eu-prod');
  const edges = [
    item('a', { disabledReason: 'x' }),
    item('b'),
    item('c'),
    item('d', { disabledReason: 'x' }),
  ];
  const at = createSelectList(edges);
  assert.equal(activeItem(at)?.label, 'b');
  assert.equal(activeItem(press(at, named('up')))?.label, 'b');
  assert.equal(activeItem(press(at, named('end')))?.label, 'c');
  assert.equal(activeItem(press(at, named('end'), named('home')))?.label, 'b');
  assert.equal(activeItem(createSelectList([item('a', { disabledReason: 'x' })])), undefined);
});

test('ticks: space, all shown, and never a disabled one', () => {
  const list = createSelectList(clusters, { multiple: true, chosen: ['Straße', 'eu-prod'] });
  assert.deepEqual(
    chosenItems(list).map(each => each.label),
    ['eu-prod'],
  );
  const one = press(list, ...typed(' '));
  assert.deepEqual(
    chosenItems(one).map(each => each.label),
    ['dev-prod-copy', 'eu-prod'],
  );
  const all = press(list, ctrl('a'));
  assert.equal(all.chosen.size, 4);
  assert.equal(press(all, ctrl('a')).chosen.size, 0);
  const some = press(list, ...typed('zurich'), ctrl('a'), ctrl('u'));
  assert.deepEqual(
    chosenItems(some).map(each => each.label),
    ['Production', 'eu-prod'],
  );
});

test('a single choice has no ticks', () => {
  const list = createSelectList(clusters);
  assert.equal(press(list, ...typed(' ')), list);
  assert.equal(press(list, ctrl('a')), list);
});

test('keys of others leave the very same state', () => {
  const list = createSelectList(clusters);
  for (const name of ['enter', 'escape', 'tab', 'backtab', 'left', 'right', 'delete', 'backspace'] as const) {
    assert.equal(selectListKey(list, { name }), list);
  }
});

test('a paste filters by its first line', () => {
  assert.equal(
    press(createSelectList(clusters), { name: 'paste', text: '\neu-prod\nother' }).filter,
    'eu-prod',
  );
});

test('new items keep filter, place and ticks', () => {
  const list = press(
    createSelectList(clusters, { multiple: true, activeId: 'eu-prod' }),
    ...typed(' '),
    ...typed('prod'),
  );
  const next = withItems({ ...list, moved: true }, [item('new-prod'), item('eu-prod'), item('zzz')]);
  assert.deepEqual(labels(next), ['new-prod', 'eu-prod']);
  assert.deepEqual(
    chosenItems(next).map(each => each.label),
    ['eu-prod'],
  );
  assert.equal(withItems(next, [item('eu-prod', { disabledReason: 'gone' })]).chosen.size, 0);
});

test('5,000 items are filtered between two key presses', () => {
  const many = Array.from({ length: 5000 }, (_, number) =>
    item(`clúster-${number}`, { detail: `workspace ${number % 40}` }),
  );
  const list = createSelectList(many);
  const began = performance.now();
  press(list, ...typed('cluster 12'), named('end'), named('pageup'), ctrl('u'));
  assert.ok(performance.now() - began < 500, `${performance.now() - began} ms for 13 keys`);
});

const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom(' ', 'a', 'b', '-', 'ä').map(text => ({ name: 'text', text }) as const),
  fc.constantFrom('n', 'p', 'u', 'w', 'a').map(ctrl),
  fc.constantFrom<NamedKey[]>('up', 'down', 'pageup', 'pagedown', 'home', 'end', 'backspace').map(named),
);

test('whatever is pressed, the active item is shown and can be selected, and ticks are real', () => {
  const some = fc.array(
    fc.record({
      label: fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '-'), maxLength: 4 }),
      off: fc.boolean(),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(some, fc.boolean(), fc.array(anyKey, { maxLength: 40 }), (entries, multiple, keys) => {
      const items = entries.map(({ label, off }, id) => ({
        id: `${id}`,
        label,
        disabledReason: off ? 'off' : undefined,
      }));
      let state = createSelectList(items, { multiple });
      for (const key of keys) {
        state = selectListKey(state, key);
        const selectable = state.shown.some(position => items[position]?.disabledReason === undefined);
        assert.equal(activePlace(state) >= 0, selectable);
        assert.equal(activeItem(state)?.disabledReason, undefined);
        for (const chosen of chosenItems(state)) assert.equal(chosen.disabledReason, undefined);
        assert.equal(chosenItems(state).length, state.chosen.size);
      }
    }),
  );
});
