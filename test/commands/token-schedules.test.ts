import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { backgroundRenewals } from '../helpers/background.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { killIfThere } from '../helpers/kill.ts';
import { startPlugin } from '../helpers/plugin.ts';
import { jsonOf, startProgram } from '../helpers/program.ts';
import { renewableProfile } from '../helpers/renewable.ts';

const rounds = 12;
const call = ['token', '--profile', 'prod'];

test('the built program across random ends of its token, slow and failing answers and kills', {
  timeout: 120_000,
}, async t => {
  // The issuer takes a replaced refresh token once more, as an administrator is told to set it: a kill loses an answer.
  const renewable = await renewableProfile(t, { reuseMs: 60_000 });
  const { home, rotating, profile } = renewable;
  const { answers } = rotating.issuer;
  const serve = answers.get('/token');
  if (typeof serve !== 'function') throw new Error('the issuer has an answer');
  const env = { ...home.env, ...kubectlSays(profile) };
  for (let round = 0; round < rounds; round += 1) {
    const plan = {
      due: randomInt(3) === 0,
      fails: randomInt(4) === 0,
      callers: 2 + randomInt(8),
      /** As kubeconfigs name it, or as its script starts it. */
      script: randomInt(2) === 0,
      kill: randomInt(3) === 0,
      killAfterMs: randomInt(400),
    };
    const told = (more: unknown) => `round ${round} ${JSON.stringify(plan)} ${JSON.stringify(more)}`;
    answers.set('/token', plan.fails ? { raw: 'down', status: 503 } : serve);
    await fs.rm(path.join(home.paths.state, 'flights'), { recursive: true, force: true });
    const old = await renewable.keep(plan.due ? 300 : -10);
    const requests = renewable.refreshes();
    const script = { ...home.env, KUBERNETES_EXEC_INFO: clientGoSays(profile) };
    const programs = Array.from({ length: plan.callers }, () =>
      plan.script ? startPlugin('prod', script) : startProgram(call, { env }),
    );
    let kills = 0;
    if (plan.kill) {
      await wait(plan.killAfterMs);
      const background = await backgroundRenewals(home);
      for (const pid of background.keys()) killIfThere(pid);
      programs[0]?.kill('SIGKILL');
      kills = 1 + background.size;
    }
    const ended = await Promise.all(programs.map(({ ended }) => ended));
    const settled = performance.now() + 10_000;
    while ((await backgroundRenewals(home)).size > 0) {
      assert.ok(performance.now() < settled, told('the background renewal does not end'));
      await wait(50);
    }
    const stored = await renewable.stored();
    for (const { code, signal, stdout, stderr } of ended) {
      if (signal === 'SIGKILL') continue;
      assert.equal(code, plan.fails && !plan.due ? 1 : 0, told({ code, signal, stderr }));
      if (code !== 0) assert.equal(stdout, '');
      else
        assert.ok(
          [old, stored].includes(jsonOf<{ status: { token: string } }>({ stdout }).status.token),
          told(ended),
        );
    }
    // Two that saw a token coming to its end at the same moment may each start a process, of which one asks.
    assert.ok(renewable.refreshes() - requests <= 1 + kills, told(renewable.refreshes() - requests));
    if (!plan.fails && kills === 0) assert.notEqual(stored, old, told(stored));
  }
});
