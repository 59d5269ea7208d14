import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startDemo } from '../../source/demo/index.ts';
import { boundProfile } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { temporaryHome } from '../helpers/home.ts';
import { type Ended, jsonOf, runProgram, startProgram } from '../helpers/program.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';
import { type Renewable, renewableProfile } from '../helpers/renewable.ts';

const tokenIn = (ended: Ended) => jsonOf<{ status: { token: string } }>(ended).status.token;
const call = ['token', '--profile', 'prod'];

function envOf({ home, profile }: Pick<Renewable, 'home' | 'profile'>, interactive = false) {
  return { ...home.env, ...kubectlSays(profile, { interactive }) };
}

/** Waits for something that other processes bring about. */
async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await wait(20);
  }
}

const times = (count: number) => Array.from({ length: count });

test('fifty processes with a token that is over cost the issuer one request, and get equal tokens', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  const env = envOf(renewable);
  const ended = await Promise.all(times(50).map(() => runProgram(call, { env })));
  assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 ']);
  assert.deepEqual([...new Set(ended.map(tokenIn))], [await renewable.stored()]);
  assert.equal(renewable.refreshes(), 1);
});

test('fifty processes with an empty cache open one browser tab, and get equal tokens', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const home = await temporaryHome(t);
  const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
  const browser = await recordingBrowser(t);
  const env = { ...envOf({ home, profile }, true), BROWSER: browser.command };
  const programs = times(50).map(() => startProgram(call, { env }));
  await until(async () => browser.wasOpened(), 'a tab');
  const [address = ''] = await browser.opened();
  await demo.signIn(address, demo.user('ada'));
  const ended = await Promise.all(programs.map(({ ended }) => ended));
  assert.deepEqual([...new Set(ended.map(({ code }) => code))], [0]);
  assert.equal(new Set(ended.map(tokenIn)).size, 1);
  assert.deepEqual(await browser.opened(), [address]);
  assert.equal(ended.filter(({ stderr }) => stderr.includes('https://')).length, 1);
});

test('a token in the last part of its life is printed at once and renewed by one process that lives on', async t => {
  const renewable = await renewableProfile(t);
  const old = await renewable.keep(300);
  const env = envOf(renewable);
  const ended = await Promise.all(times(10).map(() => runProgram(call, { env })));
  assert.deepEqual([...new Set(ended.map(({ stderr }) => stderr))], ['']);
  assert.ok(ended.map(tokenIn).includes(old));
  await until(async () => (await renewable.stored()) !== old, 'another token');
  const next = await runProgram(call, { env });
  assert.equal(tokenIn(next), await renewable.stored());
  assert.equal(renewable.refreshes(), 1);
});
