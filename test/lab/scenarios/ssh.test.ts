import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cli } from '../../helpers/program.ts';
import { type BrowserTrap, browserTrap } from '../browser-trap.ts';
import { assertIs, type Desk, deskAt, kubeconfigOf, type Test } from '../desk.ts';
import { farTerminal } from '../far-terminal.ts';
import { portalNamed, programNamed, userNamed } from '../harness.ts';
import { setScene } from '../scene.ts';
import { addressShown, chooseAllClusters, enterPortal } from '../wizard.ts';

const scene = setScene();

const farAway = (t: Test, desk: Desk, trap: BrowserTrap, command: readonly string[]) =>
  farTerminal(t, scene.lab, desk, { trap, command });

test('over SSH the wizard shows the address, opens nothing there, and goes on when the login is done elsewhere', async t => {
  const desk = await deskAt(t, scene.lab);
  const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
  const jane = userNamed('jane');
  const terminal = farAway(t, desk, trap, [process.execPath, cli]);
  await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), jane);
  const first = await addressShown(terminal);
  await scene.person.signIn(first, jane);
  await chooseAllClusters(terminal, { method: '2', others: 'later' });
  await terminal.press('enter');
  assert.deepEqual(await terminal.exit, { code: 0 });
  assertIs(await desk.whoami([kubeconfigOf(desk, 'stock-a')]), jane);

  const config = kubeconfigOf(desk, 'stock-b');
  const kubectl = farAway(t, desk, trap, [programNamed(scene.lab, 'kubectl').path, config, 'auth', 'whoami']);
  await scene.person.signIn(await addressShown(kubectl), jane);
  await kubectl.waitFor(/Username +jane@lab\.example/);
  assert.deepEqual(await kubectl.exit, { code: 0 });

  assert.deepEqual(await trap.opened(), []);
});

test('a connection that breaks during the login leaves no program and no file over there', async t => {
  const desk = await deskAt(t, scene.lab);
  const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
  const terminal = farAway(t, desk, trap, [
    'sh',
    '-c',
    'echo pid=$$.; exec "$@"',
    'sh',
    process.execPath,
    cli,
  ]);
  await terminal.waitFor(/pid=\d+\./);
  const pid = Number(/pid=(\d+)\./.exec(terminal.screen().join('\n'))?.[1]);
  await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), userNamed('jane'));
  await addressShown(terminal);
  terminal.close();
  await ended(pid);
  assert.deepEqual(
    (await desk.files()).filter(file => !file.startsWith('browser-trap/')),
    [],
  );
});

async function ended(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(50);
  }
  assert.fail(`process ${pid} goes on ten seconds after its terminal is gone`);
}
