import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

type Test = { after(run: () => Promise<void>): void };

type ProxyOptions = {
  /** Answers every CONNECT with this status instead of a tunnel. */
  readonly refuses?: number;
  /** Never answers. */
  readonly silent?: boolean;
  /** `user:password` that it wants. */
  readonly credentials?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type RecordingProxy = {
  readonly url: string;
  /** What each CONNECT asked for, e.g. `127.0.0.1:443`. */
  readonly targets: string[];
  /** What went through towards the servers. */
  sent(): string;
};

/** A real CONNECT proxy on loopback that notes what it is asked for and what it gets to see. */
export async function connectProxy(test: Test, options: ProxyOptions = {}): Promise<RecordingProxy> {
  const targets: string[] = [];
  const seen: Buffer[] = [];
  const sockets = new Set<Duplex>();
  const server = options.tls === undefined ? http.createServer() : https.createServer(options.tls);
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  server.on('connection', track);
  server.on('connect', (request: http.IncomingMessage, client: Duplex) => {
    track(client);
    targets.push(request.url ?? '');
    if (options.silent) return;
    const status = options.refuses ?? (allowed(request, options) ? 200 : 407);
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host, port] = (request.url ?? '').split(/:(?=\d+$)/);
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.on('data', (chunk: Buffer) => void seen.push(chunk));
      client.pipe(upstream).pipe(client);
    });
    track(upstream);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    targets,
    sent: () => Buffer.concat(seen).toString('latin1'),
  };
}

function allowed(request: http.IncomingMessage, { credentials }: ProxyOptions): boolean {
  const wanted = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  return credentials === undefined || request.headers['proxy-authorization'] === wanted;
}
