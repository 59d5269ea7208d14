import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';

const root = path.join(import.meta.dirname, '..', '..');

test('the pictures of the README are what the wizard looks like: npm run screenshots', async () => {
  const script = path.join(root, 'scripts', 'screenshots.ts');
  const { exitCode, stdout } = await execa(process.execPath, ['--import', 'tsx', script, '--check'], {
    cwd: root,
    reject: false,
  });
  assert.equal(exitCode, 0, stdout);
  const files = await readdir(path.join(root, 'docs', 'pictures'));
  assert.deepEqual(files.sort(), [
    'certificate.svg',
    'clusters.svg',
    'names.svg',
    'review.svg',
    'sign-in.svg',
  ]);
});
