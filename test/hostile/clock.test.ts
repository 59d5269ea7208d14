import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { readCredential } from '../../source/credentials/credential.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { readProfile } from '../../source/profiles/registry.ts';
import { claimsIn, demoForTests } from '../demo/helpers.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { runProgram, startProgram } from '../helpers/program.ts';
import { falseClock, whyNoFalseClock } from './false-clock.ts';

const hour = 3600;
const prod = parseProfileName('prod');
const missing = whyNoFalseClock();
const skip = missing !== undefined && process.env['CI'] === undefined ? missing : false;

describe('a clock that is set while somebody signs in', { skip, concurrency: 2 }, async () => {
  const demo = await demoForTests(smallestPortal);

  /** A login during which the clock is set, once its address is shown. */
  async function loginAcross(test: TestContext, before: number, after: number): Promise<void> {
    assert.equal(missing, undefined);
    const home = await temporaryHome(test);
    const clock = await falseClock(await temporaryFolder(test), before);
    const env = { ...home.env, ...clock.env };
    const program = startProgram(answeredLogin(demo, '--sign-in-now'), { env });
    const address = await program.address();
    await clock.set(after);
    await demo.signIn(address, demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const credential = await readCredential(home.paths, prod);
    assert.equal(credential?.expiresAt, claimsIn(credential?.token ?? '')['exp']);
    const profile = await readProfile(home.paths, prod);
    assert.ok(profile && credential);
    const called = await runProgram(['token', '--profile', 'prod'], {
      env: { ...env, ...kubectlSays(profile) },
    });
    assert.equal(called.code, 0, called.stderr);
    assert.ok(called.stdout.includes(credential.token));
  }

  const jumps = {
    'put right that was three hours fast': [3 * hour, 0],
    'put right that was three hours slow': [-3 * hour, 0],
    'put three hours forward': [0, 3 * hour],
    'put three hours back': [0, -3 * hour],
    'put two days back': [0, -48 * hour],
  } as const;
  for (const [what, [before, after]] of Object.entries(jumps)) {
    it(`${what} costs nobody the login`, test => loginAcross(test, before, after));
  }
});
