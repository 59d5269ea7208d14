import assert from 'node:assert/strict';
import { it } from 'node:test';
import { execa } from 'execa';
import { randomFrom } from '../fuzz/random.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { seed } from '../helpers/seeded.ts';
import { jumpingClock, whyNoFalseClock } from './false-clock.ts';
import { assertWhole, furnish } from './file-scenes.ts';
import { scenes, startWorld } from './kernel-scenes.ts';

const jumps = Number(process.env['DKP_AUTH_CLOCK_JUMPS'] ?? 30);
const minute = 60;
const hour = 3600;
/** More looks at the clock than the longest of these runs takes. */
const mostLooks = 1500;
const among = scenes.filter(({ name }) => /^a (login|renewal|renewal by .*|cached .*)$/.test(name));

const missing = whyNoFalseClock();
const skip = missing !== undefined && process.env['CI'] === undefined ? missing : false;
const title = `whenever a clock jumps the next run works, and no login is lost (${jumps} jumps, seed ${seed})`;

it(title, { skip, timeout: 60_000 + jumps * 10_000 }, async test => {
  assert.equal(missing, undefined);
  const random = randomFrom(seed);
  const world = await startWorld(test);
  const ends = { done: 0, told: 0 };
  for (let trial = 0; trial < jumps; trial += 1) {
    const scene = random.pick(among);
    const size = random.pick([minute, 10 * minute, hour, 3 * hour, 48 * hour]) * random.pick([1, -1]);
    const looks = 1 + random.below(random.pick([20, 200, mostLooks]));
    const cleanups: (() => Promise<void>)[] = [];
    const home = await temporaryHome({ after: run => void cleanups.push(run) });
    const run = async (clock: Readonly<Record<string, string>>) => {
      const [command = '', ...args] = scene.command(home, world);
      const env = { ...home.env, ...scene.env?.(home, world), ...clock };
      const options = { env, extendEnv: false, reject: false, stdin: 'ignore', timeout: 40_000 } as const;
      const { exitCode, stdout, stderr, timedOut } = await execa(command, args, options);
      assert.ok(!timedOut, 'it hangs');
      assertPlain(stderr);
      assertNoToken(stderr);
      if (exitCode !== 0) assert.match(stderr, /^dkp-auth: .+(\n|\. )\S/m);
      return { code: exitCode, stdout, stderr };
    };
    try {
      await furnish(home);
      await scene.prepare(home, world);
      const struck = await run(jumpingClock(size, looks));
      ends[struck.code === 0 ? 'done' : 'told'] += 1;
      await assertWhole(home, scene);
      // The clock stays as it is now, and is put right at last.
      await run(jumpingClock(size, 0));
      await assertWhole(home, scene);
      const right = await run({});
      assert.equal(right.code, 0, right.stderr);
      await scene.isDone(home, world);
      await assertWhole(home, scene);
    } catch (error) {
      const what = `${scene.name}, ${size} seconds at look ${looks}`;
      throw new Error(`trial ${trial}: ${what}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    } finally {
      for (const cleanup of cleanups) await cleanup();
    }
  }
  test.diagnostic(JSON.stringify(ends));
});
