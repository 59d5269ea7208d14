import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { demoForTests } from '../demo/helpers.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { filesBelow, type Home, temporaryHome } from '../helpers/home.ts';
import { assertRefused } from '../helpers/plain-output.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { runProgram } from '../helpers/program.ts';

type Test = Parameters<typeof temporaryHome>[0];

/** A home on a file system of its own, with so many kilobytes. Only root may make one, as in CI. */
async function smallHome(test: Test, kilobytes: number): Promise<Home> {
  const home = await temporaryHome({ after: () => undefined });
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', home.folder]);
  test.after(async () => {
    await execa('umount', ['--lazy', home.folder]);
    await fs.rmdir(home.folder);
  });
  return home;
}

/** Leaves so many kilobytes, in whole pages. */
async function fill(home: Home, left: number): Promise<void> {
  const { bavail, bsize } = await fs.statfs(home.folder);
  await fs.writeFile(home.path('ballast'), Buffer.alloc(Math.max(0, bavail * bsize - left * 1024)));
}

if (process.getuid?.() === 0) {
  describe('a disk without room', { concurrency: 2 }, async () => {
    const demo = await demoForTests(smallestPortal);

    for (const left of [0, 4, 8, 12]) {
      it(`ends a login with a reason, tears nothing, and the next one works (${left} kB left)`, async test => {
        const home = await smallHome(test, 256);
        const login = answeredLogin(demo, '--sign-in-later');
        await fill(home, left);
        const ended = await runProgram(login, { env: home.env });
        assertRefused(ended, { exit: 1, message: /Could not (create|write|make|lock) /, hint: /has room/ });
        for (const file of await filesBelow(home.folder)) {
          if (file.endsWith('.json')) JSON.parse(await fs.readFile(home.path(file), 'utf8'));
          assert.doesNotMatch(file, /\.tmp$/);
        }
        await fs.rm(home.path('ballast'));
        const again = await runProgram(login, { env: home.env });
        assert.equal(again.code, 0, again.stderr);
      });
    }

    it('takes nothing from a token that is there', async test => {
      const home = await smallHome(test, 256);
      const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
      const token = await keepToken(home, demo, profile);
      await fill(home, 0);
      const ended = await runProgram(['token', '--profile', 'prod'], {
        env: { ...home.env, ...kubectlSays(profile) },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.ok(ended.stdout.includes(token));
    });
  });
}
