import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { startChild } from '../helpers/child.ts';
import { temporaryFolder } from '../helpers/home.ts';

const writer = path.join(import.meta.dirname, 'writer.ts');
type Test = Parameters<typeof temporaryFolder>[0];

const left = async (folder: string) => (await fs.readdir(folder)).filter(name => name.includes('.tmp'));

/** A process that writes the file's whole new content beside it, and then no more. */
async function startWriting(t: Test & Parameters<typeof startChild>[0], file: string) {
  const child = startChild(t, writer, ['begin', file]);
  await child.line(line => line === 'begun');
  return child;
}

/** Once more, by a process of its own. */
async function write(t: Parameters<typeof startChild>[0], task: string, file: string): Promise<void> {
  assert.equal(await startChild(t, writer, [task, file]).ended, 0);
}

for (const [what, task] of [
  ['replaced', 'replace'],
  ['made', 'create'],
  ['removed', 'remove'],
] as const) {
  test(`what a killed writer left goes when a file beside it is ${what}`, async t => {
    const folder = await temporaryFolder(t);
    const file = path.join(folder, 'prod.json');
    const killed = await startWriting(t, file);
    killed.process.kill('SIGKILL');
    await killed.ended;
    assert.equal((await left(folder)).length, 1);
    await write(t, task, path.join(folder, 'other.json'));
    assert.deepEqual(await left(folder), []);
  });
}

test("a living writer's file stays, and takes its place when that one is done", async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'prod.json');
  const living = await startWriting(t, file);
  const [name = ''] = await left(folder);
  await fs.utimes(path.join(folder, name), 1, 1);
  await write(t, 'replace', file);
  assert.deepEqual(await left(folder), [name]);
  living.process.kill('SIGTERM');
  assert.equal(await living.ended, 0);
  assert.equal(await fs.readFile(file, 'utf8'), 'begun');
  assert.deepEqual(await left(folder), []);
});

test('what a process left whose number another one has by now goes too', async t => {
  const folder = await temporaryFolder(t);
  const killed = await startWriting(t, path.join(folder, 'prod.json'));
  killed.process.kill('SIGKILL');
  await killed.ended;
  const [name = ''] = await left(folder);
  const other = spawn('sleep', ['60']);
  t.after(() => other.kill());
  await once(other, 'spawn');
  const renamed = name.replace(/-\d+-/, `-${other.pid}-`);
  await fs.rename(path.join(folder, name), path.join(folder, renamed));
  await write(t, 'replace', path.join(folder, 'other.json'));
  assert.deepEqual(await left(folder), []);
});

test("another computer's goes only after a day, and a stranger's file never", async t => {
  const folder = await temporaryFolder(t);
  const dayAgo = Date.now() / 1000 - 25 * 3600;
  const ages = {
    'prod.json.00000000-1-5-0123456789ab.tmp': dayAgo,
    'prod.json.00000000-2-5-0123456789ab.tmp': Date.now() / 1000 - 3600,
    'report.tmp': dayAgo,
    'prod.json.0123456789ab.tmp': dayAgo,
    '.00000000-1-5-0123456789ab.tmp.bak': dayAgo,
  };
  for (const [name, at] of Object.entries(ages)) {
    await fs.writeFile(path.join(folder, name), 'x');
    await fs.utimes(path.join(folder, name), at, at);
  }
  await fs.mkdir(path.join(folder, 'x.00000000-1-5-0123456789ab.tmp'));
  await write(t, 'replace', path.join(folder, 'other.json'));
  assert.deepEqual((await fs.readdir(folder)).sort(), [
    '.00000000-1-5-0123456789ab.tmp.bak',
    'other.json',
    'prod.json.00000000-2-5-0123456789ab.tmp',
    'prod.json.0123456789ab.tmp',
    'report.tmp',
    'x.00000000-1-5-0123456789ab.tmp',
  ]);
});
