import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startDemo } from '../../source/demo/index.ts';
import { temporaryHome } from '../helpers/home.ts';
import { startPlugin } from '../helpers/plugin.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';
import { seed } from '../helpers/seeded.ts';
import { whyNoFalseClock } from '../hostile/false-clock.ts';
import { logInOften } from './logins.ts';
import { kubectlSaysFor, nameOf, writeProfiles } from './many-profiles.ts';
import { liveFor } from './two-days.ts';

// The same at sizes that a night has; scripts/bench has them large, and writes down what they take.
const missing = whyNoFalseClock();

describe('at small sizes', { concurrency: 2 }, () => {
  it(`a token's life goes through sleeps and lost networks, and nobody is asked (seed ${seed})`, {
    skip: missing !== undefined && process.env['CI'] === undefined ? missing : false,
  }, async test => {
    const life = await liveFor(test, 6, seed);
    test.diagnostic(JSON.stringify(life));
    // One sleep can be longer than these hours.
    assert.ok(
      life.calls > 0 && (life.sleeps > 0 || (life.calls > 3 && life.renewals > 0)),
      JSON.stringify(life),
    );
    // A token is renewed in the last fifth of its hour, and never twice.
    assert.ok(
      life.renewals <= 6 / 0.8 + 2 * life.losses + life.sleeps + life.calls / 10,
      JSON.stringify(life),
    );
  });

  for (const [door, clusters] of [
    ['portal', ['kubernetes-cluster', 'red-lab']],
    ['issuer', ['red-prod']],
  ] as const) {
    it(`logins at once give each profile its own token (${door})`, async test => {
      const demo = await startDemo({ only: { clusters, identityProviders: ['corporate'] } });
      test.after(() => demo.close());
      await logInOften(demo, await temporaryHome(test), { count: 6, atOnce: 2, door });
    });
  }

  it('hundreds of profiles: each is found, and one more is as any other', async test => {
    const demo = await startDemo(smallestPortal);
    test.after(() => demo.close());
    const home = await temporaryHome(test);
    const count = 300;
    await writeProfiles(home, count);
    const status = await runProgram(['status', '--json'], { env: home.env });
    assert.equal(status.code, 0, status.stderr);
    assert.equal(jsonOf<{ profiles: unknown[] }>(status).profiles.length, count);
    const { env } = home;
    const called = await startPlugin(nameOf(7), { ...env, KUBERNETES_EXEC_INFO: kubectlSaysFor(home, 7) })
      .ended;
    assert.equal(called.code, 0, called.stderr);
    const used = await runProgram(['use', nameOf(7), '--shell', 'bash'], { env });
    assert.match(used.stdout, new RegExp(`${nameOf(7)}\\.yaml`));
    const completed = await runProgram(['__complete', 'use', 'profile-29'], { env });
    assert.equal(completed.stdout.match(/^profile-29\d*/gm)?.length, 11, completed.stdout);
    const login = await runProgram(answeredLogin(demo, '--sign-in-later'), { env });
    assert.equal(login.code, 0, login.stderr);
    assert.equal((await home.files()).filter(file => file.startsWith('config/profiles/')).length, count + 1);
  });
});
