import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { UserError } from '../errors.ts';
import type { ServerCertificate } from './certificates.ts';
import { type Exchange, type Handler, readBody, send } from './http.ts';
import type { Recorder } from './recorder.ts';

/** Answers instead of the demo; `false` leaves the request to it. */
export type Intercept = (exchange: Exchange) => unknown;

export type ServerPlan = {
  readonly name: string;
  readonly certificate: ServerCertificate;
  readonly port: number;
  readonly recorder: Recorder;
  /** asked before the handler; true when it has answered, or is about to */
  readonly intercept: (server: string, exchange: Exchange) => Promise<boolean>;
  /** a header that marks the demo's own requests, which are neither recorded nor disturbed */
  readonly ownRequest: string;
  readonly handler: Handler;
};

export type RunningServer = {
  readonly port: number;
  setHandler(handler: Handler): void;
  close(): Promise<void>;
};

export const ownRequestHeader = 'x-dkp-demo-own-request';

/** An HTTPS server on 127.0.0.1 that records, may be disturbed, and closes at once. */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const { key, chain } = plan.certificate;
  const server = createServer({ key, cert: chain, minVersion: 'TLSv1.2', keepAliveTimeout: 10_000 });
  const sockets = new Set<Socket>();
  let { handler } = plan;
  for (const event of ['connection', 'secureConnection'] as const) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
  }
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('request', (request, response) => {
    const answer = async () => {
      const body = await readBody(request);
      const url = new URL(request.url ?? '/', `https://127.0.0.1:${plan.port}`);
      const exchange: Exchange = {
        request,
        response,
        url,
        path: url.pathname,
        query: url.searchParams,
        body,
      };
      const own = request.headers[ownRequestHeader] === plan.ownRequest;
      if (!own) plan.recorder.record(plan.name, exchange);
      if (!own && (await plan.intercept(plan.name, exchange))) return;
      await handler(exchange);
    };
    answer().catch(() => {
      send(response, 500, 'Internal Server Error\n', { 'content-type': 'text/plain; charset=utf-8' });
      response.destroy();
    });
  });
  const port = await listen(server, plan.port);
  return {
    port,
    setHandler(next) {
      handler = next;
    },
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
      reject(
        new UserError('DEMO_PORT', `Port ${port} of 127.0.0.1 cannot be listened on: ${why}.`, {
          hint: 'Choose another one with --port, or leave it out.',
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
