import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { RenewalStep } from '../../source/credentials/renew.ts';
import { startChild } from '../helpers/child.ts';
import type { RenewerPlan } from './renewer.ts';
import { assertKind, planFor, signedIn } from './signed-in.ts';

const renewer = path.join(import.meta.dirname, 'renewer.ts');

test('kill -9 at every file operation and every step of a rotation: the session lives on', async t => {
  const { renew, stored, login, dex, home } = await signedIn(t);
  const plan = await planFor(dex.issuer, home.folder);
  const run = (killAt: RenewerPlan['killAt']) =>
    startChild(t, renewer, [JSON.stringify({ ...plan, killAt })], home.env);
  const whole = run(0);
  const operations = Number((await whole.line(line => line.startsWith('operations'))).split(' ')[1]);
  assert.ok(operations > 20, `${operations}`);
  const steps: RenewalStep[] = ['turn', 'read', 'asked', 'answered', 'stored', 'checked', 'kept'];
  const points = [...steps, ...Array.from({ length: operations }, (_, number) => number + 1)];
  for (let first = 0; first < points.length; first += 2) {
    const pair = points.slice(first, first + 2);
    for (const child of pair.map(run)) assert.equal(await child.ended, 'SIGKILL', String(pair));
    const renewal = await renew({ timeoutMs: 2000 });
    assertKind(renewal, 'renewed');
    assert.equal((await stored())?.refreshToken, dex.current(login), `after ${pair}`);
  }
  const lock = `state/sessions/${login.id}.lock`;
  const left = (await home.files()).filter(file => file.startsWith(lock));
  assert.deepEqual(left, [lock]);
});
