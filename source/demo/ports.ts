import { connect, createServer } from 'node:net';

// Below every system's range of ephemeral ports, so that nobody is given it by chance later.
const firstPort = 20_000;
const portCount = 12_000;

/** A port of 127.0.0.1 on which nothing listens. */
export async function unusedPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * portCount);
    if (await isFree(port)) return port;
  }
  throw new Error('no unused port was found');
}

async function isFree(port: number): Promise<boolean> {
  const answered = await new Promise<boolean>(resolve => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (answered) return false;
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
