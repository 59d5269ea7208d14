import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { download } from '../helpers/handed-out.ts';
import { filesBelow, type Home, temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { cli, type Ended } from '../helpers/program.ts';
import { seed } from '../helpers/seeded.ts';
import { assertWhole, furnish } from './file-scenes.ts';
import { type Scene, scenes, startWorld, type World } from './kernel-scenes.ts';
import { type Call, type KernelFault, traced, whyNoStrace } from './strace.ts';

const faults = Number(process.env['DKP_AUTH_KERNEL_FAULTS'] ?? 80);
const only = process.env['DKP_AUTH_KERNEL_SCENE'];
const mostTold = 10;
const workers = 3;
/** What a disk that lied has lost of theirs can only be told (docs/decisions/0075). */
const takesTheOldAway = new Set(['profiles rename']);
/** What `check --fix` mends. */
const platform = 'platform.yaml';
const codes = ['ENOSPC', 'EIO', 'EINTR', 'EROFS', 'EDQUOT'];

if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
const missing = whyNoStrace();
const title = `after any fault of a kernel below the built program the next run works or says what to do (${faults} faults, seed ${seed})`;

if (missing !== undefined) {
  it(`${title}: not done, because ${missing}`, { skip: process.env['CI'] === undefined }, () =>
    assert.fail(missing),
  );
} else {
  it(title, { timeout: 60_000 + faults * 10_000 }, async test => {
    const random = randomFrom(seed);
    const world = await startWorld(test);
    const log = path.join(await temporaryFolder(test), 'calls');
    const known = new Map<Scene, Call[]>();
    const struck = new Map<string, number>();
    const failures: string[] = [];
    const among = scenes.filter(({ name }) => only === undefined || name === only);
    for (const scene of among) known.set(scene, await undisturbed({ scene, world, log }));
    let trial = 0;
    // Much of a trial is waiting: for a lock's guardian, for what a kubectl may still write.
    const work = async (worker: number) => {
      while (trial < faults) {
        trial += 1;
        const which = `trial ${trial}`;
        const scene = random.pick(among);
        const fault = faultBy(random, known.get(scene) ?? [], scene);
        const place = { scene, world, log: `${log}.${worker}` };
        await strike(place, fault, which).catch(error => failures.push(String(error)));
        const key = `${fault.kind}${'call' in fault ? ` ${fault.call}` : ''}`;
        struck.set(key, (struck.get(key) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
    test.diagnostic(JSON.stringify(Object.fromEntries([...struck].sort())));
    assert.equal(failures.length, 0, failures.slice(0, mostTold).join('\n\n'));
  });
}

type Place = { readonly scene: Scene; readonly world: World; readonly log: string };

async function withHome<T>({ scene, world }: Place, run: (home: Home) => Promise<T>): Promise<T> {
  const ends: (() => Promise<void>)[] = [];
  const home = await temporaryHome({ after: end => void ends.push(end) });
  try {
    await furnish(home);
    await scene.prepare(home, world);
    return await run(home);
  } finally {
    for (const end of ends) await end();
  }
}

function run({ scene, world, log }: Place, home: Home, fault?: KernelFault) {
  const env = { ...home.env, ...scene.env?.(home, world) };
  return traced(scene.command(home, world), { env, log, ...(fault && { fault }) });
}

const isOurs = ({ text, name }: Call, home: Home) =>
  text.includes(home.folder) || (name === 'write' && /^[12]</.test(text));

/** The calls that a scene makes in its home, and what it prints. */
async function undisturbed(place: Place): Promise<Call[]> {
  return withHome(place, async home => {
    const ended = await run(place, home);
    assert.equal(ended.code, 0, `${place.scene.name}: ${ended.stderr}`);
    await place.scene.isDone(home, place.world);
    await assertWhole(home, place.scene);
    // A fault that would strike Node's own files or queues too says nothing of this program.
    const others = new Set(
      ended.calls.filter(call => !isOurs(call, home)).map(({ name, nth }) => `${name} ${nth}`),
    );
    const calls = ended.calls.filter(call => isOurs(call, home) && !others.has(`${call.name} ${call.nth}`));
    assert.ok(calls.length > 2, `${place.scene.name}: only ${calls.length} calls can be struck`);
    return calls;
  });
}

function faultBy(random: Random, calls: readonly Call[], scene: Scene): KernelFault {
  const { name: call, nth } = random.pick(calls);
  const syncs = calls.filter(({ name }) => name === 'fsync' || name === 'fdatasync');
  const synced = syncs.length > 0 ? random.pick(syncs) : undefined;
  return random.pick<KernelFault>([
    ...(call === 'close' ? [] : [{ kind: 'error', call, nth, code: random.pick(codes) } as const]),
    { kind: 'death', call, nth },
    ...(synced ? [{ kind: 'lost', call: synced.name, nth: synced.nth } as const] : []),
    ...(scene.isShell
      ? []
      : [{ kind: 'short', bytes: 1 + random.below(random.pick([64, 700, 4000])) } as const]),
  ]);
}

async function strike(place: Place, fault: KernelFault, which: string): Promise<void> {
  await withHome(place, async home => {
    const { scene } = place;
    const struck = await run(place, home, fault);
    const hit = struck.calls.filter(({ isInjected }) => isInjected);
    try {
      const isElsewhere = hit.some(call => !isOurs(call, home));
      // Modules of the program load in an order of their own: of these Node speaks.
      if (fault.kind !== 'death' && struck.signal === undefined && !isElsewhere) assertTold(struck, scene);
      const lost = fault.kind === 'lost' ? await loseWhatWasNotSynced(home, struck.calls) : [];
      await assertWhole(home, scene, lost);
      if (scene.name === 'check --fix' && lost.includes(platform)) await assertUndoBringsBack(place, home);
      await assertNextRunWorks(place, home, lost);
      // What could not be unlinked goes with the next write of its folder.
      if (!hit.some(({ name }) => name.startsWith('unlink'))) assert.deepEqual(await leftIn(home), []);
    } catch (error) {
      const where = hit.map(({ name, text }) => `${name}(${text}`).join(' and ');
      const told = `${which}: ${scene.name}, ${JSON.stringify(fault)} at ${where || 'nothing that is told'}`;
      const end = `it ended with ${struck.code ?? struck.signal}: ${struck.stderr.slice(-500)}`;
      throw new Error(`${told}; ${end}\n${error}`, { cause: error });
    }
  });
}

async function assertNextRunWorks(place: Place, home: Home, lost: readonly string[]): Promise<void> {
  const { scene, world } = place;
  let next = await run(place, home);
  assertTold(next, scene);
  if (lost.length > 0 && next.code !== 0) {
    // It said what is damaged: somebody puts that away.
    for (const file of lost) await fs.rm(home.path(file), { force: true });
    next = await run(place, home);
    assertTold(next, scene);
  }
  if (takesTheOldAway.has(scene.name) && lost.length > 0 && next.code !== 0) {
    assert.ok(await isAllElseThere(home, lost), `more than ${lost.join(', ')} is lost`);
    return;
  }
  await scene.isDone(home, world).catch(error => {
    throw new Error(`${String(error)}\nthe next run ended with ${next.code}: ${next.stderr.slice(-500)}`);
  });
  await assertWhole(home, scene, lost);
}

/** The disk has lost the very kubeconfig that was mended: that is said, and what it was before comes back. */
async function assertUndoBringsBack({ scene, world, log }: Place, home: Home): Promise<void> {
  const said = await traced(scene.command(home, world), { env: home.env, log });
  assert.equal(said.code, 1, said.stderr);
  assert.match(said.stdout, /FILE_EMPTIED/);
  const undo = /dkp-auth (undo \S+platform\.yaml)$/m.exec(said.stdout)?.[1]?.split(' ');
  assert.ok(undo, said.stdout);
  const undone = await traced([process.execPath, cli, ...undo], { env: home.env, log });
  assert.equal(undone.code, 0, undone.stderr);
  const asItWas = await download(world.demo, home, { file: 'again.yaml' });
  assert.equal(await fs.readFile(home.path(platform), 'utf8'), await fs.readFile(asItWas, 'utf8'));
  await fs.rm(asItWas);
}

/** Of a profile that was renamed, whatever the disk has not lost. */
async function isAllElseThere(home: Home, lost: readonly string[]): Promise<boolean> {
  const files = await filesBelow(home.folder);
  const kept = ['config/profiles/crimson.json', 'state/credentials/crimson.json', 'kube/red.yaml'];
  return kept.every(file => files.includes(file) !== lost.includes(file));
}

/** Done, or an error for people with what to do next. */
function assertTold({ code, stdout, stderr }: Ended, { isShell = false, name }: Scene): void {
  assertPlain(stderr);
  assertNoToken(stderr);
  if (!/token|renewal/.test(name)) assertNoToken(stdout);
  if (isShell || code === 0) return;
  assert.ok(code !== undefined && code >= 1 && code <= 4, `it ended with ${code}: ${stderr}`);
  // What became of each file is a result of check, and stands on stdout.
  if (name === 'check --fix' && /^dkp-auth: Found \d+ error/m.test(stderr)) {
    assert.match(stdout, /Could not .+\n/, stdout);
    return;
  }
  assert.match(stderr, /^dkp-auth: .+(\n|\. )\S/m, stderr);
  assert.doesNotMatch(stderr, /^\s+at .*:\d+/m);
}

/** A crash, after a disk that had only said it kept files: their names are there, and nothing is in them. */
async function loseWhatWasNotSynced(home: Home, calls: readonly Call[]): Promise<string[]> {
  const lost: string[] = [];
  for (const [at, { isInjected, text }] of calls.entries()) {
    const file = isInjected ? /<([^>]+)>/.exec(text)?.[1] : undefined;
    if (file === undefined) continue;
    const places = ({ name, text }: Call) => /^(rename|link)/.test(name) && text.includes(`"${file}"`);
    const target = [
      ...(calls
        .slice(at)
        .find(places)
        ?.text.matchAll(/"([^"]+)"/g) ?? []),
    ][1]?.[1];
    if (target === undefined || !existsSync(target)) continue;
    await fs.truncate(target, 0);
    lost.push(path.relative(home.folder, target));
  }
  return lost;
}

/** Locks of kubectl, and unfinished files where credentials may be in them. */
async function leftIn(home: Home): Promise<string[]> {
  return (await filesBelow(home.folder)).filter(
    file => /\.ya?ml\.lock/.test(file) || /(credentials|sessions|kube)\/.*\.tmp|own\.yaml.*\.tmp/.test(file),
  );
}
