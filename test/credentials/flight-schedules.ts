import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { writeCredential } from '../../source/credentials/credential.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { pathsOf } from '../../source/system/paths.ts';
import { runner } from '../helpers/child.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { sampleCredential } from '../helpers/profiles.ts';
import { seed } from '../helpers/seeded.ts';
import { type ActorAnswer, type ActorCall, server } from './flight-actor.ts';

const actorCount = 5;

/** Mulberry32: a schedule can be played again from its seed. */
function randomOf(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    below: (most: number) => Math.floor(next() * most),
    chance: (probability: number) => next() < probability,
  };
}

/** A process that calls as it is told; when it is killed, what it was to answer is lost, and another takes its place. */
function startActor(test: { after(run: () => void): void }) {
  const file = path.join(import.meta.dirname, 'flight-actor.ts');
  const waiting = new Map<number, (answer: ActorAnswer | 'killed') => void>();
  let child: ChildProcess;
  const start = () => {
    const own = spawn(process.execPath, [...runner, file, 'act'], {
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    own.stdin.on('error', () => undefined);
    createInterface({ input: own.stdout }).on('line', line => {
      const answer = JSON.parse(line) as ActorAnswer;
      waiting.get(answer.number)?.(answer);
      waiting.delete(answer.number);
    });
    child = own;
  };
  start();
  test.after(() => void child.kill('SIGKILL'));
  return {
    pid: () => child.pid,
    call: (call: ActorCall) =>
      new Promise<ActorAnswer | 'killed'>(resolve => {
        waiting.set(call.number, resolve);
        child.stdin?.write(`${JSON.stringify(call)}\n`);
      }),
    kill() {
      child.kill('SIGKILL');
      for (const lose of waiting.values()) lose('killed');
      waiting.clear();
      start();
    },
  };
}

type Actor = ReturnType<typeof startActor>;
const prod = parseProfileName('prod');

async function play(seed: number, folder: string, actors: readonly Actor[], first: number): Promise<void> {
  const random = randomOf(seed);
  const now = Math.floor(Date.now() / 1000);
  const paths = pathsOf({ DKP_AUTH_STATE_DIR: folder, DKP_AUTH_CONFIG_DIR: folder });
  const kind = random.chance(0.25) ? 'ahead' : 'over';
  const life = { issuedAt: now - 3600, expiresAt: now + (kind === 'ahead' ? 200 : -5), renewable: true };
  await fs.mkdir(folder, { recursive: true });
  if (kind === 'ahead' || random.chance(0.5)) {
    await writeCredential(paths, prod, sampleCredential('prod', server, { token: 'a.old.b', ...life }));
  }
  const issuer = {
    ms: random.below(40),
    fails: random.chance(0.2),
    asks: kind === 'over' && random.chance(0.3),
  };
  if (random.chance(0.1)) await strew(folder, random.below(3));
  const calls = Array.from({ length: 3 + random.below(6) }, (_, index) => {
    const actor = actors[random.below(actors.length)];
    if (actor === undefined) throw new Error('there are actors');
    const cancels = random.chance(0.1);
    const call: ActorCall = {
      number: first + index,
      folder,
      kind,
      attended: true,
      issuer,
      ...(cancels && { cancelAfterMs: random.below(40) }),
    };
    return { call, actor, cancels, delayMs: random.below(30) };
  });
  const answers = calls.map(async ({ call, actor, delayMs }) => {
    await wait(delayMs);
    return actor.call(call);
  });
  let kills = 0;
  if (random.chance(0.15)) {
    await wait(random.below(50));
    kills = 1;
    if (random.chance(0.7)) {
      // Whoever is flying.
      const pid = Number(await fs.readFile(path.join(folder, 'running'), 'utf8').catch(() => ''));
      (actors.find(actor => actor.pid() === pid) ?? actors[0])?.kill();
    } else actors[random.below(actors.length)]?.kill();
  }
  const ended = await Promise.all(answers);

  const log = (await fs.readFile(path.join(folder, 'log'), 'utf8').catch(() => '')).split('\n');
  const text = JSON.stringify({ kind, issuer, kills, ended, log });
  assert.ok(!log.some(line => line.startsWith('two at once')), text);
  const begun = log.filter(line => line.startsWith('begin')).length;
  const cancelled = calls.filter(({ cancels }) => cancels).length;
  // Each began because the one before was killed or called off before it had come to anything.
  assert.ok(begun <= 1 + kills + cancelled, text);
  assert.ok(log.filter(line => line.startsWith('end')).length <= 1 + kills, text);
  const tokens = new Set(ended.flatMap(answer => (answer !== 'killed' && answer.token) || []));
  assert.ok(tokens.size <= 1 + kills, text);
  for (const [index, answer] of ended.entries()) {
    if (answer === 'killed' || answer.token !== undefined) continue;
    const allowed = new Set([
      ...(issuer.fails ? ['NETWORK'] : []),
      ...(calls[index]?.cancels ? ['CANCELLED', 'UNEXPECTED'] : []),
      // Somebody else flies, or a login was killed or called off, and the pause after it holds.
      ...(kind === 'ahead' ? ['LOCKED'] : []),
      ...(issuer.asks && (issuer.fails || kills + cancelled > 0) ? ['LOGIN_NEEDED'] : []),
    ]);
    assert.ok(allowed.has(answer.error ?? ''), `${answer.error}: ${text}`);
  }
  const credential = await fs
    .readFile(path.join(folder, 'credentials', 'prod.json'), 'utf8')
    .catch(() => '{}');
  const record = await fs.readFile(path.join(folder, 'flights', 'prod.json'), 'utf8').catch(() => '{}');
  assert.doesNotThrow(() => JSON.parse(credential), text);
  // What was strewn stays when nobody had anything to write: who was killed or called off has not.
  if (begun > kills + cancelled) assert.doesNotThrow(() => JSON.parse(record), text);
}

/** What a crash, another program or another time may have left. */
async function strew(folder: string, which: number): Promise<void> {
  const flights = path.join(folder, 'flights');
  await fs.mkdir(flights, { recursive: true });
  const dead = { id: '0'.repeat(24), host: 'gone', pid: 1, start: '1', hostName: 'gone' };
  const ahead = Date.now() + 1e10;
  const failure = { code: 'NETWORK', message: 'x' };
  const pauses = {
    login: { since: ahead, failures: 9, failure },
    renewal: { since: ahead, failures: 9, failure },
  };
  const leftovers: [string, string][] = [
    ['prod.lock', `${JSON.stringify(dead)}\n-000000000000\n`],
    ['prod.json', '{"version":1,"la'],
    ['prod.json', JSON.stringify({ version: 1, ...pauses })],
  ];
  const [name, content] = leftovers[which] ?? ['prod.lock', ''];
  await fs.writeFile(path.join(flights, name), content, { mode: 0o600 });
}

/** Callers, failures and kills at random: one flight each, nobody waits for ever, nothing is torn. */
export async function playSchedules(t: TestContext, schedules: number): Promise<void> {
  t.diagnostic(`seed ${seed}: DKP_AUTH_SEED=${seed} plays it again`);
  const root = await temporaryFolder(t);
  const actors = Array.from({ length: actorCount }, () => startActor(t));
  for (let number = 0; number < schedules; number += 1) {
    const folder = path.join(root, String(number));
    const ended = await Promise.race([
      play(seed + number, folder, actors, number * 100).then(() => true),
      wait(30_000, false, { ref: false }),
    ]);
    assert.ok(ended, `schedule ${number} of seed ${seed} does not end`);
    await fs.rm(folder, { recursive: true, force: true });
  }
}
