import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Test } from './desk.ts';

/** A way to a server that can be cut without the server knowing. */
export type TcpProxy = { readonly port: number; cut(): Promise<void>; mend(): Promise<void> };

export async function proxyTo(test: Test, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pipe = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => from.destroy());
    from.pipe(to);
  };
  let server: Server | undefined;
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const listener = createServer(near => {
        const far = createConnection({ host: '127.0.0.1', port: target });
        pipe(near, far);
        pipe(far, near);
      });
      server = listener;
      listener.once('error', reject);
      listener.listen(port, '127.0.0.1', () => resolve((listener.address() as { port: number }).port));
    });
  const cut = async () => {
    const listener = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>(resolve =>
      listener === undefined ? resolve() : listener.close(() => resolve()),
    );
  };
  const port = await listen(0);
  test.after(cut);
  return {
    port,
    cut,
    async mend() {
      await listen(port);
    },
  };
}
