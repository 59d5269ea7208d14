import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { keyBytes } from './harness/press.ts';
import { openTerminal, type TerminalOptions } from './harness/terminal.ts';

const fixture = fileURLToPath(new URL('fixtures/kit.tsx', import.meta.url));
const address = `https://portal.example.com/login?state=${'0123456789'.repeat(14)}&end`;
const sane = { icanon: true, echo: true, isig: true };

async function openKit(t: TestContext, options: Partial<TerminalOptions> = {}, args: string[] = []) {
  const terminal = openTerminal(t, {
    command: process.execPath,
    args: ['--import', 'tsx', fixture, ...args],
    ...options,
  });
  await terminal.waitFor(screen => screen.join().includes('Name:') && terminal.bracketedPaste());
  return terminal;
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

test('a name and Enter in one write submit the name', async t => {
  const terminal = await openKit(t);
  terminal.send('prod\r\r');
  await terminal.waitFor('submitted ["prod",""] escapes 0');
});

test('a script of keys ends in the same state, however it is cut', async t => {
  const script = `ab\u001b[Dx\u001b[B\r${keyBytes.down}é東${keyBytes['alt+b']}y${keyBytes['ctrl+e']}z\u0015kept`;
  const ends = [];
  for (const size of [script.length, 1, 2, 3, 5]) {
    const terminal = await openKit(t);
    for (let from = 0; from < script.length; from += size) {
      terminal.send(script.slice(from, from + size));
      await pause(5);
    }
    ends.push((await terminal.waitFor('Name: kept')).slice(0, 6).join('\n'));
    terminal.send('Q');
    assert.equal((await terminal.exit).code, 0);
  }
  assert.match(ends[0] ?? '', /submitted \["axb"\] escapes 0[^>]*cluster-1\n> \[ \] cluster-2/);
  assert.equal(new Set(ends).size, 1);
});

test('an arrow in two writes with a gap is an arrow', async t => {
  const terminal = await openKit(t);
  for (const [first, second] of [
    ['\u001b', '[B'],
    ['\u001b[', 'B'],
  ] as const) {
    terminal.send(first);
    await pause(35);
    terminal.send(second);
  }
  await terminal.waitFor('> [ ] cluster-2');
  assert.match(terminal.screen().join('\n'), /^Name:\nsubmitted \[\] escapes 0$/m);
});

test('Escape is felt at once', async t => {
  const terminal = await openKit(t);
  const began = performance.now();
  terminal.send(keyBytes.escape);
  await terminal.waitFor('escapes 1');
  assert.ok(performance.now() - began < 400);
});

test('a paste of several lines submits nothing', async t => {
  const terminal = await openKit(t);
  assert.ok(terminal.bracketedPaste());
  terminal.paste('one\ntwo\n');
  await terminal.waitFor('Name: onetwo');
  assert.match(terminal.screen().join('\n'), /submitted \[\]/);
});

test('a paste without an end does not swallow Ctrl+C', async t => {
  const terminal = await openKit(t);
  terminal.send('\u001b[200~abc');
  await pause(30);
  await terminal.press('ctrl+c');
  assert.deepEqual(await terminal.exit, { code: 130 });
});

test('the cursor of the terminal is in the field', async t => {
  const terminal = await openKit(t);
  terminal.send('東京e\u0301x');
  await terminal.waitFor('Name: 東京');
  await terminal.press('left');
  await terminal.waitFor(() => terminal.cursor().x === 'Name: '.length + 5);
  assert.deepEqual(terminal.cursor(), { x: 11, y: 0, visible: true });
});

test('Ctrl+C leaves the terminal as it was', async t => {
  const terminal = openTerminal(t, { command: process.execPath, args: ['--import', 'tsx', fixture] });
  const before = await terminal.modes();
  await terminal.waitFor('Name:');
  assert.deepEqual(await terminal.modes(), { icanon: false, echo: false, isig: false });
  await terminal.press('ctrl+c');
  assert.deepEqual(await terminal.exit, { code: 130 });
  assert.deepEqual(await terminal.modes(), before);
  assert.ok(terminal.cursorVisible());
  assert.ok(!terminal.bracketedPaste());
});

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
  ['SIGQUIT', 3],
] as const) {
  test(`${signal} leaves the terminal as it was and is passed on`, async t => {
    const terminal = await openKit(t);
    terminal.send('ab');
    await terminal.waitFor('Name: ab');
    await terminal.kill(signal);
    assert.deepEqual(await terminal.exit, { code: 128 + number });
    assert.deepEqual(await terminal.modes(), sane);
    assert.ok(terminal.cursorVisible());
    assert.ok(!terminal.bracketedPaste());
  });
}

