import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../source/system/lock.ts';
import { ownIdentity } from '../../source/system/process-identity.ts';
import { type Child, startChild } from '../helpers/child.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { userError } from '../helpers/user-error.ts';

const locker = path.join(import.meta.dirname, 'locker.ts');
const quick = { everyMs: 20, staleMs: 300 };
/** More than two looks, for a holder whose life must not be overlooked on a busy machine. */
const steady = { everyMs: 20, staleMs: 1200 };

/** What a holder somewhere leaves in a lock file. */
function holderFile(process: { host: string; pid: number; start: string | null }, mark: '+' | '-' = '+') {
  const id = randomBytes(12).toString('hex');
  const content = `${JSON.stringify({ id, ...process, hostName: 'elsewhere' })}\n${mark}000000000000\n`;
  return { id, content };
}

async function lockFile(t: {
  after(run: () => Promise<void>): void;
}): Promise<{ folder: string; file: string }> {
  const folder = await temporaryFolder(t);
  return { folder, file: path.join(folder, 'the.lock') };
}

test('gives what the function gives, throws what it throws, and is free afterwards', async t => {
  const { file, folder } = await lockFile(t);
  assert.equal(await withLock(file, async () => 7), 7);
  await assert.rejects(
    withLock(file, async () => {
      throw new Error('of the function');
    }),
    /of the function/,
  );
  assert.equal(await withLock(file, async () => 8), 8);
  assert.deepEqual(await fs.readdir(folder), ['the.lock']);
});

test('the file says which process holds it, nothing else, and is for this user alone', async t => {
  const { file } = await lockFile(t);
  await withLock(path.join(file, '..', 'private', 'the.lock'), async () => {
    const folder = path.join(file, '..', 'private');
    const content = await fs.readFile(path.join(folder, 'the.lock'), 'utf8');
    const names = Object.keys(JSON.parse(content.split('\n')[0] ?? ''));
    assert.deepEqual(names.sort(), ['host', 'hostName', 'id', 'pid', 'start']);
    assert.equal((await fs.stat(path.join(folder, 'the.lock'))).mode & 0o777, 0o600);
    assert.equal((await fs.stat(folder)).mode & 0o777, 0o700);
  });
});

test('those of one process come one after the other, in line', async t => {
  const { file } = await lockFile(t);
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    Array.from({ length: 50 }, (_, number) =>
      withLock(file, async () => {
        inside += 1;
        assert.equal(inside, 1);
        await sleep(1);
        order.push(number);
        inside -= 1;
      }),
    ),
  );
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.equal(order.length, 50);
});

test('waiting ends in time, with who holds it, and an abort ends it at once', async t => {
  const { file, folder } = await lockFile(t);
  const holder = startChild(t, locker, ['hold', folder]);
  await holder.line(line => line === 'held');
  await assert.rejects(
    withLock(file, async () => undefined, { timeoutMs: 100, what: 'this session' }),
    userError('LOCKED', new RegExp(`Process ${holder.process.pid} is still busy with this session`)),
  );
  const abort = new AbortController();
  const waiting = withLock(file, async () => undefined, { signal: abort.signal });
  const reason = new Error('enough');
  setTimeout(() => abort.abort(reason), 30);
  await assert.rejects(waiting, error => error === reason);
});

test('waiting behind those of the own process ends in time too, and lets the next ones through', async t => {
  const { file } = await lockFile(t);
  const first = Promise.withResolvers<void>();
  const holding = withLock(file, () => first.promise);
  await assert.rejects(
    withLock(file, async () => undefined, { timeoutMs: 50 }),
    userError('LOCKED'),
  );
  const later = withLock(file, async () => 'later');
  first.resolve();
  await holding;
  assert.equal(await later, 'later');
});

test('a process that was killed leaves the lock to the next at once', async t => {
  const { file, folder } = await lockFile(t);
  const holder = startChild(t, locker, ['hold', folder]);
  await holder.line(line => line === 'held');
  const next = withLock(file, async () => performance.now());
  holder.process.kill('SIGKILL');
  await holder.ended;
  const killed = performance.now();
  assert.ok((await next) - killed < 1000);
});

test('a process that sleeps keeps its lock, however long it gives no sign of life', async t => {
  const { file, folder } = await lockFile(t);
  const holder = startChild(t, locker, ['hold', folder]);
  await holder.line(line => line === 'held');
  holder.process.kill('SIGSTOP');
  await assert.rejects(
    withLock(file, async () => undefined, { timeoutMs: 500, heartbeat: { everyMs: 20, staleMs: 50 } }),
    userError('LOCKED'),
  );
});

test('a number that now belongs to another process does not keep a lock', async t => {
  const { file } = await lockFile(t);
  const own = await ownIdentity();
  await fs.writeFile(file, holderFile({ ...own, start: `${own.start}0` }).content);
  assert.equal(await withLock(file, async () => 'mine', { timeoutMs: 1000 }), 'mine');
});

test('a holder on another host keeps its lock while it gives signs of life, whatever its clock says', async t => {
  const { file } = await lockFile(t);
  const { content } = holderFile({ host: 'another', pid: 1, start: '1' });
  await fs.writeFile(file, content);
  const handle = await fs.open(file, 'r+');
  t.after(() => handle.close());
  let beat = 0;
  const heart = setInterval(() => {
    beat += 1;
    void handle.write(String(beat).padStart(12, '0'), content.length - 13);
    // Neither a time long ago nor one to come tells anything.
    void handle.utimes(beat % 2 ? 0 : 4e9, beat % 2 ? 0 : 4e9);
  }, 20);
  t.after(() => clearInterval(heart));
  await assert.rejects(
    withLock(file, async () => undefined, { timeoutMs: 2000, heartbeat: steady }),
    userError('LOCKED', /Process 1 of elsewhere/),
  );
  clearInterval(heart);
  const silent = performance.now();
  await withLock(file, async () => undefined, { heartbeat: steady });
  assert.ok(performance.now() - silent >= steady.staleMs - 100);
});

