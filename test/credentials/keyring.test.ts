import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { systemKeyring } from '../../source/credentials/keyring.ts';
import { temporaryHome } from '../helpers/home.ts';

// The real library in its own process; what a real keyring does with it is tested in the lab.

// Only there is the keyring behind a message bus.
if (process.platform === 'linux') {
  test('without a keyring the answer is that there is none, soon', async t => {
    const { env, folder } = await temporaryHome(t);
    const keyring = systemKeyring(
      {
        ...env,
        DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(folder, 'no-bus')}`,
        XDG_RUNTIME_DIR: folder,
      },
      10_000,
    );
    const answer = await keyring.set('nothing', 'secret');
    assert.ok(answer.kind === 'unavailable');
    assert.equal(answer.fault, 'refused');
    assert.match(answer.why, /^the keyring refused/);
  });

  test('a message bus that never answers is given up, and leaves nothing that keeps the program from ending', async t => {
    const { env, folder } = await temporaryHome(t);
    const sockets = new Set<Socket>();
    const closed = Promise.withResolvers<void>();
    const bus = createServer(socket => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => closed.resolve());
      socket.resume();
    });
    const address = path.join(folder, 'bus');
    await new Promise<void>(resolve => bus.listen(address, resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      bus.close();
    });
    const keyring = systemKeyring({ ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${address}` }, 1500);
    const began = performance.now();
    const answer = await keyring.get('anything');
    assert.ok(answer.kind === 'unavailable');
    assert.equal(answer.fault, 'no-answer');
    assert.equal(answer.why, 'the keyring is locked or did not answer within 1.5 s');
    assert.ok(performance.now() - began < 3000);
    assert.equal(sockets.size, 1);
    // The process that asked is gone, and its connection with it.
    await closed.promise;
  });
}

test('a program that cannot be started is a keyring that is not there', async t => {
  const { env } = await temporaryHome(t);
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  process.execPath = '/nowhere/node';
  const answer = await systemKeyring(env).get('anything');
  assert.ok(answer.kind === 'unavailable');
  assert.equal(answer.fault, 'not-installed');
});
