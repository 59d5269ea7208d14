import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { textWidth } from '../../source/wizard/parts/graphemes.ts';
import { layOut } from '../../source/wizard/parts/layout.ts';
import { asciiMarks, unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { readAnswer } from '../../source/wizard/plain/answer.ts';
import { controlOf } from '../../source/wizard/steps/control.ts';
import { steps } from '../../source/wizard/steps/order.ts';
import { interruptedAt } from '../../source/wizard/steps/resume.ts';
import { saidOf } from '../../source/wizard/steps/said.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { fc, seed } from '../helpers/seeded.ts';
import {
  answersOf,
  issuerAnswers,
  sampleWorld,
  startWalk,
  unknownAuthority,
  type Walk,
  walkTo,
} from '../helpers/wizard.ts';
import { LiveWizard, manyClusters } from '../terminal/fixtures/live-wizard.tsx';
import { mountOnScreen } from '../terminal/harness/frames.tsx';
import { type KeyName, keyBytes } from '../terminal/harness/press.ts';

const sequences = 10_000;

const named = [
  'enter',
  'enter',
  'enter',
  'escape',
  'up',
  'down',
  'left',
  'right',
  'home',
  'end',
  'pageup',
  'pagedown',
  'tab',
  'backtab',
  'backspace',
  'delete',
  'wordleft',
  'wordright',
  'killwordleft',
  'killwordright',
  'space',
  'ctrl+a',
  'ctrl+u',
  'ctrl+k',
  'ctrl+w',
  'ctrl+y',
  'ctrl+_',
  'ctrl+z',
] as const;
const letters = [
  'a',
  'b',
  'n',
  'o',
  'p',
  'q',
  'r',
  'w',
  'c',
  'd',
  'y',
  '1',
  '2',
  '9',
  '?',
  '/',
  'é',
  '東',
  '<',
  '!',
];
const pasted = ['https://dkp.example.com/', 'x\ny', '\u001b[31m', '\u202e', 'eyJ.a.b', ''];

type Act = (walk: Walk) => void;
const key: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...named).map(name => (walk: Walk) => walk.press(name)) },
  { weight: 3, arbitrary: fc.constantFrom(...letters).map(text => (walk: Walk) => walk.type(text)) },
  { weight: 1, arbitrary: fc.constantFrom(...pasted).map(text => (walk: Walk) => walk.paste(text)) },
);
/** What the platform does meanwhile: answers, fails, is slow. */
const meanwhile: fc.Arbitrary<Act> = fc.constantFrom<Act>(
  walk => walk.answer({ type: 'slow' }),
  walk => walk.fail(),
  walk => walk.answer({ type: 'progress', done: 1, all: 3 }),
  walk => {
    const effect = walk.effects.findLast(
      ({ kind }) => !['abort', 'stopProbing', 'probe', 'copy'].includes(kind),
    );
    if (effect !== undefined && effect.kind !== 'run')
      for (const event of answersOf(effect, sampleWorld)) walk.answer(event);
  },
);
const onwards: fc.Arbitrary<Act> = fc.constantFrom(...steps).map(step => (walk: Walk) => {
  try {
    walkTo(walk, step);
  } catch {
    // Not from here.
  }
});
const acts = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: key },
    { weight: 3, arbitrary: meanwhile },
    { weight: 1, arbitrary: onwards },
  ),
  { maxLength: 25 },
);
const start = fc.record({
  atIssuer: fc.boolean(),
  unknown: fc.boolean(),
  silent: fc.subarray([
    'inspect',
    'connect',
    'signIn',
    'describe',
    'plan',
    'issuerLogin',
    'openPage',
  ] as const),
  columns: fc.integer({ min: 20, max: 300 }),
  rows: fc.integer({ min: 8, max: 60 }),
  ascii: fc.boolean(),
});

describe(`keys at random, seed ${seed}`, () => {
  test(`${sequences} sequences: it always goes on, is drawn inside its window, said, and left with Ctrl+C`, () => {
    fc.assert(
      fc.property(start, acts, ({ atIssuer, unknown, silent, columns, rows, ascii }, list) => {
        const walk = startWalk({
          answers: atIssuer ? { issuer: issuerAnswers } : {},
          world: unknown ? { trust: unknownAuthority } : {},
          silent: [...silent, 'run'],
        });
        const place = {
          width: columns - 1,
          rows: rows - 1,
          marks: ascii ? asciiMarks : unicodeMarks,
          demoHints: [],
        };
        for (const act of list) {
          act(walk);
          const { state } = walk;
          assert.ok(steps.includes(state.step));
          assert.equal(new Set(state.history).size, state.history.length);
          const height = frameHeight(state, place);
          const laidOut = layOut(frameBlocks(state, place), height);
          assert.ok(laidOut.reduce((sum, { rows: taken }) => sum + taken, 0) <= height);
          assert.ok(
            laidOut.some(({ block }) => block.key === 'keys'),
            'the keys are there',
          );
        }
        const { state } = walk;
        for (const { text } of saidOf(state)) assert.doesNotMatch(text, /\u001b|\u202e/);
        assert.ok(['list', 'field', 'wait', 'confirm'].includes(controlOf(state).kind));
        readAnswer(state, '1');
        const note = JSON.stringify(interruptedAt(state, 0) ?? {});
        assert.doesNotMatch(note, /token-of|eyJ/);
        const before = walk.effects.length;
        walk.press('ctrl+c');
        assert.deepEqual(walk.effects.slice(before), [{ kind: 'exit', outcome: undefined }]);
      }),
      { numRuns: sequences, seed },
    );
  });

  test('drawn on a screen, whatever bytes come: no line is wider than it, and Ctrl+C gives the cursor back', async t => {
    const bytes = fc.array(
      fc.oneof(
        fc
          .constantFrom(
            ...(Object.keys(keyBytes) as KeyName[]).filter(name => !['ctrl+c', 'ctrl+z'].includes(name)),
          )
          .map(name => keyBytes[name]),
        fc.constantFrom(...letters),
        fc.constantFrom(
          '\u001b[200~pasted\u001b[201~',
          '\u001b[',
          '\u001bO',
          '\u0000',
          '\u009b',
          '\u001b[99;99~',
        ),
      ),
      { minLength: 1, maxLength: 12 },
    );
    for (const [round, list] of fc.sample(bytes, { numRuns: 25, seed }).entries()) {
      const columns = 20 + ((round * 13) % 120);
      const { element } = LiveWizard(manyClusters(round % 2 === 0 ? 4 : 400));
      const mounted = mountOnScreen(t, element, { columns, rows: 8 + (round % 20) });
      await mounted.waitFor(screen => screen.some(line => line !== ''));
      for (const each of list) mounted.send(each);
      await pause(60);
      for (const line of mounted.screen()) assert.ok(textWidth(line) <= columns, JSON.stringify(list));
      // Half a sequence takes the key that follows it along; the next one arrives.
      for (let tries = 0; tries < 20; tries += 1) {
        mounted.press('ctrl+c');
        if (await Promise.race([mounted.app.waitUntilExit().then(() => true), pause(200).then(() => false)]))
          break;
        assert.ok(tries < 19, `it does not leave: ${JSON.stringify(list)}`);
      }
      assert.equal(mounted.cursor().visible, true);
    }
  });
});
