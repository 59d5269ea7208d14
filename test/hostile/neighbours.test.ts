import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { demoForTests } from '../demo/helpers.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { type Home, temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { callPlugin, leaveToken, platformToken, writeKonvoyKubeconfig } from '../helpers/konvoy.ts';
import { assertNoToken, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { personSignsIn, runProgram, startProgram } from '../helpers/program.ts';
import { renewableProfile } from '../helpers/renewable.ts';

type Test = Parameters<typeof temporaryHome>[0];

/** What another user may have put in the place of a file of ours before we came, and what is said of it. */
const plants: Readonly<
  Record<string, { plant(file: string, precious: string): Promise<unknown>; said: RegExp }>
> = {
  'a symbolic link': { plant: (file, precious) => fs.symlink(precious, file), said: /is a symbolic link/ },
  'a folder': { plant: file => fs.mkdir(file), said: /is not a regular file/ },
  'a pipe': { plant: file => execa('mkfifo', ['-m', '600', file]), said: /is not a regular file/ },
};

async function plantInPlaceOf(file: string, home: Home, what: keyof typeof plants): Promise<string> {
  const precious = home.path('precious');
  await fs.writeFile(precious, await fs.readFile(file), { mode: 0o600 });
  await fs.rm(file);
  await plants[what]?.plant(file, precious);
  return precious;
}

describe('in place of what a login keeps', { concurrency: 3 }, async () => {
  const demo = await demoForTests(smallestPortal);

  async function onlyFile(folder: string): Promise<string> {
    const [file = '', ...others] = (await fs.readdir(folder)).filter(name => name.endsWith('.json'));
    assert.deepEqual([file === '', others], [false, []]);
    return path.join(folder, file);
  }

  for (const [what, { said }] of Object.entries(plants)) {
    it(`of a session, ${what} is not read, and the refresh token goes nowhere`, async test => {
      const { home, profile, keep, refreshes } = await renewableProfile(test);
      await keep(-10);
      const file = await onlyFile(path.join(home.paths.state, 'sessions'));
      const precious = await plantInPlaceOf(file, home, what);
      const before = await fs.readFile(precious, 'utf8');
      const ended = await runProgram(['token', '--profile', profile.name], {
        env: { ...home.env, ...kubectlSays(profile) },
      });
      assert.equal(ended.stdout, '');
      assert.notEqual(ended.code, 0);
      assert.match(ended.stderr, said);
      assertNoToken(ended.stderr);
      assert.equal(refreshes(), 0);
      assert.equal(await fs.readFile(precious, 'utf8'), before);
    });

    it(`of a token for the platform's own kubeconfigs, ${what} is not read`, async test => {
      const home = await temporaryHome(test);
      await writeKonvoyKubeconfig(demo, home.path('.kube', 'config'), [{ cluster: 'kubernetes-cluster' }]);
      const user = demo.user('ada');
      await leaveToken(home, 'default-profile', platformToken(demo, user));
      const good = await callPlugin(demo, home).ended;
      assert.equal(good.code, 0, good.stderr);
      const file = await onlyFile(home.paths.konvoy);
      await plantInPlaceOf(file, home, what);
      const ended = await callPlugin(demo, home).ended;
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, said);
      assertNoToken(ended.stderr);
    });

    // A link of the person's own is how many keep their settings.
    it(`of the settings, ${what} ${what === 'a symbolic link' ? 'of the person is followed' : 'is not read'}`, async test => {
      const home = await temporaryHome(test);
      await runProgram(['config', 'set', 'timeout', '20'], { env: home.env });
      const file = home.path('config', 'settings.json');
      const precious = await plantInPlaceOf(file, home, what);
      const ended = await runProgram(answeredLogin(demo, '--sign-in-later'), { env: home.env });
      if (what === 'a symbolic link') assert.equal(ended.code, 0, ended.stderr);
      else assertRefused(ended, { exit: 1, message: said });
      assert.match(await fs.readFile(precious, 'utf8'), /"timeout"/);
    });
  }

  for (const what of ['a folder', 'a pipe'] as const) {
    it(`of the lock of a profile, ${what} ends a login with its name, and the profile stays as it was`, async test => {
      const home = await temporaryHome(test);
      const login = answeredLogin(demo, '--sign-in-later');
      assert.equal((await runProgram(login, { env: home.env })).code, 0);
      const profile = await fs.readFile(path.join(home.paths.profiles, 'prod.json'), 'utf8');
      const lock = path.join(home.paths.state, 'locks', 'profile-prod.lock');
      await fs.rm(lock, { force: true });
      await fs.mkdir(path.dirname(lock), { recursive: true, mode: 0o700 });
      await plants[what]?.plant(lock, '');
      const ended = await runProgram([...login, '--output', home.path('kube', 'other.yaml')], {
        env: home.env,
      });
      assertRefused(ended, { exit: 1, message: /profile-prod\.lock/ });
      assert.equal(await fs.readFile(path.join(home.paths.profiles, 'prod.json'), 'utf8'), profile);
    });
  }

  // Files of two users can only be had by root, who runs the tests in CI.
  if (process.getuid?.() === 0) {
    it('of the settings, a link to what somebody else wrote is not believed', async test => {
      const home = await temporaryHome(test);
      await runProgram(['config', 'set', 'timeout', '20'], { env: home.env });
      const precious = await plantInPlaceOf(home.path('config', 'settings.json'), home, 'a symbolic link');
      await fs.chown(precious, 65_534, 65_534);
      const ended = await runProgram(answeredLogin(demo, '--sign-in-later'), { env: home.env });
      assertRefused(ended, { exit: 1, message: /belongs to another user/ });
    });
  }
});

