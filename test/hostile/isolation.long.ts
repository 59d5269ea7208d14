import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { startDemo } from '../../source/demo/index.ts';
import { randomFrom } from '../fuzz/random.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { pathWithPlugin } from '../helpers/konvoy.ts';
import { runProgram } from '../helpers/program.ts';
import { seed } from '../helpers/seeded.ts';
import {
  handOut,
  logInAtIssuer,
  logInSomewhere,
  playKonvoy,
  playKubectl,
  playVerb,
  verbsPlayed,
  type World,
} from './isolation-moves.ts';
import { Ledger } from './ledger.ts';
import { watchProcesses } from './proc-watch.ts';

const steps = Number(process.env['DKP_AUTH_ISOLATION_STEPS'] ?? 60);

/** The verbs that the program says it has, with their own verbs where they have any. */
async function verbsOf(home: Home, of: readonly string[] = []): Promise<string[]> {
  const { stdout } = await runProgram([...of, '--help'], { env: home.env });
  const list = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  const verbs = [...list.matchAll(/^ {2}([a-z][a-z-]+)\b/gm)].map(([, verb = '']) => verb);
  const known = verbs.filter(verb => verb !== 'help');
  if (of.length > 0) return known.map(verb => [...of, verb].join(' '));
  const lists = await Promise.all(known.map(verb => verbsOf(home, [verb])));
  return known.flatMap((verb, index) => (lists[index]?.length ? (lists[index] ?? []) : [verb]));
}

const moves: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'two logins at once': async world =>
    void (await Promise.all([logInSomewhere(world), logInSomewhere(world)])),
  'a login at the issuer': logInAtIssuer,
  'a kubeconfig of the platform': handOut,
  'the platform’s plugin': playKonvoy,
  kubectl: playKubectl,
  'kubectl at another server': world => playKubectl(world, world.random.pick(world.demos)),
  'a command': playVerb,
  // Tokens run out, and the next call has to renew or to refuse.
  'a minute': async ({ demos }) => {
    for (const demo of demos) demo.advance(60);
  },
};
const first = ['two logins at once', 'a login at the issuer', 'a kubeconfig of the platform'];
const often = ['kubectl', 'kubectl', 'kubectl at another server', 'a command', 'a command'];

it(`no token leaves its profile, whatever two portals, ten people and every command do (${steps} steps, seed ${seed})`, async test => {
  const demos = await Promise.all(
    [1, 2].map(() => startDemo({ deviceIntervalSeconds: 1, tokenLifetimeSeconds: 90 })),
  );
  test.after(async () => void (await Promise.all(demos.map(demo => demo.close()))));
  const homes = await Promise.all(
    [1, 2].map(async () => {
      const home = await temporaryHome(test);
      const PATH = `${path.dirname(process.execPath)}:${await pathWithPlugin(home)}`;
      return { ...home, env: { ...home.env, PATH, EDITOR: 'true' } };
    }),
  );
  const [home] = homes;
  const world: World = { demos, homes, random: randomFrom(seed), said: [] };
  const { random, said } = world;
  assert.ok(home !== undefined);
  assert.ok(demos.flatMap(demo => demo.document.users).length >= 10);
  assert.ok(demos.flatMap(demo => demo.document.clusters).filter(({ reachable }) => reachable).length >= 6);
  // The demo has servers of its own; `login` and `token` are moves.
  const verbs = (await verbsOf(home)).filter(verb => !['demo', 'login', 'token'].includes(verb));
  assert.deepEqual([...verbsPlayed].sort(), verbs.sort(), 'a command that is not played, or is no more');
  const ledger = new Ledger();
  const processes = watchProcesses();
  const played: Record<string, number> = {};
  try {
    for (let step = 0; step < steps; step += 1) {
      const move = random.pick(step < 6 ? first : [...Object.keys(moves), ...often]);
      played[move] = (played[move] ?? 0) + 1;
      await moves[move]?.(world);
      for (const each of homes) await ledger.readDisk(each);
      for (const demo of demos) ledger.readRequests(demo);
    }
    for (const each of homes) await ledger.readLeftovers(each);
  } catch (error) {
    test.diagnostic(JSON.stringify(played));
    throw error;
  } finally {
    await processes.stop();
  }
  ledger.readTexts(processes.seen, 'the arguments or the environment of a process');
  ledger.readTexts(said, 'what a command says');
  const { counts } = ledger;
  test.diagnostic(JSON.stringify({ ...counts, processes: processes.seen.size, played }));
  // A proof in which nothing happened is none.
  assert.ok(counts.tokens >= 3 && counts.received >= 1 && counts.servers >= 2 && counts.profiles >= 3);
  assert.ok(steps < 500 || Object.keys(played).length === Object.keys(moves).length);
  assert.ok(processes.seen.size >= steps / 2 || process.platform !== 'linux');
});
