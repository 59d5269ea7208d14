import fs from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { toUserError } from '../../source/errors.ts';
import { withLock } from '../../source/system/lock.ts';
import { killAtFileOperation } from '../helpers/kill-at.ts';

// One process of lock.test.ts. `count`: adds one to a counter again and again, and tells each number it wrote; `hold`:
// takes the lock and keeps it; `die N`: takes and frees the lock, killed before its nth file operation.
const [task = '', folder = '', number = ''] = process.argv.slice(2);
const lock = path.join(folder, 'the.lock');
const counter = path.join(folder, 'counter');
const owner = path.join(folder, 'owner');
const say = (line: string) => process.stdout.write(`${line}\n`);

async function addOne(): Promise<void> {
  await fs.writeFile(owner, String(process.pid));
  const next = Number(await fs.readFile(counter, 'utf8')) + 1;
  await turn();
  await fs.writeFile(`${counter}.${process.pid}`, String(next));
  if ((await fs.readFile(owner, 'utf8')) !== String(process.pid)) say('not alone');
  await fs.rename(`${counter}.${process.pid}`, counter);
  say(String(next));
}

if (task === 'count') {
  say('ready');
  for (let left = Number(number); left > 0; left--) {
    await withLock(lock, addOne).catch((error: unknown) => say(toUserError(error).code));
  }
}
if (task === 'hold') {
  await withLock(lock, async () => {
    say('held');
    await new Promise(resolve => setTimeout(resolve, 60_000));
  });
}
if (task === 'die') {
  const count = await killAtFileOperation(Number(number));
  await withLock(lock, async () => undefined);
  say(`operations ${count()}`);
}
