import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import type { Run } from '../run.ts';
import type { Part } from './part.ts';

const socket = (run: Run) => run.path('keyring', 'bus');
export const busAddress = (run: Run) => `unix:path=${socket(run)}`;
const keyringPassword = 'keyring-secret';

/** What a program needs in its environment to find the lab's keyring, and no other. */
export const keyringEnvironment = (run: Run) => ({
  DBUS_SESSION_BUS_ADDRESS: busAddress(run),
  XDG_RUNTIME_DIR: run.path('keyring'),
});

const daemonEnvironment = (run: Run) => ({
  ...keyringEnvironment(run),
  HOME: run.path('keyring'),
  XDG_DATA_HOME: run.path('keyring', 'data'),
  XDG_CONFIG_HOME: run.path('keyring', 'config'),
  XDG_CACHE_HOME: run.path('keyring', 'cache'),
});

/**
 * Whether a keyring is there. To ask the keyring itself would have the bus start one, which nobody unlocks, before ours
 * has come.
 */
export async function keyringIsThere(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const question = ['--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner'];
  const args = ['--session', '--print-reply', ...question, 'string:org.freedesktop.secrets'];
  const asked = await execa('dbus-send', args, { env, timeout: 5000, reject: false });
  return asked.stdout?.includes('boolean true') ?? false;
}

export const dbus: Part = {
  id: 'dbus',
  about: 'a private D-Bus session for the keyring',
  loses: 'refresh tokens in a keyring',
  after: [],
  tools: [],
  files: ['/usr/bin/dbus-daemon'],
  address: busAddress,
  prepare: async run => {
    await mkdir(run.path('keyring', 'data'), { recursive: true, mode: 0o700 });
    return {
      command: '/usr/bin/dbus-daemon',
      args: ['--session', '--nofork', '--nopidfile', `--address=${busAddress(run)}`],
      env: daemonEnvironment(run),
    };
  },
  ready: async run => existsSync(socket(run)),
  patienceSeconds: 20,
};

export const keyring: Part = {
  id: 'keyring',
  about: 'gnome-keyring, unlocked, on the private D-Bus session',
  loses: 'refresh tokens in a keyring',
  after: ['dbus'],
  tools: [],
  files: ['/usr/bin/gnome-keyring-daemon', '/usr/bin/secret-tool'],
  address: busAddress,
  prepare: async run => ({
    command: '/usr/bin/gnome-keyring-daemon',
    args: [
      '--foreground',
      '--unlock',
      '--components=secrets',
      `--control-directory=${run.path('keyring', 'control')}`,
    ],
    env: daemonEnvironment(run),
    input: keyringPassword,
  }),
  ready: async run => {
    const env = keyringEnvironment(run);
    if (!(await keyringIsThere(env))) return false;
    const attributes = ['lab', 'probe'];
    const options = { env, timeout: 5000, reject: false } as const;
    const store = await execa('secret-tool', ['store', '--label=lab', ...attributes], {
      ...options,
      input: 'works',
    });
    if (store.failed) return false;
    const found = await execa('secret-tool', ['lookup', ...attributes], options);
    await execa('secret-tool', ['clear', ...attributes], options);
    return found.stdout === 'works';
  },
  patienceSeconds: 30,
};
