import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before as beforeAll, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { temporaryFolder } from '../helpers/home.ts';
import { fc, seed } from '../helpers/seeded.ts';
import { mergeInto, sampleEntry } from '../kubeconfig/sample.ts';

// Most of a merge is waiting, so several of them share a processor.
const runners = 5;
const killsEach = 200;
/** How many kills come before it is measured anew how long a merge takes, for other programs come and go. */
const killsPerMeasure = 10;
const before = `# mine
apiVersion: v1
kind: Config
current-context: old
clusters:
- name: old
  cluster: { server: https://old }
contexts:
- name: old
  context: { cluster: old, user: old }
users:
- name: old
  user: { token: "${'x'.repeat(20_000)}" }
`;
const [merged] = mergeInto([before], [sampleEntry('red')]).texts;

// A library within asks for Node's own modules the old way.
const requireForEsm =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** One file, so that a process is there as fast as the installed program is. */
async function bundleMerger(folder: string): Promise<string> {
  const outfile = path.join(folder, 'merger.mjs');
  const merger = path.join(import.meta.dirname, '..', 'kubeconfig', 'merger.ts');
  await build({
    entryPoints: [merger],
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: requireForEsm },
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

function startMerge(merger: string, folder: string, file: string) {
  const child = spawn(process.execPath, [merger, path.join(folder, 'state'), file, 'red'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(path.dirname(merger), 'compiled') },
  });
  const exited = once(child, 'exit');
  const started = Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => assert.fail('the merger did not start')),
  ]);
  return { child, exited, started };
}

/** @returns whether it was still under way when it was killed */
async function mergeAndKill(merger: string, folder: string, file: string, afterMs: number): Promise<boolean> {
  const { child, exited, started } = startMerge(merger, folder, file);
  await started;
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  return signal === 'SIGKILL';
}

async function untilOnly(folder: string, isExpected: (name: string) => boolean): Promise<string[]> {
  for (let look = 0; look < 500; look++) {
    const names = await fs.readdir(folder);
    if (names.every(isExpected)) return [];
    await sleep(10);
  }
  return (await fs.readdir(folder)).filter(name => !isExpected(name));
}

/** How long a merge that nobody disturbs takes until it has given the lock back, in milliseconds. */
async function undisturbed(merger: string, folder: string, file: string): Promise<number> {
  await fs.writeFile(file, before);
  const { child, exited, started } = startMerge(merger, folder, file);
  await started;
  const begun = performance.now();
  let heldUntil = 0;
  while (child.exitCode === null) {
    const names = await fs.readdir(path.dirname(file));
    if (names.includes('config.lock')) heldUntil = performance.now() - begun;
    await sleep(2);
  }
  const [code] = await exited;
  assert.equal(code, 0);
  assert.equal(await fs.readFile(file, 'utf8'), merged);
  // On a machine that is so busy that nobody saw the lock, the end is near enough.
  return heldUntil > 0 ? heldUntil : performance.now() - begun;
}

describe(`a merge that is killed at a random moment (DKP_AUTH_SEED=${seed})`, {
  concurrency: runners,
}, () => {
  let tools = '';
  let merger = '';
  beforeAll(async () => {
    tools = await fs.mkdtemp(path.join(os.tmpdir(), 'dkp-auth-test-'));
    merger = await bundleMerger(tools);
  });
  after(() => fs.rm(tools, { recursive: true, force: true }));

  for (let runner = 0; runner < runners; runner++) {
    const title = `leaves the old file or the new one, no lock and no scraps, ${killsEach} times (${runner})`;
    it(title, { timeout: 900_000 }, async t => {
      const folder = await temporaryFolder(t);
      const kube = path.join(folder, 'kube');
      await fs.mkdir(kube);
      const file = path.join(kube, 'config');
      // Evenly, which doubles and biased integers are not: most of those lie next to nothing. And a little beyond the end:
      // what follows is waiting, and a look at the file.
      const percent = fc.sample(fc.noBias(fc.nat(130)), { seed: seed + runner, numRuns: killsEach });
      const seen = { old: 0, new: 0, killed: 0 };
      let longest = 0;
      for (const [index, share] of percent.entries()) {
        if (index % killsPerMeasure === 0) longest = await undisturbed(merger, folder, file);
        const moment = (share / 100) * longest;
        await fs.writeFile(file, before);
        await fs.chmod(file, 0o640);
        if (await mergeAndKill(merger, folder, file, moment)) seen.killed += 1;
        const text = await fs.readFile(file, 'utf8');
        assert.ok(text === before || text === merged, `half a file, killed after ${moment} ms`);
        seen[text === before ? 'old' : 'new'] += 1;
        assert.equal((await fs.stat(file)).mode & 0o777, 0o640);
        const left = await untilOnly(kube, name => name === 'config' || name.endsWith('.bak'));
        assert.deepEqual(left, [], `killed after ${moment} ms`);
      }
      t.diagnostic(JSON.stringify(seen));
      assert.ok(seen.killed > killsEach / 2, JSON.stringify(seen));
      assert.ok(seen.old > killsEach / 10 && seen.new > killsEach / 10, JSON.stringify(seen));
      const copies = (await fs.readdir(kube)).filter(name => name.endsWith('.bak'));
      for (const copy of copies) assert.equal(await fs.readFile(path.join(kube, copy), 'utf8'), before);
    });
  }
});
