import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertDone, assertIs, kubeconfigOf } from '../desk.ts';
import { claimsOf } from '../dex-login.ts';
import { labDoes, userNamed } from '../harness.ts';
import { isolated, issuerDeskAt } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';
import { issuerIds } from '../world.ts';

const scene = setScene();
const toFile = ['--credential-store', 'file'];

describe('a session that profiles share', () => {
  // Below the 30 s before its end in which our program gives a token to nobody any more: each call renews.
  before(() => labDoes('restart', ...issuerIds, '--token-lifetime', '20s'));
  after(() => labDoes('restart', ...issuerIds));

  test('two profiles that renew at the same moment, 200 times, lose no session and take no token of the other', async t => {
    const desk = await issuerDeskAt(t, scene.lab, 'dex');
    assertDone(await desk.signInByPassword(userNamed('john'), toFile));
    const seen = new Set<string>();
    for (let round = 0; round < 200; round += 1) {
      const [a, b] = await Promise.all(isolated.map(name => desk.token(name)));
      assert.deepEqual(
        [a, b].map(token => [claimsOf(token ?? '')['aud']].flat()[0]),
        [...isolated],
      );
      seen.add(a ?? '').add(b ?? '');
    }
    assert.ok(seen.size > 200, `${seen.size} tokens in 200 rounds`);
    assert.equal((await desk.sessions()).length, 1);
    for (const name of isolated) assertIs(await desk.whoami([kubeconfigOf(desk, name)]), userNamed('john'));
  });

  for (const id of issuerIds) {
    test(`kill -9 at random points of a renewal at ${id} loses no session`, async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      assertDone(await desk.signInByPassword(userNamed('eve'), toFile));
      const begun = performance.now();
      await desk.token('isolated-a');
      const usual = Math.round(performance.now() - begun);
      let killed = 0;
      for (let round = 0; round < 25; round += 1) {
        const program = desk.plugin('isolated-a');
        const delay = randomInt(0, usual + 1);
        await Promise.race([pause(delay), program.ended]);
        program.kill('SIGKILL');
        if ((await program.ended).signal === 'SIGKILL') killed += 1;
        const next = await desk.plugin('isolated-b').ended;
        assert.equal(next.code, 0, `round ${round}, killed after ${delay} of ${usual} ms: ${next.stderr}`);
      }
      assert.ok(killed > 5, `only ${killed} of 25 were killed before their end`);
      assert.equal((await desk.sessions()).length, 1);
      await desk.token('isolated-a');
    });

    test(`at ${id} a second login on the same machine replaces the session, and every profile goes on with it`, async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const john = userNamed('john');
      assertDone(await desk.signInByPassword(john, toFile));
      const before = await desk.sessions();
      assertDone(await desk.signInByPassword(john, toFile));
      assert.deepEqual(await desk.sessions(), before);
      for (const name of isolated) assertIs(await desk.whoami([kubeconfigOf(desk, name)]), john);
    });

    test(`at ${id} a login for one more cluster takes nothing from the one before`, async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const john = userNamed('john');
      for (const cluster of isolated) assertDone(await desk.signInByPassword(john, toFile, { cluster }));
      assert.equal((await desk.sessions()).length, 1);
      for (const name of isolated) assertIs(await desk.whoami([kubeconfigOf(desk, name)]), john);
    });

    test(`at ${id} a login on another machine ends the session here, which is told with the command that helps`, async t => {
      const john = userNamed('john');
      const [here, there] = [await issuerDeskAt(t, scene.lab, id), await issuerDeskAt(t, scene.lab, id)];
      assertDone(await here.signInByPassword(john, toFile));
      assertDone(await there.signInByPassword(john, toFile));
      assertIs(await there.whoami([kubeconfigOf(there, 'isolated-a')]), john);
      const refused = await here.kubectl([kubeconfigOf(here, 'isolated-a'), 'auth', 'whoami']);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /failed with exit code 3/);
      const [, command = ''] = /Run: dkp-auth (login \S.*?)\r?$/m.exec(refused.stderr) ?? [];
      const flags = [...command.split(' '), '--password-fd', '0'];
      assertDone(await here.run(flags, { input: `${john.password}\n` }));
      for (const name of isolated) assertIs(await here.whoami([kubeconfigOf(here, name)]), john);
      assert.equal((await here.sessions()).length, 1);
      const ended = await there.plugin('isolated-a').ended;
      assert.equal(ended.code, 3, ended.stderr);
      assert.equal(ended.stdout, '');
    });
  }
});
