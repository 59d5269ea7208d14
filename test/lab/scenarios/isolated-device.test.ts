import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cli } from '../../helpers/program.ts';
import type { Terminal } from '../../terminal/harness/terminal.ts';
import { browserTrap } from '../browser-trap.ts';
import { assertIs, kubeconfigOf } from '../desk.ts';
import { claimsOf } from '../dex-login.ts';
import { farTerminal } from '../far-terminal.ts';
import { labDoes, programNamed, serverNamed, userNamed, whoami } from '../harness.ts';
import { type Isolated, type IssuerDesk, isolated, issuerDeskAt, otherThan } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';
import { issuerIds, publicClient } from '../world.ts';

const scene = setScene();
/** Below the 30 s before its end in which our program gives a token to nobody any more: each call renews. */
const lifetimeSeconds = 15;

async function completeAddress(terminal: Terminal): Promise<string> {
  const shown = () =>
    terminal.logicalLines().find(line => /^https:\/\/\S+\/device\?user_code=\S+\s*$/.test(line.trim()));
  await terminal.waitFor(() => shown() !== undefined);
  return shown()?.trim() ?? '';
}

async function storedToken(desk: IssuerDesk, profile: Isolated): Promise<string> {
  const file = desk.path('state', 'credentials', `${profile}.json`);
  return (JSON.parse(await readFile(file, 'utf8')) as { token: string }).token;
}

/** Its own server takes the token, and the other answers 401. */
async function assertIsolated(profile: Isolated, token: string, username: string): Promise<void> {
  // Dex puts the client that asked beside the one that was asked for.
  assert.deepEqual([claimsOf(token)['aud']].flat(), [profile, publicClient.id]);
  const own = await whoami(scene.lab, serverNamed(scene.lab, profile), token);
  assert.ok('username' in own, 'error' in own ? own.error : '');
  assert.equal(own.username, username);
  const other = await whoami(scene.lab, serverNamed(scene.lab, otherThan(profile)), token);
  assert.match('error' in other ? other.error : '', /Unauthorized|must be logged in/);
}

// Most of it is waiting for tokens to run out.
describe('one device login over SSH for two clusters that share no audience', { concurrency: 2 }, () => {
  before(() => labDoes('restart', ...issuerIds, '--token-lifetime', `${lifetimeSeconds}s`));
  after(() => labDoes('restart', ...issuerIds));

  for (const id of issuerIds) {
    test(`at ${id}: two tokens, each refused by the other's server, and both renewed without the person`, async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
      const jane = userNamed('jane');
      const login = ['login', '--portal-file', desk.portalFile, '--all-clusters', '--method', '2', '--yes'];
      const command = [process.execPath, cli, ...login];
      const terminal = farTerminal(t, scene.lab, desk, { trap, command });
      await terminal.waitFor(/Signing in by device/);
      await scene.person.signIn(await completeAddress(terminal), jane);
      assert.deepEqual(await terminal.exit, { code: 0 });
      assert.equal((await desk.sessions()).length, 1);

      const first = new Map<Isolated, string>();
      for (const name of isolated) {
        const token = await storedToken(desk, name);
        first.set(name, token);
        await assertIsolated(name, token, jane.email);
      }

      const kubectl = programNamed(scene.lab, 'kubectl').path;
      const far = [kubectl, kubeconfigOf(desk, 'isolated-b'), 'auth', 'whoami'];
      const call = farTerminal(t, scene.lab, desk, { trap, command: far });
      await call.waitFor(/Username +jane@lab\.example/);
      assert.deepEqual(await call.exit, { code: 0 });

      const ends = Math.max(...[...first.values()].map(token => Number(claimsOf(token)['exp'])));
      await pause(Math.max(0, ends * 1000 - Date.now() + 1000));
      for (const name of isolated) {
        const over = await whoami(scene.lab, serverNamed(scene.lab, name), first.get(name) ?? '');
        assert.match('error' in over ? over.error : '', /Unauthorized|must be logged in/);
        assertIs(await desk.whoami([kubeconfigOf(desk, name)]), jane);
        const renewed = await storedToken(desk, name);
        assert.notEqual(renewed, first.get(name));
        await assertIsolated(name, renewed, jane.email);
      }
      assert.equal((await desk.sessions()).length, 1);
      assert.deepEqual(await trap.opened(), []);
    });
  }
});
