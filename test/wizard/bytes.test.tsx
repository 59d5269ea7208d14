import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveWizard, manyClusters } from '../terminal/fixtures/live-wizard.tsx';
import { mountOnScreen } from '../terminal/harness/frames.tsx';
import type { KeyName } from '../terminal/harness/press.ts';

/** What a slow link has to carry for one key, at 80x24. */
const mostBytes = 4096;

const keys: readonly KeyName[] = [
  'down',
  'down',
  'up',
  'space',
  'pagedown',
  'pageup',
  'end',
  'home',
  'ctrl+a',
];

describe('bytes for a key at 80x24', () => {
  for (const count of [5, 5000]) {
    test(`in a list of ${count} clusters stay under 4 KB, and so do letters that search it`, async t => {
      const { element, store } = LiveWizard(manyClusters(count));
      const mounted = mountOnScreen(t, element);
      await mounted.waitFor('Which clusters');
      mounted.bytesWritten();
      let most = 0;
      const measure = async (act: () => void) => {
        const before = store.getState();
        act();
        await changed(() => store.getState() !== before);
        await mounted.waitFor(() => true);
        await quiet();
        most = Math.max(most, mounted.bytesWritten());
      };
      for (const key of keys) await measure(() => mounted.press(key));
      for (const letter of ['1', '4', '2']) await measure(() => mounted.send(letter));
      t.diagnostic(`at most ${most} bytes`);
      assert.ok(most > 0 && most < mostBytes, `${most} bytes`);
    });
  }
});

async function changed(is: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200 && !is(); turns += 1) await new Promise(resolve => setTimeout(resolve, 2));
}

/** Ink draws 30 times a second at most. */
const quiet = () => new Promise(resolve => setTimeout(resolve, 80));
