import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  askedAgainSeconds,
  formatTrace,
  isAskedAgain,
  lastServed,
  noteServed,
  parseTrace,
  traceFile,
} from '../../source/credentials/callers.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { temporaryHome } from '../helpers/home.ts';

const [prod, lab] = [parseProfileName('prod'), parseProfileName('lab')];
const now = 1_800_000_000;

test('word of a caller is read back by the parent it was left for, for that profile alone', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.callers, { recursive: true });
  noteServed(paths, prod, 4711);
  await fs.utimes(traceFile(paths, prod, 4711), now + 0.9, now + 0.9);
  assert.equal(lastServed(paths, prod, 4711), now);
  assert.equal(lastServed(paths, prod, 4711 + 64), undefined);
  assert.equal(lastServed(paths, prod, 4712), undefined);
  assert.equal(lastServed(paths, lab, 4711), undefined);
});

test('the same parent within seconds asks again; later it does not, and a clock set back counts as seconds', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.callers, { recursive: true });
  noteServed(paths, prod, 4711);
  await fs.utimes(traceFile(paths, prod, 4711), now, now);
  for (const [later, again] of [
    [0, true],
    [askedAgainSeconds - 0.1, true],
    [askedAgainSeconds, false],
    [-3600, true],
  ] as const) {
    assert.equal(isAskedAgain(paths, prod, 4711, now + later), again, `${later}`);
  }
});

test('at most 64 files are kept for a profile, each of this user alone', async t => {
  const home = await temporaryHome(t);
  await fs.mkdir(home.paths.callers, { recursive: true });
  for (let parent = 1; parent < 300; parent++) noteServed(home.paths, prod, parent);
  const files = await fs.readdir(home.paths.callers);
  assert.equal(files.length, 64);
  assert.equal(await home.mode('state', 'callers', 'prod.1'), '600');
});

test('every word is as long as the others, since it is written over them', () => {
  const words = [1, 4_194_304].map(formatTrace);
  assert.deepEqual(
    words.map(word => word.length),
    [11, 11],
  );
  assert.deepEqual(words.map(parseTrace), [1, 4_194_304]);
});

test('a word that is damaged, or not a file of ours, is none', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.callers, { recursive: true });
  const file = path.join(paths.callers, `prod.${4711 % 64}`);
  for (const content of ['', '4711', '4711 \n', '4711 1\n', '-4711\n', '04711\n', '4711\n4711\n']) {
    await fs.writeFile(file, content, { mode: 0o600 });
    assert.equal(lastServed(paths, prod, 4711), undefined, JSON.stringify(content));
  }
  await fs.rm(file);
  await fs.symlink('/etc/passwd', file);
  assert.equal(lastServed(paths, prod, 4711), undefined);
  noteServed(paths, prod, 4711);
  assert.equal(await fs.readlink(file), '/etc/passwd');
});

test('where there is no folder for it, nothing is noted and nothing fails', async t => {
  const home = await temporaryHome(t);
  noteServed(home.paths, prod, 4711);
  assert.deepEqual(await home.files(), []);
});
