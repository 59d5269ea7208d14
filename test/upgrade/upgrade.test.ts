import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { sessionId } from '../../source/credentials/session.ts';
import { openSessions } from '../../source/credentials/session-store.ts';
import { listProfiles } from '../../source/profiles/registry.ts';
import type { ProfileStatus } from '../../source/status/profile-status.ts';
import { rememberedPortals } from '../../source/system/settings.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

/**
 * What former versions have left on people's disks. A folder here is never changed: a version that writes something else gets a
 * folder of its own beside it, and every later one must go on reading them all.
 */
const versions = ['0.1'];

async function machineOf(t: TestContext, version: string): Promise<Home> {
  const home = await temporaryHome(t);
  const from = path.join(import.meta.dirname, version);
  await fs.mkdir(home.paths.config, { mode: 0o700 });
  await fs.mkdir(home.paths.state, { mode: 0o700 });
  await fs.cp(path.join(from, 'profiles'), home.paths.profiles, { recursive: true });
  await fs.cp(path.join(from, 'sessions'), path.join(home.paths.state, 'sessions'), { recursive: true });
  await fs.copyFile(path.join(from, 'settings.json'), path.join(home.paths.config, 'settings.json'));
  // Version control keeps no modes.
  for (const file of await home.files()) await fs.chmod(home.path(file), 0o600);
  return home;
}

for (const version of versions) {
  describe(`what ${version} wrote`, () => {
    test('profiles are read whole', async t => {
      const home = await machineOf(t, version);
      for (const profile of await listProfiles(home.paths)) {
        const file = path.join(import.meta.dirname, version, 'profiles', `${profile.name}.json`);
        assert.deepEqual(profile, JSON.parse(await fs.readFile(file, 'utf8')));
      }
      const ended = await runProgram(['status', '--json'], { env: home.env });
      const { profiles } = jsonOf<{ profiles: ProfileStatus[] }>(ended);
      assert.deepEqual(
        profiles.map(({ name, renewal }) => [name, renewal]),
        [
          ['least', 'asks'],
          ['most', 'by-itself'],
        ],
      );
    });

    test('settings hold, and platforms are remembered', async t => {
      const home = await machineOf(t, version);
      const ended = await runProgram(['config', 'list', '--json'], { env: home.env });
      const { settings } = jsonOf<{ settings: { key: string; value: unknown; origin: string }[] }>(ended);
      const held = Object.fromEntries(
        settings.filter(each => each.origin === 'file').map(({ key, value }) => [key, value]),
      );
      assert.deepEqual(held, {
        browserCommand: 'firefox %s',
        credentialStore: 'file',
        method: '2',
        noBrowser: true,
        proxy: 'http://proxy.example.com:3128',
        timeout: 120,
      });
      assert.deepEqual(
        (await rememberedPortals(home.paths)).map(({ loginLink }) => loginLink),
        ['https://dkp.example.com/token/landing/team-red', 'https://old.example.com/token/landing/'],
      );
    });

    test('a session can be opened', async t => {
      const home = await machineOf(t, version);
      const most = (await listProfiles(home.paths)).find(({ name }) => name === 'most');
      assert.ok(most?.account && most.client);
      const id = sessionId({ issuer: most.issuer, clientId: most.client.id, account: most.account });
      const sessions = openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));
      const read = await sessions.read(id);
      assert.equal(read.kind === 'found' && read.session.refreshToken, 'a-refresh-token-of-0.1');
    });
  });
}
