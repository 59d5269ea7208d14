import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Blocks } from '../../source/wizard/parts/blocks.tsx';
import { footerText } from '../../source/wizard/parts/footer-text.ts';
import { textWidth } from '../../source/wizard/parts/graphemes.ts';
import { layOut } from '../../source/wizard/parts/layout.ts';
import { asciiMarks, unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { activeItem } from '../../source/wizard/parts/select-list.ts';
import type { State } from '../../source/wizard/state.ts';
import { controlOf } from '../../source/wizard/steps/control.ts';
import { hintsFor } from '../../source/wizard/steps/hints.ts';
import { saidOf } from '../../source/wizard/steps/said.ts';
import { texts } from '../../source/wizard/texts.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import type { Place } from '../../source/wizard/views/place.ts';
import { fitsQr } from '../../source/wizard/views/qr-block.tsx';
import { planKey } from '../../source/wizard/views/review-blocks.tsx';
import { scrollBy, scrollWindow } from '../../source/wizard/views/scroll.ts';
import { asciiLook, renderToFrame, stillLook } from '../terminal/harness/frames.tsx';
import { everyScene, type Scene } from './matrix.ts';

const widths = [20, 40, 80, 200, 300];
const heights = [8, 24, 50];
const scenes = everyScene();
const isReview = ({ walk }: Scene) => walk.state.step === 'review' && walk.state.plan !== undefined;

type Size = { readonly columns: number; readonly rows: number };

const placeOf = ({ columns, rows }: Size, ascii = false) => ({
  width: columns - 1,
  rows: rows - 1,
  marks: ascii ? asciiMarks : unicodeMarks,
  demoHints: [],
});

function drawn(state: State, place: Place): string[] {
  const height = frameHeight(state, place);
  return renderToFrame(<Blocks blocks={frameBlocks(state, place)} height={height} />, {
    columns: place.width,
    look: place.marks === asciiMarks ? asciiLook : stillLook,
  });
}

/** Without blanks and line ends: the words themselves, however they were broken. */
const letters = (text: string) => text.replaceAll(/\s/g, '');

for (const columns of widths) {
  describe(`at ${columns} columns`, () => {
    for (const rows of heights) {
      test(`and ${rows} rows every screen fits, has its keys and its answer, and cuts nothing that is to be read`, () => {
        for (const scene of scenes) {
          for (const ascii of [false, true]) {
            const { state } = scene.walk;
            const place = placeOf({ columns, rows }, ascii);
            const frame = drawn(state, place);
            const told = `${scene.name}\n${frame.join('\n')}`;
            assert.ok(frame.length <= rows - 1, told);
            for (const line of frame) assert.ok(textWidth(line) < columns, told);
            if (ascii) assertMarksAreAscii(frame, scene, told);
            assertHasKeys(frame, state, place, told);
            assertHasAnswer(frame, state, told);
            if (columns >= 40 && rows >= 24) assertAnswerIsWhole(frame, state, told);
          }
        }
      });

      test(`and ${rows} rows the whole review can be scrolled through, each profile with its cluster`, () => {
        for (const { name, walk } of scenes.filter(isReview)) {
          const { shown, screens } = scrolled(walk.state, placeOf({ columns, rows }), 'pagedown');
          const text = letters(shown.join(''));
          for (const { name: profile, cluster } of walk.state.plan?.profiles ?? []) {
            const pair = letters(`${profile} -> ${cluster.name} (${cluster.server})`);
            assert.ok(text.includes(pair), `${name}: ${pair} in ${screens} screens\n${shown.join('\n')}`);
          }
          for (const { id, text: sentence } of saidOf(walk.state, Number.POSITIVE_INFINITY))
            if (/ (isolation|page|file)/.test(id))
              assert.ok(text.includes(letters(sentence)), `${name}: ${id}`);
        }
      });
    }

    test('and 50 rows every sentence can be read to its end', () => {
      for (const scene of scenes) {
        const { state } = scene.walk;
        // A code in this size needs all the room there is.
        if (state.leaving || state.isQrShown) continue;
        const text = letters(drawn(state, placeOf({ columns, rows: 50 })).join(''));
        for (const { id, text: sentence } of saidOf(state)) {
          // The title gets short, and the review is scrolled through.
          if (/ (title|question|problem|what changes)$/.test(id) || state.step === 'review') continue;
          // On the screen the clock says that something is under way, and the name's field has its own rule.
          if (/ (which|free)$/.test(id)) continue;
          assert.ok(text.includes(letters(sentence.replace(/\.$/, ''))), `${scene.name}: ${id}: ${sentence}`);
        }
        for (const sentence of [state.problem?.message, state.problem?.hint]) {
          if (sentence !== undefined)
            assert.ok(text.includes(letters(sentence)), `${scene.name}: ${sentence}`);
        }
      }
    });
  });
}

test('a key at a time shows every row of the review too, up as well as down', () => {
  for (const { walk } of scenes.filter(({ name }) => name === 'review')) {
    const place = placeOf({ columns: 40, rows: 8 });
    const [down, pages] = [scrolled(walk.state, place, 'down'), scrolled(walk.state, place, 'pagedown')];
    assert.deepEqual(down.shown, pages.shown);
    assert.ok(!down.shown.includes('(never shown)'));
    assert.ok(down.screens > pages.screens);
    const last = { ...walk.state, scrolled: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(scrolled(last, place, 'pageup').shown, pages.shown);
  }
});

/** Every row of the review that comes into sight when a key is pressed until nothing moves any more. */
function scrolled(start: State, place: Place, name: 'up' | 'down' | 'pageup' | 'pagedown') {
  const seen = new Map<number, string>();
  let state = start;
  let before = -1;
  for (let screens = 1; screens < 2000; screens += 1) {
    const plan = layOut(frameBlocks(state, place), frameHeight(state, place)).find(
      ({ block }) => block.key === planKey,
    );
    // Where a problem takes all the room, the plan waits until it is dealt with.
    if (plan === undefined) return { shown: wholePlan(state, place), screens };
    const { block, rows } = plan;
    const frame = renderToFrame(<Blocks blocks={[block]} height={rows} />, { columns: place.width });
    const { start: first, end } = scrollWindow({ top: state.scrolled, rows, all: block.max });
    for (let row = first; row < end; row += 1) seen.set(row, frame[row - first] ?? '');
    const to = scrollBy({ name }, { top: state.scrolled, rows, all: block.max });
    if (to === undefined || to === before) {
      const shown = Array.from({ length: block.max }, (_, row) => seen.get(row) ?? '(never shown)');
      return { shown, screens };
    }
    before = to;
    state = { ...state, scrolled: to };
  }
  throw new Error('it never comes to an end');
}

function wholePlan(state: State, place: Place): string[] {
  assert.notEqual(state.problem, undefined, 'only a problem displaces the plan');
  return scrolled({ ...state, problem: undefined }, place, 'pagedown').shown;
}

function assertMarksAreAscii(frame: readonly string[], { walk }: Scene, told: string): void {
  // Names of clusters and accounts are what they are.
  const isNamed = ['clusters', 'names', 'review', 'login'].includes(walk.state.step);
  if (!isNamed) assert.match(frame.join(''), /^[\x00-\x7f]*$/, told);
}

function assertHasKeys(frame: readonly string[], state: State, place: Place, told: string): void {
  if (state.leaving) return;
  const hints = hintsFor(state, false, fitsQr(state.further?.waiting ?? state.waiting, place));
  const footer = footerText(hints, place.width, ` ${place.marks.separator} `);
  assert.notEqual(footer, '', told);
  assert.equal(frame.at(-1), footer, told);
  for (const { key } of hints.filter(({ stays }) => stays)) assert.ok(footer.includes(key), told);
}

function assertHasAnswer(frame: readonly string[], state: State, told: string): void {
  if (state.leaving) return;
  const control = controlOf(state);
  const isMarked =
    (control.kind === 'list' && control.list.shown.length > 0) ||
    (control.kind === 'field' && state.step === 'names');
  if (isMarked)
    assert.ok(
      frame.some(line => line.startsWith('> ')),
      told,
    );
}

/** The answer that Enter gives now, with all its words. */
function assertAnswerIsWhole(frame: readonly string[], state: State, told: string): void {
  const control = controlOf(state);
  const text = letters(frame.join('').replaceAll(/[>•]/g, ''));
  const item = control.kind === 'list' && !state.leaving ? activeItem(control.list) : undefined;
  for (const words of [item?.label, item?.detail])
    if (words !== undefined) assert.ok(text.includes(letters(words)), `${words}\n${told}`);
  const row = state.step === 'names' ? state.nameRows[state.activeName] : undefined;
  if (row !== undefined && !state.leaving)
    assert.ok(text.includes(letters(row.cluster.name)), `${row.cluster.name}\n${told}`);
  if (state.problem !== undefined) assert.ok(text.includes(letters(state.problem.message)), told);
  if (state.step === 'review' && state.plan !== undefined)
    assert.ok(text.includes(letters(texts.reviewQuestion)), told);
}