test('a damaged lock file is waited for, then replaced', async t => {
  const { file } = await lockFile(t);
  for (const content of ['', 'rubbish', '{"id":"../../x","host":"h","pid":1,"start":null}\n+0\n']) {
    await fs.writeFile(file, content);
    assert.equal(await withLock(file, async () => 'mine', { heartbeat: quick }), 'mine');
  }
});

test('a lock file that is a link is not followed', async t => {
  const { file, folder } = await lockFile(t);
  await fs.writeFile(path.join(folder, 'target'), 'precious');
  await fs.symlink(path.join(folder, 'target'), file);
  await assert.rejects(
    withLock(file, async () => undefined),
    userError('IO'),
  );
  assert.equal(await fs.readFile(path.join(folder, 'target'), 'utf8'), 'precious');
});

test('who lost the lock while it slept is told before it writes, and frees nothing of the new holder', async t => {
  const { file } = await lockFile(t);
  const other = holderFile({ host: 'another', pid: 1, start: '1' });
  await withLock(
    file,
    async lease => {
      await lease.confirm();
      await fs.writeFile(`${file}.new`, other.content);
      await fs.rename(`${file}.new`, file);
      await assert.rejects(lease.confirm(), userError('LOCKED', /Another computer/));
      assert.equal(lease.signal.aborted, true);
    },
    { heartbeat: quick },
  );
  assert.equal(await fs.readFile(file, 'utf8'), other.content);
});

test('the loss of the lock is noticed by itself', async t => {
  const { file } = await lockFile(t);
  await withLock(
    file,
    async lease => {
      const lost = new Promise(resolve => lease.signal.addEventListener('abort', resolve));
      await fs.rm(file);
      await lost;
    },
    { heartbeat: quick },
  );
});

test('of many that take over one dead lock at once, they get it one after the other', async t => {
  const { folder, file } = await lockFile(t);
  const own = await ownIdentity();
  await fs.writeFile(path.join(folder, 'counter'), '0');
  const children = Array.from({ length: 6 }, () => startChild(t, locker, ['count', folder, '15']));
  for (let round = 0; round < 20; round++) {
    // A dead holder again and again, put there by one that holds the lock.
    await withLock(file, async () => {
      const dead = `${file}.${randomBytes(4).toString('hex')}`;
      await fs.writeFile(dead, holderFile({ ...own, start: '1' }).content);
      await fs.rename(dead, file);
    });
  }
  await Promise.all(children.map(child => child.ended));
  assertOneByOne(children, 90, 0);
  assert.equal(await fs.readFile(path.join(folder, 'counter'), 'utf8'), '90');
});

test('killed at random, processes lose no number and never share one', async t => {
  const { folder } = await lockFile(t);
  await fs.writeFile(path.join(folder, 'counter'), '0');
  const all: Child[] = [];
  const start = () => {
    const child = startChild(t, locker, ['count', folder, '100000']);
    all.push(child);
    return child;
  };
  const running = Array.from({ length: 5 }, start);
  const kills = 10;
  for (let kill = 0; kill < kills; kill++) {
    const victim = randomInt(running.length);
    const child = running[victim];
    assert.ok(child);
    // It is killed somewhere between two turns of its own.
    const turns = child.lines.length + 1 + randomInt(4);
    await child.line(() => child.lines.length >= turns);
    await sleep(Math.random() * 4);
    child.process.kill('SIGKILL');
    running[victim] = start();
  }
  for (const child of running) child.process.kill('SIGKILL');
  await Promise.all(all.map(child => child.ended));
  const total = Number(await fs.readFile(path.join(folder, 'counter'), 'utf8'));
  assertOneByOne(all, total, kills + running.length);
  await withLock(path.join(folder, 'the.lock'), async () => undefined, { timeoutMs: 2000 });
  const left = (await fs.readdir(folder)).filter(name => name.startsWith('the.lock'));
  assert.deepEqual(left, ['the.lock']);
});

test('a kill at every single file operation leaves a lock that the next one takes at once', async t => {
  const { folder, file } = await lockFile(t);
  await withLock(file, async () => undefined);
  const whole = startChild(t, locker, ['die', folder, '0']);
  const operations = Number((await whole.line(line => line.startsWith('operations'))).split(' ')[1]);
  assert.ok(operations > 8, `${operations}`);
  for (let nth = 1; nth <= operations; nth += 2) {
    const pair = [nth, nth + 1].filter(each => each <= operations);
    for (const child of pair.map(each => startChild(t, locker, ['die', folder, String(each)]))) {
      assert.equal(await child.ended, 'SIGKILL');
    }
    assert.equal(await withLock(file, async () => nth, { timeoutMs: 1000 }), nth);
    assert.deepEqual(await fs.readdir(folder), ['the.lock']);
  }
});

/** Every number up to the total was written once; those of killed processes may be untold. */
function assertOneByOne(children: readonly Child[], total: number, untold: number): void {
  const lines = children.flatMap(child => child.lines).filter(line => line !== 'ready');
  const numbers = lines.map(Number);
  assert.deepEqual(
    lines.filter(line => !/^\d+$/.test(line)),
    [],
  );
  assert.equal(new Set(numbers).size, numbers.length, 'a number was written twice');
  assert.ok(numbers.every(number => number >= 1 && number <= total));
  assert.ok(numbers.length >= total - untold, `${numbers.length} of ${total}`);
}
