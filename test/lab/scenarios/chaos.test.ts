import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { randomFrom } from '../../fuzz/random.ts';
import { connectProxy } from '../../helpers/connect-proxy.ts';
import { assertNoToken, assertPlain } from '../../helpers/plain-output.ts';
import { seed } from '../../helpers/seeded.ts';
import { startChaosProxy, type Trouble } from '../../hostile/chaos-proxy.ts';
import { assertDone } from '../desk.ts';
import { claimsOf } from '../dex-login.ts';
import { userNamed } from '../harness.ts';
import { issuerDeskAt } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';

const scene = setScene();
const server = 'isolated-a';
const troubles = 24;

test(`Dex behind a network in trouble: each renewal brings a token or a reason, and the login lives on (seed ${seed})`, async t => {
  const desk = await issuerDeskAt(t, scene.lab, 'dex');
  assertDone(await desk.signInByPassword(userNamed('john'), ['--credential-store', 'file']));
  const tunnel = await connectProxy(t);
  const chaos = await startChaosProxy(Number(new URL(tunnel.url).port));
  t.after(() => chaos.close());
  const env = { HTTPS_PROXY: `http://127.0.0.1:${chaos.port}`, NO_PROXY: '' };
  const random = randomFrom(seed);
  const ends = { token: 0, reason: 0 };
  const renew = async () => {
    await desk.expire(server);
    // The pause after a failure is not what this is about.
    await rm(desk.path('state', 'flights'), { recursive: true, force: true });
    const ended = await desk.plugin(server, { env }).ended;
    assertPlain(ended.stderr);
    assertNoToken(ended.stderr);
    return ended;
  };
  const assertGood = (stdout: string) => {
    const { status } = JSON.parse(stdout) as { status: { token: string } };
    assert.ok(Number(claimsOf(status.token)['exp']) > Date.now() / 1000);
    assert.ok([claimsOf(status.token)['aud']].flat().includes(server));
  };
  for (let trial = 0; trial < troubles; trial += 1) {
    const after = random.below(random.pick([1, 300, 3000, 9000]));
    const trouble = random.pick<Trouble>([
      { kind: 'refuse' },
      { kind: 'cut', after },
      { kind: 'nonsense', after },
      { kind: 'twice' },
      { kind: 'swapped' },
      { kind: 'drip', bytes: 100 + random.below(900), pauseMs: random.below(10) },
    ]);
    let before = random.below(3);
    chaos.trouble = () => (before-- === 0 ? trouble : { kind: 'none' });
    const ended = await renew();
    const told = `trial ${trial}: ${JSON.stringify(trouble)}: ${ended.code} ${ended.stderr}`;
    if (ended.code === 0) assertGood(ended.stdout);
    else assert.match(ended.stderr, /^dkp-auth: (Could not reach |.* answer).+\n$/m, told);
    assert.ok(ended.code === 0 || ended.code === 1, told);
    ends[ended.code === 0 ? 'token' : 'reason'] += 1;
  }
  chaos.trouble = () => ({ kind: 'none' });
  const last = await renew();
  assert.equal(last.code, 0, last.stderr);
  assertGood(last.stdout);
  assert.equal((await desk.sessions()).length, 1);
  t.diagnostic(JSON.stringify(ends));
  assert.ok(ends.token > 0 && ends.reason > 0, JSON.stringify(ends));
});