describe('another program on the loopback', { concurrency: true }, async () => {
  const demo = await demoForTests(smallestPortal);

  async function squatter(test: Test) {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(async () => void server.close());
    return { heard, port: (server.address() as AddressInfo).port };
  }

  async function login(test: Test, ...listen: string[]) {
    const home = await temporaryHome(test);
    const file = await writePortalFile(demo, home, { clusters: ['kubernetes-cluster'] });
    const args = ['login', '--portal-file', file, '--all-clusters', '--method', '2', '--profile', 'prod'];
    const how = ['--sign-in', 'browser', '--no-browser', '--credential-store', 'file', '--idp', 'corporate'];
    const program = startProgram([...args, ...how, ...listen.flatMap(each => ['--listen', each])], {
      env: home.env,
    });
    return { home, program };
  }

  it('that was first at the port hears nothing of the login: the next one is taken', async test => {
    const { heard, port } = await squatter(test);
    const { program, home } = await login(test, `127.0.0.1:${port}`, '127.0.0.1:0');
    const redirect = new URL(new URL(await program.address()).searchParams.get('redirect_uri') ?? '');
    assert.notEqual(redirect.port, String(port));
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(heard, []);
    assert.ok((await home.files()).includes('state/credentials/prod.json'));
  });

  it('that has the only port there is ends the login before anybody is sent anywhere', async test => {
    const { heard, port } = await squatter(test);
    const { program, home } = await login(test, `127.0.0.1:${port}`);
    const ended = await program.ended;
    assertRefused(ended, { exit: 1, message: new RegExp(`127\\.0\\.0\\.1:${port}`) });
    assert.doesNotMatch(ended.stderr, /^https:/m);
    assert.deepEqual(heard, []);
    assert.deepEqual(
      Object.keys(await contentsOf(home)).filter(file => /credentials|kube\//.test(file)),
      [],
    );
  });
});

it('programs in the working folder are not started by a PATH that has gaps, nor by a bare BROWSER', async test => {
  const home = await temporaryHome(test);
  const folder = await temporaryFolder(test);
  const mark = path.join(folder, 'started');
  for (const name of ['kubectl', 'planted', 'secret-tool', 'dbus-send', 'openssl']) {
    await fs.writeFile(path.join(folder, name), `#!/bin/sh\necho ${name} >>'${mark}'\n`, { mode: 0o755 });
  }
  const { PATH = '' } = home.env;
  const gaps = [
    '',
    '.',
    ...PATH.split(path.delimiter).filter(part => !path.isAbsolute(part) || part.includes('node')),
    '',
  ];
  const env = { ...home.env, PATH: gaps.join(path.delimiter), BROWSER: 'planted', DISPLAY: ':99' };
  for (const args of [['doctor', '--json'], ['check'], ['status'], ['config', 'kuberc']]) {
    await runProgram(args, { env, cwd: folder });
  }
  await assert.rejects(fs.readFile(mark, 'utf8'), { code: 'ENOENT' });
});
