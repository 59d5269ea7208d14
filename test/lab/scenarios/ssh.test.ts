import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { cli } from '../../helpers/program.ts';
import { createScreen } from '../../terminal/harness/screen.ts';
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

test('in tmux on the far side, in a window as narrow as a phone, the way can be gone, and the address copied whole', async t => {
  const desk = await deskAt(t, scene.lab);
  const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
  const jane = userNamed('jane');
  const socket = desk.path('far-tmux');
  const size = { columns: 38, rows: 26 };
  const terminal = farTerminal(t, scene.lab, desk, {
    trap,
    ...size,
    command: ['tmux', '-S', socket, '-f', '/dev/null', 'new-session', process.execPath, cli],
  });
  t.after(() => void execa('tmux', ['-S', socket, 'kill-server'], { reject: false }));
  await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), jane);
  await terminal.waitFor('Waiting for you');
  for (const line of terminal.screen()) assert.ok(line.length <= size.columns, line);
  // As tmux copies: wrapped rows are joined again.
  const { stdout } = await execa('tmux', ['-S', socket, 'capture-pane', '-p', '-J', '-S', '-200']);
  const address = stdout.split('\n').findLast(line => /^https:\S+connector_id=/.test(line.trim()));
  await scene.person.signIn(address?.trim() ?? assert.fail(stdout), jane);
  await chooseAllClusters(terminal, { method: '2', others: 'later' });
  for (const line of terminal.screen()) assert.ok(line.length <= size.columns, line);
  await terminal.press('enter');
  await terminal.exit;
  // tmux takes the screen with it; what was written stays.
  for (const name of ['stock-a', 'stock-b']) assert.ok((await desk.files()).includes(`kube/${name}.yaml`));
  assertIs(await desk.whoami([kubeconfigOf(desk, 'stock-a')]), jane);
  assert.deepEqual(await trap.opened(), []);
});

test('text browsers are installed over there, and none is ever started', async t => {
  for (const name of ['lynx', 'w3m']) await access(`/usr/bin/${name}`);
  const jane = userNamed('jane');
  for (const browser of ['lynx', '/usr/bin/w3m', 'w3m:lynx', 'xdg-open']) {
    const desk = await deskAt(t, scene.lab);
    const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
    const command = ['env', `BROWSER=${browser}`, 'DISPLAY=:77', process.execPath, cli];
    const terminal = farAway(t, desk, trap, command);
    await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), jane);
    await addressShown(terminal);
    await terminal.waitFor('Waiting for you');
    // One that is named by its path goes around the trap.
    assert.deepEqual(await startedWith(trap.path, ['lynx', 'w3m']), []);
    await terminal.press('ctrl+c');
    assert.deepEqual(await terminal.exit, { code: 130 });
    assert.deepEqual(await trap.opened(), []);
  }
});

test('and one that was started there would be seen', async t => {
  const desk = await deskAt(t, scene.lab);
  const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
  const terminal = farAway(t, desk, trap, ['/usr/bin/w3m', '/usr/share/doc']);
  await terminal.waitFor(/Directory|Index|README/i);
  assert.deepEqual(await startedWith(trap.path, ['lynx', 'w3m']), ['w3m']);
  terminal.close();
});

test('a recording by script shows the same when it is played again', async t => {
  const desk = await deskAt(t, scene.lab);
  const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
  const recording = desk.path('typescript');
  const line = [process.execPath, cli].map(word => `'${word}'`).join(' ');
  const terminal = farAway(t, desk, trap, ['script', '-q', '-e', '-c', line, recording]);
  await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), userNamed('jane'));
  await addressShown(terminal);
  await terminal.waitFor('Waiting for you');
  await terminal.press('ctrl+c');
  assert.deepEqual(await terminal.exit, { code: 130 });
  const typescript = await readFile(recording, 'utf8');
  const screen = createScreen(70, 40);
  t.after(() => screen.dispose());
  // The recorder says when it began and ended.
  await screen.write(typescript.replace(/^Script started .*\n/, '').replace(/\nScript done .*\s*$/, ''));
  const lines = (all: readonly string[]) =>
    all.filter(each => each !== '' && !each.startsWith('Connection to '));
  assert.deepEqual(lines(screen.scrollback()), lines(terminal.scrollback()));
  assert.equal(screen.cursor().visible, true);
});

/** The programs of these names that run with this search path: the far side's own. */
async function startedWith(searchPath: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const name = (await read('comm')).trim();
    if (names.includes(name) && (await read('environ')).includes(`PATH=${searchPath}\0`)) found.push(name);
  }
  return found;
}

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
