import { once } from 'node:events';
import { createServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { createAuthority, type ServerNames } from '../../source/demo/certificates.ts';

type Test = { after(run: () => Promise<void>): void };

/** An HTTPS server on loopback with a certificate of one's choice; says "hello", and what time it is. */
export async function oddServer(
  test: Test,
  names: Partial<ServerNames> = {},
  clockAheadMs = 0,
): Promise<{ readonly url: string; readonly ca: string }> {
  const authority = createAuthority('odd');
  const { key, chain } = authority.issue({ commonName: 'odd', dns: [], ip: ['127.0.0.1'], ...names });
  const server = createServer({ key, cert: chain }, (_request, response) => {
    response.setHeader('date', new Date(Date.now() + clockAheadMs).toUTCString());
    response.end('hello');
  });
  return { url: await listen(test, server), ca: authority.pem };
}

/** A port that takes connections and never says anything. */
export async function silentServer(test: Test): Promise<string> {
  return listen(test, net.createServer());
}

/** An address at which nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `https://127.0.0.1:${port}`;
}

async function listen(test: Test, server: net.Server): Promise<string> {
  const sockets = new Set<net.Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
