import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { systemKeyring } from '../../../source/credentials/keyring.ts';
import { openSecretStore } from '../../../source/credentials/secret-store.ts';
import { sessionOf } from '../../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../../source/credentials/session-store.ts';
import { temporaryHome } from '../../helpers/home.ts';

// gnome-keyring on a message bus of its own, so that it can be locked and ended without others of the lab noticing.
type Test = { after(run: () => Promise<void>): void };

async function startBus(t: Test) {
  const home = await temporaryHome(t);
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
  const start = (command: string, args: readonly string[], input = '') => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(input);
    children.push(child);
    return child;
  };
  const stop = async (child: ChildProcess) => {
    const ended = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  };
  t.after(async () => {
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
    home,
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
      await until(async () => {
        const asked = await execa(
          'dbus-send',
          [
            '--session',
            '--print-reply',
            '--dest=org.freedesktop.DBus',
            '/',
            'org.freedesktop.DBus.NameHasOwner',
            'string:org.freedesktop.secrets',
          ],
          { env, reject: false },
        );
        return asked.stdout.includes('boolean true');
      });
      return child;
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await holds()) return;
    await pause(25);
  }
  throw new Error('it did not happen within 10 s');
}

function session() {
  const issuer = 'https://dkp.example.com/dex';
  const account = { issuer, subject: 'ada', label: 'ada@corp.example' };
  const token = { token: 'a.b.c', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
  const made = sessionOf(
    { issuer, clientId: 'dkp-auth' },
    { token, refreshToken: 'R'.repeat(5000), scopes: [] },
  );
  assert.ok(made);
  return made;
}

test('a real keyring stores, finds and forgets', async t => {
  const { env, startKeyring } = await startBus(t);
  await startKeyring('secret');
  const keyring = systemKeyring(env, 10_000);
  assert.deepEqual(await keyring.get('one'), { kind: 'nothing' });
  assert.deepEqual(await keyring.set('one', 'first'), { kind: 'secret', secret: 'first' });
  assert.deepEqual(await keyring.set('one', 'second'), { kind: 'secret', secret: 'second' });
  assert.deepEqual(await keyring.get('one'), { kind: 'secret', secret: 'second' });
  assert.deepEqual(await keyring.get('two'), { kind: 'nothing' });
  assert.deepEqual(await keyring.remove('one'), { kind: 'nothing' });
  assert.deepEqual(await keyring.remove('one'), { kind: 'nothing' });
  assert.deepEqual(await keyring.get('one'), { kind: 'nothing' });
});

test('a session in a real keyring: stored, found, locked, absent, found again', async t => {
  const { home, env, bus, stop, startKeyring } = await startBus(t);
  const unlocked = await startKeyring('secret');
  const open = () => openSessions(home.paths, openSecretStore({ choice: 'auto', env }));
  const mine = session();
  assert.deepEqual(await keepSession(open(), mine), { kind: 'keyring', why: 'it answers' });
  const file = home.path('state', 'sessions', `${mine.id}.json`);
  assert.doesNotMatch(await fs.readFile(file, 'utf8'), /RRRR/);
  const found = await open().read(mine.id);
  assert.ok(found.kind === 'found');
  assert.deepEqual(found.session, mine);

  await stop(unlocked);
  const locked = await startKeyring();
  const before = performance.now();
  const closed = await open().read(mine.id);
  assert.ok(performance.now() - before < 4000);
  assert.ok(closed.kind === 'unavailable', closed.kind);
  assert.equal(closed.error.code, 'KEYRING_UNAVAILABLE');
  const place = await open().describe();
  assert.equal(place.kind, 'file');
  assert.match(place.why, /keyring/);

  await stop(locked);
  const again = await startKeyring('secret');
  assert.equal((await open().read(mine.id)).kind, 'found');

  await stop(again);
  await stop(bus);
  const absent = await open().read(mine.id);
  assert.ok(absent.kind === 'unavailable', absent.kind);
  assert.equal((await keepSession(open(), mine)).kind, 'file');
  assert.equal((await open().read(mine.id)).kind, 'found');
});
