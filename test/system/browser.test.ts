import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { type BrowserChoice, hasBrowser, openBrowser } from '../../source/system/browser.ts';
import type { Environment } from '../../source/system/paths.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';
import { userError } from '../helpers/user-error.ts';

const display = { DISPLAY: ':0' };
const onLinux = process.platform === 'linux';

const cases: [string, Environment, boolean, Partial<BrowserChoice>?][] = [
  ['a display', display, true],
  ['Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['Windows below Linux', { WSL_DISTRO_NAME: 'Ubuntu' }, true],
  ['no display', {}, !onLinux],
  ['a display that is empty', { DISPLAY: '' }, !onLinux],
  ['SSH, though a display is forwarded', { ...display, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, false],
  ['SSH with a terminal', { ...display, SSH_TTY: '/dev/pts/1' }, false],
  ['SSH with a BROWSER there', { SSH_TTY: '/dev/pts/1', BROWSER: 'remote-open' }, false],
  ['SSH with --browser-command', { SSH_TTY: '/dev/pts/1' }, true, { command: 'remote-open' }],
  ['a text browser, which would take the terminal', { ...display, BROWSER: 'lynx' }, false],
  ['a text browser with its path and flags', { ...display, BROWSER: '/usr/bin/w3m -N' }, false],
  ['a text browser first of several', { ...display, BROWSER: 'www-browser:firefox' }, false],
  ['an empty BROWSER', { ...display, BROWSER: '' }, true],
  ['--browser-command without a display', {}, true, { command: 'firefox' }],
  ['--no-browser', { ...display, BROWSER: 'firefox' }, false, { disabled: true }],
  ['--no-browser and --browser-command', {}, false, { disabled: true, command: 'firefox' }],
];

for (const [what, env, expected, more] of cases) {
  test(`${what}: ${expected ? 'a browser is opened' : 'the address is only shown'}`, () =>
    assert.equal(hasBrowser({ env, ...more }), expected));
}

const address = new URL('https://dkp.example.com/dex/auth?a=1&b=$(touch+x);`id`&c=%22%27|x');

test('a browser is given the address as one argument, and no shell sees it', async t => {
  const browser = await recordingBrowser(t);
  assert.equal(await openBrowser(address, { env: {}, command: browser.command }), true);
  assert.deepEqual(await browser.opened(), [address.href]);
});

test('BROWSER is used where no command is given', async t => {
  const browser = await recordingBrowser(t);
  assert.equal(await openBrowser(address, { env: { BROWSER: browser.command } }), true);
  assert.deepEqual(await browser.opened(), [address.href]);
});

test('flags of the command come first, and %s says where the address belongs', async t => {
  const first = await recordingBrowser(t);
  await openBrowser(address, { env: {}, command: `${first.command} --new-window` });
  assert.deepEqual(await first.opened(), ['--new-window', address.href]);
  const second = await recordingBrowser(t);
  await openBrowser(address, { env: {}, command: `${second.command} --url=%s --private` });
  assert.deepEqual(await second.opened(), [`--url=${address.href}`, '--private']);
});

test('a browser that cannot be started stops nothing', async t => {
  const folder = await temporaryFolder(t);
  await fs.writeFile(path.join(folder, 'not-executable'), '');
  for (const command of [path.join(folder, 'missing'), path.join(folder, 'not-executable')]) {
    await openBrowser(address, { env: {}, command });
  }
});

test('nothing but web addresses is ever opened', async t => {
  const browser = await recordingBrowser(t);
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'ssh://-oProxyCommand=x/']) {
    await assert.rejects(
      openBrowser(new URL(url), { env: {}, command: browser.command }),
      userError('PORTAL_ANSWER'),
    );
  }
});

test('where there is no browser nothing is opened, and that is told', async () => {
  assert.equal(await openBrowser(address, { env: {}, disabled: true }), false);
});
