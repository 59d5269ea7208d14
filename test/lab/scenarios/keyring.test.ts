import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { systemKeyring } from '../../../source/credentials/keyring.ts';
import { openSecretStore } from '../../../source/credentials/secret-store.ts';
import { sessionOf } from '../../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../../source/credentials/session-store.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { assertDone, assertIs, kubeconfigOf } from '../desk.ts';
import { userNamed } from '../harness.ts';
import { issuerDeskAt } from '../issuer-desk.ts';
import { keyringBus, until } from '../keyring-bus.ts';
import { setScene } from '../scene.ts';

const scene = setScene();

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
  const { env, startKeyring } = await keyringBus(t, await temporaryHome(t));
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
  const home = await temporaryHome(t);
  const { env, bus, stop, startKeyring } = await keyringBus(t, home);
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

/** No keyring that says nothing may hold a login or kubectl up for longer. */
const patienceMs = 10_000;

async function within<T>(milliseconds: number, run: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await run();
  const took = performance.now() - begun;
  assert.ok(took < milliseconds, `it took ${Math.round(took)} ms`);
  return result;
}

test('a login keeps its session in the keyring, and kubectl goes on with it: found, locked, unlocked, absent', async t => {
  const john = userNamed('john');
  const desk = await issuerDeskAt(t, scene.lab, 'dex');
  const { env, bus, stop, startKeyring } = await keyringBus(t, desk);
  const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = env;
  const there = { env: { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } };
  const unlocked = await startKeyring('secret');
  const login = await within(patienceMs, () => desk.signInByPassword(john, [], there));
  assert.match(assertDone(login).stderr, /The session is kept in the system's keyring, because it answers/);
  const [file = '', ...more] = await desk.sessions();
  assert.deepEqual(more, []);
  const stored = await fs.readFile(desk.path(file), 'utf8');
  assert.doesNotMatch(stored, /refreshToken": ?"/);
  assertIs(await desk.whoami([kubeconfigOf(desk, 'isolated-a')], there), john);

  const first = await desk.token('isolated-a', there);
  await desk.expire('isolated-a');
  const second = await within(patienceMs, () => desk.token('isolated-a', there));
  assert.notEqual(second, first);

  await stop(unlocked);
  const locked = await startKeyring();
  assert.equal(await desk.token('isolated-a', there), second);
  await desk.expire('isolated-a');
  const closed = await within(patienceMs, () => desk.plugin('isolated-a', there).ended);
  assert.equal(closed.code, 1, closed.stderr);
  assert.equal(closed.stdout, '');
  assert.match(closed.stderr, /^dkp-auth: .*keyring/m);

  await stop(locked);
  const again = await startKeyring('secret');
  // What failed is left alone for some seconds.
  await until(async () => (await desk.plugin('isolated-a', there).ended).code === 0);
  assert.notEqual(await desk.token('isolated-a', there), second);

  await stop(again);
  await stop(bus);
  await desk.expire('isolated-b');
  const absent = await within(patienceMs, () => desk.plugin('isolated-b', there).ended);
  assert.equal(absent.code, 1, absent.stderr);
  assert.match(absent.stderr, /^dkp-auth: .*keyring/m);
  const instead = await within(patienceMs, () => desk.signInByPassword(john, [], there));
  assert.match(assertDone(instead).stderr, /The session is kept in a file of yours alone, because .*keyring/);
  await desk.expire('isolated-b');
  await desk.token('isolated-b', there);
});

for (const state of ['locked', 'absent'] as const) {
  test(`with a keyring that is ${state}: auto takes the file and says why, keyring refuses, file and none do not ask it`, async t => {
    const john = userNamed('john');
    const desk = await issuerDeskAt(t, scene.lab, 'dex');
    const { env, bus, stop, startKeyring } = await keyringBus(t, desk);
    const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = env;
    const there = { env: { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } };
    if (state === 'locked') {
      await stop(await startKeyring('secret'));
      await startKeyring();
    } else await stop(bus);
    const login = (store: string) =>
      within(patienceMs, () => desk.signInByPassword(john, ['--credential-store', store], there));

    const refused = await login('keyring');
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /^dkp-auth: .*keyring/m);
    assert.deepEqual(await desk.sessions(), []);
    await assert.rejects(fs.readdir(desk.path('state', 'credentials')), { code: 'ENOENT' });

    assert.match(assertDone(await login('none')).stderr, /kept in this process only/);
    assert.deepEqual(await desk.sessions(), []);
    await desk.token('isolated-a', there);
    await desk.expire('isolated-a');
    const over = await desk.plugin('isolated-a', there).ended;
    assert.equal(over.code, 3, over.stderr);

    assert.match(assertDone(await login('auto')).stderr, /kept in a file of yours alone, because .*keyring/);
    assert.match(assertDone(await login('file')).stderr, /kept in a file of yours alone, because/);
    assert.equal((await desk.sessions()).length, 1);
    await desk.expire('isolated-a');
    await desk.token('isolated-a', there);
  });
}
