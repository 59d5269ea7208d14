import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lookFor } from '../../source/wizard/parts/look.tsx';
import { stepsOf } from '../../source/wizard/steps/order.ts';
import { everyScene, type Scene } from '../wizard/matrix.ts';
import { asciiLook, stillLook } from './harness/frames.tsx';
import { type Photograph, photograph } from './harness/photograph.tsx';

const colourLook = lookFor({ unicode: true, motion: false, color: 2, links: true });
const scenes = everyScene();

/** The live part's own lines: from its title on, below what was printed once. */
const titleOf = ({ walk: { state } }: Scene) => {
  const steps = stepsOf(state);
  return `${steps.indexOf(state.step) + 1}/${steps.length} `;
};

function assertIsWhole(
  scene: Scene,
  { screen, scrollback }: Photograph,
  columns: number,
  rows: number,
): void {
  const told = `${scene.name}, ${columns}x${rows}\n${scrollback.join('\n')}`;
  for (const line of scrollback) assert.ok(line.length <= columns, told);
  assert.ok(screen.length <= rows, told);
  // A frame that is higher than its window is drawn twice, or leaves its top above.
  const titles = scrollback.filter(line => line.replace('dkp-auth  ', '').startsWith(titleOf(scene)));
  assert.ok(titles.length <= 1, told);
  const last = scrollback.findLastIndex(line => line !== '');
  assert.ok(last >= scrollback.length - rows, told);
  assert.ok(!scene.walk.state.leaving || /stays/.test(scrollback.join('\n')), told);
}

for (const columns of [20, 40, 80, 200]) {
  describe(`every screen on a terminal of ${columns} columns`, () => {
    for (const rows of [8, 24, 50]) {
      test(`and ${rows} rows is whole, in colour and in ASCII, and the terminal is as it was`, async () => {
        for (const scene of scenes) {
          const coloured = await photograph(scene, { columns, rows, look: colourLook });
          assertIsWhole(scene, coloured, columns, rows);
          if (rows === 24) {
            const without = await photograph(scene, { columns, rows, look: stillLook });
            assert.deepEqual(coloured, without, `${scene.name}: colours change no word`);
          }
          assertIsWhole(scene, await photograph(scene, { columns, rows, look: asciiLook }), columns, rows);
        }
      });
    }
  });
}
