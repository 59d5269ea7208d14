import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from '../helpers/home.ts';
import type { Test } from './desk.ts';
import { keyringIsThere } from './parts/keyring.ts';

/** gnome-keyring on a message bus of a home's own, so that it can be locked and ended without others of the lab noticing. */
export async function keyringBus(test: Test, home: Home) {
  const socket = path.join(home.folder, 'bus');
  const env = {
    ...home.env,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`,
    XDG_RUNTIME_DIR: home.folder,
    XDG_DATA_HOME: path.join(home.folder, 'data'),
    XDG_CONFIG_HOME: path.join(home.folder, 'config-home'),
    XDG_CACHE_HOME: path.join(home.folder, 'cache'),
  };
  await fs.mkdir(env.XDG_DATA_HOME, { mode: 0o700 });
  const children: ChildProcess[] = [];
  const start = (command: string, args: readonly string[], input?: string) => {
    const child = spawn(command, args, {
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    });
    child.stdin?.end(input);
    children.push(child);
    return child;
  };
  const stop = async (child: ChildProcess) => {
    const ended = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  };
  test.after(async () => {
    for (const child of children) await stop(child);
  });
  const bus = start('/usr/bin/dbus-daemon', [
    '--session',
    '--nofork',
    '--nopidfile',
    `--address=unix:path=${socket}`,
  ]);
  await until(() => existsSync(socket));
  return {
    env,
    bus,
    stop,
    /** Without a password nobody unlocks it. */
    async startKeyring(password?: string): Promise<ChildProcess> {
      const unlock = password === undefined ? [] : ['--unlock'];
      const control = `--control-directory=${path.join(home.folder, 'control')}`;
      const child = start(
        '/usr/bin/gnome-keyring-daemon',
        ['--foreground', ...unlock, '--components=secrets', control],
        password,
      );
      await until(() => keyringIsThere(env));
      return child;
    },
  };
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await holds()) return;
    await pause(25);
  }
  throw new Error('it did not happen within 10 s');
}
