import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { dueMarkFile, leaveDueMark } from '../../source/credentials/due-mark.ts';
import { freshBetween } from '../../source/credentials/lifetime.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { processFilesTellTime } from '../../source/system/clock.ts';
import { temporaryHome } from '../helpers/home.ts';

const prod = parseProfileName('prod');
const now = 1_800_000_000;
const token = { issuedAt: now - 100, expiresAt: now + 3500, renewable: true };
const [from, due] = freshBetween(token);
const skip = !processFilesTellTime() && 'this system has no such files of processes';

test('a mark says of which token it is, and is as old as that token will be when it is due', {
  skip,
}, async t => {
  const home = await temporaryHome(t);
  await fs.mkdir(home.paths.callers, { recursive: true });
  leaveDueMark(home.paths, prod, token, now);
  const file = dueMarkFile(home.paths, prod);
  assert.equal(await fs.readFile(file, 'utf8'), `${from} ${due}\n`);
  // A shell may compare whole seconds: what is as old as the mark is not newer.
  assert.equal((await fs.stat(file)).mtimeMs, (due - 1) * 1000);
  assert.equal(await home.mode('state', 'callers', 'prod.due'), '600');
  leaveDueMark(home.paths, prod, { ...token, expiresAt: token.expiresAt - 600 }, now);
  assert.notEqual(await fs.readFile(file, 'utf8'), `${from} ${due}\n`);
  assert.deepEqual(await home.files(), ['state/callers/prod.due']);
});

test('there is no mark of a token from the future, and none where nothing can be written', {
  skip,
}, async t => {
  const home = await temporaryHome(t);
  leaveDueMark(home.paths, prod, token, now);
  await fs.mkdir(home.paths.callers, { recursive: true });
  leaveDueMark(home.paths, prod, token, from - 1);
  await fs.mkdir(dueMarkFile(home.paths, prod));
  leaveDueMark(home.paths, prod, token, now);
  assert.deepEqual(await fs.readdir(home.paths.callers), ['prod.due']);
});
