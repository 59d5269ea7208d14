import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { doorFile } from '../../source/credentials/door.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { startPlugin } from '../helpers/plugin.ts';
import { type Ended, jsonOf } from '../helpers/program.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';
import { type Renewable, renewableProfile } from '../helpers/renewable.ts';

const tokenIn = (ended: Ended) => jsonOf<{ status: { token: string } }>(ended).status.token;
const doorOf = ({ home, profile }: Renewable) => doorFile(home.paths, profile.name);
const envOf = ({ home, profile }: Renewable, interactive = false) => ({
  ...home.env,
  KUBERNETES_EXEC_INFO: clientGoSays(profile, { interactive }),
});

function startMany(renewable: Renewable, count: number) {
  const env = envOf(renewable);
  return Array.from({ length: count }, () => startPlugin('prod', env));
}

async function endedOf(programs: ReturnType<typeof startMany>): Promise<Ended[]> {
  return Promise.all(programs.map(({ ended }) => ended));
}

async function assertServed(renewable: Renewable, ended: readonly Ended[], requests: number): Promise<void> {
  assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 ']);
  assert.deepEqual([...new Set(ended.map(tokenIn))], [await renewable.stored()]);
  assert.equal(renewable.refreshes(), requests);
  assert.ok(!existsSync(doorOf(renewable)), 'nobody is left to open the door');
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await wait(20);
  }
}

test('a hundred calls of the plugin with a token that is over cost the issuer one request', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  const old = await renewable.stored();
  await assertServed(renewable, await endedOf(startMany(renewable, 100)), 1);
  assert.notEqual(await renewable.stored(), old);
});

test('when the one at the door is killed, another one renews, and all are served', async t => {
  const renewable = await renewableProfile(t, { reuseMs: 60_000 });
  await renewable.keep(-10);
  const { answers } = renewable.rotating.issuer;
  const renew = answers.get('/token');
  answers.set('/token', 'hang');
  const [first] = startMany(renewable, 1);
  await until(() => renewable.refreshes() === 1, 'the first request');
  assert.match(await fs.readFile(doorOf(renewable), 'utf8'), /^ *\d+ +\d+\n$/);
  const others = startMany(renewable, 30);
  await wait(200);
  answers.set('/token', renew ?? 'hang');
  first?.kill();
  await assertServed(renewable, await endedOf(others), 2);
});

test('a failure reaches all that wait at the door', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  renewable.rotating.issuer.answers.set('/token', { raw: 'down', status: 503 });
  for (const _ of ['the failure', 'the pause after it']) {
    const ended = await endedOf(startMany(renewable, 20));
    assert.deepEqual([...new Set(ended.map(({ code, stdout }) => `${code} ${stdout}`))], ['1 ']);
    assert.ok(ended.every(({ stderr }) => stderr.startsWith('dkp-auth: ')));
    assert.equal(renewable.refreshes(), 1);
    assert.ok(!existsSync(doorOf(renewable)));
  }
});

test('the door is open while a person is asked', async t => {
  const renewable = await renewableProfile(t);
  await renewable.keep(-10);
  renewable.rotating.revoke();
  const browser = await recordingBrowser(t);
  const asks = startPlugin('prod', { ...envOf(renewable, true), BROWSER: browser.command });
  t.after(() => asks.kill());
  await browser.opened();
  assert.ok(!existsSync(doorOf(renewable)));
  const [other] = await endedOf(startMany(renewable, 1));
  assert.equal(other?.code, 3);
});

for (const [what, prepare] of [
  ['a door that was left behind', (door: string) => fs.writeFile(door, '     99999  1700000000\n')],
  ['a door that cannot be made', (door: string) => fs.mkdir(door)],
] as const) {
  test(`${what} keeps nobody out`, async t => {
    const renewable = await renewableProfile(t);
    await renewable.keep(-10);
    await prepare(doorOf(renewable));
    const ended = await endedOf(startMany(renewable, 10));
    assert.deepEqual([...new Set(ended.map(tokenIn))], [await renewable.stored()]);
    assert.equal(renewable.refreshes(), 1);
  });
}
