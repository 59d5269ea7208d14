import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startDemo } from '../../source/demo/index.ts';
import { probeServers } from '../../source/system/reachable.ts';

async function probe(servers: readonly string[], signal = new AbortController().signal) {
  const found = new Map<string, boolean>();
  await probeServers(servers, {
    signal,
    onAnswers: answers => {
      for (const [server, isThere] of answers) found.set(server, isThere);
    },
  });
  return found;
}

test('a server that shakes hands answers, a closed port and one that is no TLS do not; no request is sent', async t => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const live = demo.document.loginLinks.global;
  const rude = net
    .createServer(socket => socket.on('error', () => {}).end('no TLS here\r\n'))
    .listen(0, '127.0.0.1');
  t.after(() => rude.close());
  await once(rude, 'listening');
  const wrong = `https://127.0.0.1:${(rude.address() as AddressInfo).port}`;
  const closed = 'https://127.0.0.1:1';
  const found = await probe([live, wrong, closed]);
  assert.deepEqual([found.get(live), found.get(wrong), found.get(closed)], [true, false, false]);
  assert.deepEqual(demo.requests, [], 'the handshake is all');
});

test('it stops when it is told to, and says nothing any more', async t => {
  const silent = net.createServer(() => {}).listen(0, '127.0.0.1');
  const open = new Set<net.Socket>();
  let most = 0;
  silent.on('connection', socket => {
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    open.add(socket);
    most = Math.max(most, open.size);
    if (open.size === 8) controller.abort();
  });
  await once(silent, 'listening');
  t.after(() => silent.close());
  const controller = new AbortController();
  const { port } = silent.address() as AddressInfo;
  const servers = Array.from({ length: 100 }, (_, index) => `https://127.0.0.1:${port}/${index}`);
  assert.equal((await probe(servers, controller.signal)).size, 0);
  assert.equal(most, 8, 'no more than eight at a time');
});
