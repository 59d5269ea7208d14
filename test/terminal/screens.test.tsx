import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { everyScene, type Scene } from '../wizard/matrix.ts';
import { asciiLook, type MountedOptions, stillLook } from './harness/frames.tsx';
import { photograph } from './harness/photograph.tsx';

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
      for (const scene of everyScene())
        parts.push(formatted(scene, (await photograph(scene, options)).screen));
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
