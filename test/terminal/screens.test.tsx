import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { App } from '../../source/wizard/app.tsx';
import type { Store } from '../../source/wizard/store.ts';
import { everyScene, type Scene } from '../wizard/matrix.ts';
import { asciiLook, type MountedOptions, mountOnScreen, stillLook } from './harness/frames.tsx';

const folder = path.join(import.meta.dirname, 'snapshots');
/** Set it after a screen was changed on purpose, and read what comes of it. */
const isUpdating = process.env['UPDATE_SNAPSHOTS'] === '1';

const kinds: { readonly name: string; readonly options: MountedOptions }[] = [
  { name: '20x8', options: { columns: 20, rows: 8, look: stillLook } },
  { name: '40x24', options: { columns: 40, rows: 24, look: stillLook } },
  { name: '80x24', options: { columns: 80, rows: 24, look: stillLook } },
  { name: '80x24 ASCII', options: { columns: 80, rows: 24, look: asciiLook } },
  { name: '200x50', options: { columns: 200, rows: 50, look: stillLook } },
];

const storeOf = ({ walk }: Scene): Store => ({
  getState: () => walk.state,
  subscribe: () => () => {},
  dispatch: () => {},
});

/** What a person sees of a scene on a real screen model, and whether the terminal is as it was afterwards. */
async function photograph(scene: Scene, options: MountedOptions): Promise<string[]> {
  const ends: (() => Promise<void>)[] = [];
  const test = { after: (end: () => Promise<void>) => void ends.push(end) };
  const over = new Promise<undefined>(() => {});
  const app = <App store={storeOf(scene)} over={over} demoHints={[]} />;
  const mounted = mountOnScreen(test, app, options);
  const isThere = (lines: string[]) => lines.some(line => line !== '');
  await mounted.waitFor(isThere);
  await settled(mounted.bytesWritten);
  const { rows = 24 } = options;
  const screen = mounted.screen();
  assert.ok(screen.length <= rows, scene.name);
  assert.doesNotMatch(mounted.scrollback().join('\n'), /[\u0000-\u0008\u000b-\u001f\u007f]/, scene.name);
  mounted.app.unmount();
  await mounted.app.waitUntilExit();
  await settled(mounted.bytesWritten);
  assert.equal(mounted.cursor().visible, true, `${scene.name}: the cursor is back`);
  for (const end of ends) await end();
  return screen.map(line => line.replace(timeLeft, '(time)')).map(line => line.trimEnd());
}

/** Of the code's life; the scenes have one that is good for years. */
const timeLeft = /\d+ min \d+ s/;

/** Nothing was written for a while, as turns of the event loop go. */
async function settled(bytesWritten: () => number): Promise<void> {
  for (let quiet = 0, turns = 0; quiet < 5 && turns < 1000; turns += 1) {
    await turn();
    quiet = bytesWritten() === 0 ? quiet + 1 : 0;
  }
}

function formatted(scene: Scene, screen: readonly string[]): string {
  const last = screen.findLastIndex(line => line !== '');
  return `=== ${scene.name}\n${screen
    .slice(0, last + 1)
    .map(line => `|${line}`)
    .join('\n')}\n`;
}

describe('every screen looks as it was read', () => {
  for (const { name, options } of kinds) {
    test(name, async () => {
      const parts: string[] = [];
      for (const scene of everyScene()) parts.push(formatted(scene, await photograph(scene, options)));
      const found = parts.join('\n');
      const file = path.join(folder, `${name.replaceAll(' ', '-')}.txt`);
      if (isUpdating) {
        await mkdir(folder, { recursive: true });
        await writeFile(file, found);
      }
      assert.equal(found, await readFile(file, 'utf8'));
    });
  }
});
