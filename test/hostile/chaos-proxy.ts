import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a network does to one connection. */
export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse' }
  /** After so many bytes of the answer: cut, silence, or nonsense in place of the rest. */
  | { readonly kind: 'cut' | 'silence' | 'nonsense'; readonly after: number }
  /** The answer comes in pieces of so many bytes, with pauses between. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly pauseMs: number }
  /** The first piece of the answer comes twice, or after the second. */
  | { readonly kind: 'twice' | 'swapped' };

export type ChaosProxy = { readonly port: number; trouble: () => Trouble; close(): Promise<void> };

/** Stands between the program and a server of this machine, below TLS, as a network does. */
export async function startChaosProxy(target: number): Promise<ChaosProxy> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(client => {
    const trouble = proxy.trouble();
    if (trouble.kind === 'refuse') return void client.destroy();
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    void answer(upstream, client, trouble).catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ChaosProxy = {
    port: (server.address() as net.AddressInfo).port,
    trouble: () => ({ kind: 'none' }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return proxy;
}

async function answer(from: net.Socket, to: net.Socket, trouble: Trouble): Promise<void> {
  let sent = 0;
  let held: Buffer | undefined;
  for await (const piece of from as AsyncIterable<Buffer>) {
    if (trouble.kind === 'drip') {
      for (let at = 0; at < piece.length && !to.destroyed; at += trouble.bytes) {
        to.write(piece.subarray(at, at + trouble.bytes));
        await sleep(trouble.pauseMs);
      }
    } else if ('after' in trouble && sent + piece.length > trouble.after) {
      const rest = trouble.after - sent;
      to.write(piece.subarray(0, Math.max(0, rest)));
      if (trouble.kind === 'cut') to.destroy();
      if (trouble.kind === 'nonsense')
        to.write(Buffer.from(piece.subarray(Math.max(0, rest)).map(byte => byte ^ 0x5a)));
      if (trouble.kind !== 'nonsense') return;
    } else if (trouble.kind === 'swapped' && sent === 0) {
      held = piece;
    } else {
      to.write(piece);
      if (held !== undefined) to.write(held);
      held = undefined;
      if (trouble.kind === 'twice' && sent === 0) to.write(piece);
    }
    sent += piece.length;
  }
  to.end();
}
