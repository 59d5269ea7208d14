import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import type { Profile } from '../../source/profiles/profile.ts';
import { demoForTests } from '../demo/helpers.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { filesBelow, type Home, temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertRefused } from '../helpers/plain-output.ts';
import { answeredLogin, logIn, smallestPortal } from '../helpers/portal-login.ts';
import { cli, type Ended, runProgram } from '../helpers/program.ts';

type Test = Parameters<typeof temporaryHome>[0];
type Place = { readonly home: Home; readonly profile: Profile; readonly token: string };

/** Another user of the machine. */
const stranger = 65_534;
const isRoot = process.getuid?.() === 0;
const nothing = (ended: Ended) => {
  assert.equal(ended.stdout, '');
  assertNoToken(ended.stderr);
};

describe('another user of the machine', { concurrency: 3 }, async () => {
  const demo = await demoForTests(smallestPortal);

  async function withToken(test: Test): Promise<Place> {
    const home = await temporaryHome(test);
    const profile = await boundProfile(home, demo, 'prod', 'kubernetes-cluster');
    return { home, profile, token: await keepToken(home, demo, profile) };
  }
  const ask = ({ home, profile }: Place) =>
    runProgram(['token', '--profile', 'prod'], { env: { ...home.env, ...kubectlSays(profile) } });

  const stores = ['profiles', 'credentials'] as const;
  const fileOf = ({ home }: Place, store: (typeof stores)[number]) =>
    path.join(home.paths[store], 'prod.json');

  for (const store of stores) {
    it(`who may write into the folder of ${store} makes it one that nothing is taken from`, async test => {
      const place = await withToken(test);
      await fs.chmod(place.home.paths[store], 0o770);
      const ended = await ask(place);
      nothing(ended);
      assertRefused(ended, { exit: 1, message: /Others may write to /, hint: /chmod go-w / });
      await fs.chmod(place.home.paths[store], 0o755);
      assert.equal((await ask(place)).code, 0);
    });

    it(`who plants a symbolic link for a file of ${store} has it neither followed nor written through`, async test => {
      const place = await withToken(test);
      const elsewhere = place.home.path('elsewhere.json');
      await fs.rename(fileOf(place, store), elsewhere);
      await fs.symlink(elsewhere, fileOf(place, store));
      const before = await fs.readFile(elsewhere, 'utf8');
      const ended = await ask(place);
      nothing(ended);
      assertRefused(ended, { exit: 1, message: /is a symbolic link/ });
      assert.equal(await fs.readFile(elsewhere, 'utf8'), before);
    });

    it(`who plants a folder, a pipe or a file of no end for a file of ${store} gets no answer, and soon`, async test => {
      const place = await withToken(test);
      const file = fileOf(place, store);
      await fs.rm(file);
      await fs.mkdir(file);
      assertRefused(await ask(place), { exit: 1, message: /is not a regular file/ });
      await fs.rmdir(file);
      await execa('mkfifo', ['-m', '600', file]);
      assertRefused(await ask(place), { exit: 1, message: /is not a regular file/ });
      await fs.rm(file);
      await fs.writeFile(file, '', { mode: 0o600 });
      await fs.truncate(file, 50_000_000_000);
      assertRefused(await ask(place), { exit: 1, message: /is too large/ });
    });
  }

  it('who gave a file of ours a second name keeps what was in it, and sees nothing new', async test => {
    const place = await withToken(test);
    const file = fileOf(place, 'credentials');
    const second = place.home.path('second-name');
    await fs.writeFile(second, 'not a credential', { mode: 0o600 });
    await fs.rm(file);
    await fs.link(second, file);
    const ended = await logIn(demo, answeredLogin(demo), { home: place.home });
    assert.equal(ended.code, 4, 'the pinned account of the test is not the portal’s');
    await fs.rm(place.home.paths.profiles, { recursive: true });
    assert.equal((await logIn(demo, answeredLogin(demo), { home: place.home })).code, 0);
    assert.equal(await fs.readFile(second, 'utf8'), 'not a credential');
    assert.match(await fs.readFile(file, 'utf8'), /"token"/);
  });

  it('reads nothing that a login writes, whatever the umask', async test => {
    const home = await temporaryHome(test);
    const started = `umask 000; exec "$@"`;
    const args = [...answeredLogin(demo, '--sign-in-later')];
    await execa('sh', ['-c', started, 'sh', process.execPath, cli, ...args], {
      env: home.env,
      extendEnv: false,
    });
    await logIn(demo, answeredLogin(demo), { home });
    const files = await filesBelow(home.folder);
    assert.ok(files.length >= 4, files.join(', '));
    for (const file of files) {
      for (let part = file; part !== '.'; part = path.dirname(part)) {
        const mode = Number.parseInt(await home.mode(part), 8);
        assert.equal(mode & 0o077, 0, `${part} has mode ${mode.toString(8)}`);
      }
    }
  });

  it('who may write to the settings cannot say whom to trust for a portal', async test => {
    const home = await temporaryHome(test);
    assert.equal((await logIn(demo, answeredLogin(demo), { home })).code, 0);
    await fs.chmod(home.path('config', 'settings.json'), 0o666);
    const ended = await runProgram(answeredLogin(demo, '--dry-run'), { env: home.env });
    assertRefused(ended, { exit: 1, message: /Others may write to .*settings\.json/ });
  });

  it('who fills the working folder with programs and packages has none of them started', async test => {
    const { home, profile } = await withToken(test);
    const folder = await temporaryFolder(test);
    const mark = path.join(folder, 'started');
    const planted = [
      'node',
      'kubectl',
      'xdg-open',
      'x-www-browser',
      'sensible-browser',
      'secret-tool',
      'dbus-send',
      'sh',
      'env',
    ];
    for (const name of planted) {
      await fs.writeFile(path.join(folder, name), `#!/bin/sh\necho ${name} >>'${mark}'\n`, { mode: 0o755 });
    }
    const module = path.join(folder, 'node_modules', '@napi-rs', 'keyring');
    await fs.mkdir(module, { recursive: true });
    await fs.writeFile(
      path.join(module, 'index.js'),
      `require('node:fs').appendFileSync(${JSON.stringify(mark)}, 'module')`,
    );
    for (const name of ['.env', '.npmrc', '.node_repl_history'])
      await fs.writeFile(path.join(folder, name), 'X=1');
    const env = { ...home.env, ...kubectlSays(profile), DISPLAY: ':99' };
    assert.equal((await runProgram(['token', '--profile', 'prod'], { env, cwd: folder })).code, 0);
    const launcher = path.join(path.dirname(cli), 'dkp-auth-token');
    const launched = await execa(launcher, ['--profile', 'prod'], {
      env: { ...env, PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` },
      extendEnv: false,
      cwd: folder,
      reject: false,
    });
    assert.equal(launched.exitCode, 0, launched.stderr);
    const args = answeredLogin(demo, '--timeout', '2').filter(arg => arg !== '--no-browser');
    const login = await runProgram(args, {
      env: { ...env, HOME: folder, DKP_AUTH_CONFIG_DIR: home.path('c2') },
      cwd: folder,
    });
    assert.notEqual(login.code, 0);
    await assert.rejects(fs.readFile(mark, 'utf8'), { code: 'ENOENT' });
  });

  // Files of two users can only be had by root, who runs the tests in CI.
  if (isRoot) {
    for (const store of stores) {
      it(`who owns the folder of ${store}, or a file in it, is not believed`, async test => {
        const place = await withToken(test);
        await fs.chown(fileOf(place, store), stranger, stranger);
        assertRefused(await ask(place), { exit: 1, message: /belongs to another user/ });
        await fs.chown(fileOf(place, store), 0, 0);
        await fs.chown(place.home.paths[store], stranger, stranger);
        const ended = await ask(place);
        nothing(ended);
        assertRefused(ended, { exit: 1, message: /belongs to another user/, hint: /sudo -H/ });
      });
    }

    it('whose home sudo left in HOME is left as it is', async test => {
      const home = await temporaryHome(test);
      const theirs = home.path('theirs');
      await fs.mkdir(theirs, { mode: 0o755 });
      await fs.chown(theirs, stranger, stranger);
      const env = { PATH: home.env['PATH'], LANG: 'C.UTF-8', HOME: theirs };
      const ended = await runProgram(answeredLogin(demo, '--sign-in-later'), { env });
      assertRefused(ended, { exit: 1, message: /theirs belongs to another user/, hint: /sudo -H/ });
      assert.deepEqual(await fs.readdir(theirs), []);
    });

    it('who was first to make our folders in a sticky /tmp is not believed', async test => {
      const shared = path.join(await temporaryFolder(test), 'tmp');
      await fs.mkdir(shared);
      await fs.chmod(shared, 0o1777);
      const home = await temporaryHome(test);
      const state = path.join(shared, 'state');
      await fs.mkdir(path.join(state, 'credentials'), { recursive: true });
      for (const folder of [path.join(state, 'credentials'), state])
        await fs.chown(folder, stranger, stranger);
      const env = { ...home.env, DKP_AUTH_STATE_DIR: state };
      const ended = await logIn(demo, answeredLogin(demo), { home: { env } });
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /belongs to another user/);
      assert.deepEqual(await filesBelow(state), []);
    });

    it('whose Node is planted for the launcher is not started', async test => {
      const place = await withToken(test);
      const mark = place.home.path('started');
      const evil = place.home.path('evil');
      await fs.writeFile(evil, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
      await fs.writeFile(place.home.paths.node, `${evil}\n`, { mode: 0o600 });
      await fs.chown(place.home.paths.node, stranger, stranger);
      const launched = await execa(path.join(path.dirname(cli), 'dkp-auth-token'), ['--profile', 'prod'], {
        env: {
          ...place.home.env,
          ...kubectlSays(place.profile),
          PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
        },
        extendEnv: false,
        reject: false,
      });
      assert.equal(launched.exitCode, 0, launched.stderr);
      await assert.rejects(fs.stat(mark), { code: 'ENOENT' });
    });
  }
});