for (const [name, key] of [
  ['a component', '\u0018'],
  ['a key handler', '\u0014'],
] as const) {
  test(`an exception in ${name} leaves the terminal as it was and shows no source`, async t => {
    const terminal = await openKit(t);
    terminal.send(key);
    assert.deepEqual(await terminal.exit, { code: 1 });
    assert.deepEqual(await terminal.modes(), sane);
    assert.ok(terminal.cursorVisible());
    assert.match(terminal.rawOutput(), /failed: thrown by/);
    assert.doesNotMatch(terminal.rawOutput(), /kit\.tsx/);
  });
}

test('a window that is closed ends the program', async t => {
  const terminal = await openKit(t);
  const pid = await terminal.pid;
  terminal.close();
  await terminal.exit;
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(50);
  }
  assert.fail('it still runs');
});

test('an address is copied whole from 40 columns, and printed once', async t => {
  const terminal = await openKit(t, { columns: 40, rows: 20 }, [address]);
  terminal.send('ab');
  await terminal.waitFor('Name: ab');
  assert.equal(terminal.logicalLines().filter(line => line === address).length, 1);
  assert.ok(terminal.screen().filter(line => line.length > 40).length === 0);
});

test('a resize draws again, inside the window, and loses nothing', async t => {
  // A terminal moves lines about before the program knows: what is drawn in between stays behind as a trace.
  const still = { DKP_AUTH_NO_ANIMATION: '1' };
  const terminal = await openKit(t, { columns: 100, rows: 30, env: still }, [address]);
  terminal.send('kept');
  await terminal.waitFor('Name: kept');
  const sizes = [
    [40, 12],
    [20, 8],
    [200, 50],
    [60, 24],
    [16, 6],
    [100, 30],
  ] as const;
  for (const [place, [columns, rows]] of sizes.entries()) {
    terminal.resize(columns, rows);
    if (columns > 16) await terminal.waitFor(`accept ${columns - 1}x${rows - 1}`);
    else await terminal.waitFor(lines => lines.includes('Enter ok'));
    await terminal.press('down');
    const active = `> [ ] cluster-${place + 1}`.slice(0, columns - 2);
    const screen = await terminal.waitFor(lines => lines.some(line => line.startsWith(active)));
    const count = (start: string) => screen.filter(line => line.startsWith(start)).length;
    assert.equal(count('Name: kept'), 1, screen.join('\n'));
    assert.equal(count('> ['), 1, screen.join('\n'));
    assert.equal(count('Enter'), 1, screen.join('\n'));
  }
  terminal.send('Q');
  assert.deepEqual(await terminal.exit, { code: 0 });
});

test('the live part is never taller than the window', async t => {
  for (const rows of [6, 8, 24]) {
    const terminal = await openKit(t, { rows });
    await terminal.press('down', 'pagedown', 'up');
    await terminal.waitFor('> [ ] cluster-10');
    assert.match(terminal.screen()[0] ?? '', /^Name:/);
    // What Ink does to a frame that fills the window: clear all of it.
    assert.doesNotMatch(terminal.rawOutput(), /\u001b\[(?:[23]J|1;1H)/);
  }
});

test('a key costs little of a slow link', async t => {
  const terminal = await openKit(t);
  await pause(50);
  const before = terminal.rawOutput().length;
  await terminal.press('pagedown');
  await terminal.waitFor('> [ ] cluster-10');
  assert.ok(terminal.rawOutput().length - before < 2048, `${terminal.rawOutput().length - before} bytes`);
});

test('Ctrl+Z gives the terminal to the shell, fg draws again', async t => {
  const shell = openTerminal(t, {
    command: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    env: { PS1: 'shell> ' },
  });
  await shell.waitFor('shell>');
  shell.send(`${process.execPath} --import tsx ${fixture}\r`);
  await shell.waitFor('Name:');
  shell.send('ab');
  await shell.waitFor('Name: ab');
  await shell.press('ctrl+z');
  await shell.waitFor(/Stopped[\s\S]*shell>/);
  shell.send('echo in-$((40+2))\r');
  await shell.waitFor('in-42');
  shell.send('fg\r');
  await shell.waitFor(/in-42[\s\S]*Name: ab/);
  shell.send('c\r');
  await shell.waitFor('submitted ["abc"]');
  shell.send('Q');
  await shell.waitFor('exit: done');
});

test('keys typed during the last moment do not reach the shell', async t => {
  const shell = openTerminal(t, {
    command: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    env: { PS1: 'shell> ' },
  });
  await shell.waitFor('shell>');
  shell.send(`${process.execPath} --import tsx ${fixture}\r`);
  await shell.waitFor('Name:');
  shell.send('Qecho leaked\r');
  await shell.waitFor(/exit: done\nshell>/);
  shell.send('echo after\r');
  await shell.waitFor(/^after$/m);
  assert.doesNotMatch(shell.scrollback().join('\n'), /leaked/);
});

test('CI does not silence what was asked to be drawn, and LANG=C gets ASCII', async t => {
  const terminal = await openKit(t, { env: { CI: 'true', LANG: 'C' } });
  terminal.send('ab');
  const screen = await terminal.waitFor('Name: ab');
  assert.match(screen.join('\n'), /^[\n\x20-\x7e]*$/);
});
