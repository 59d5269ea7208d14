import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Blocks } from '../../source/wizard/parts/blocks.tsx';
import { textWidth } from '../../source/wizard/parts/graphemes.ts';
import { asciiMarks, unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { controlOf } from '../../source/wizard/steps/control.ts';
import { saidOf } from '../../source/wizard/steps/said.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { asciiLook, renderToFrame, stillLook } from '../terminal/harness/frames.tsx';
import { everyScene, type Scene } from './matrix.ts';

const widths = [20, 40, 80, 200, 300];
const heights = [8, 24, 50];
const scenes = everyScene();

function screenOf({ walk }: Scene, columns: number, rows: number, ascii: boolean): string[] {
  const place = {
    width: columns - 1,
    rows: rows - 1,
    marks: ascii ? asciiMarks : unicodeMarks,
    demoHints: [],
  };
  const height = frameHeight(walk.state, place);
  return renderToFrame(<Blocks blocks={frameBlocks(walk.state, place)} height={height} />, {
    columns: columns - 1,
    look: ascii ? asciiLook : stillLook,
  });
}

/** Without blanks and line ends: the words themselves, however they were broken. */
const letters = (text: string) => text.replaceAll(/\s/g, '');

for (const columns of widths) {
  describe(`at ${columns} columns`, () => {
    for (const rows of heights) {
      test(`and ${rows} rows every screen fits, has its keys and its answer, and cuts nothing that was begun`, () => {
        for (const scene of scenes) {
          for (const ascii of [false, true]) {
            const frame = screenOf(scene, columns, rows, ascii);
            const told = `${scene.name}\n${frame.join('\n')}`;
            assert.ok(frame.length <= rows - 1, told);
            for (const line of frame) assert.ok(textWidth(line) < columns, told);
            if (ascii) assertMarksAreAscii(frame, scene, told);
            assertHasKeys(frame, scene, told);
            assertHasAnswer(frame, scene, told);
          }
        }
      });
    }

    test('and 50 rows every sentence can be read to its end', () => {
      for (const scene of scenes) {
        const { state } = scene.walk;
        // A code in this size needs all the room there is.
        if (state.leaving || state.isQrShown) continue;
        const text = letters(screenOf(scene, columns, 50, false).join(''));
        for (const { id, text: sentence } of saidOf(state)) {
          if (
            / (title|file|more|isolation|profile|rule|which|free|fingerprint|slow|problem|question|busy|what changes|diff|starting|further|checking)/.test(
              ` ${id} `,
            )
          )
            continue;
          if (state.step === 'login' && id.endsWith('way') && state.wayList !== undefined) continue;
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

function assertMarksAreAscii(frame: readonly string[], { walk }: Scene, told: string): void {
  // Names of clusters and accounts are what they are.
  const isNamed = ['clusters', 'names', 'review', 'login'].includes(walk.state.step);
  if (!isNamed) assert.match(frame.join(''), /^[\x00-\x7f]*$/, told);
}

function assertHasKeys(frame: readonly string[], { walk }: Scene, told: string): void {
  if (walk.state.leaving) return;
  assert.match(frame.at(-1) ?? '', /(Enter|Esc|Space|Tab|Ctrl\+C|[a-z?]) /, told);
}

function assertHasAnswer(frame: readonly string[], { walk }: Scene, told: string): void {
  const { state } = walk;
  if (state.leaving) return;
  const control = controlOf(state);
  if (control.kind === 'list' && control.list.shown.length > 0)
    assert.ok(
      frame.some(line => line.startsWith('> ')),
      told,
    );
  if (control.kind === 'field' && state.step === 'names')
    assert.ok(
      frame.some(line => line.startsWith('> ')),
      told,
    );
}
