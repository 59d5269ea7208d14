import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../errors.ts';
import { isSystemError } from '../system/system-error.ts';
import { plainText } from '../text.ts';

/** Where to wait for the browser; port 0 is any free one. */
export type ListenAddress = { readonly host: string; readonly port: number };

export type LoopbackOptions = {
  /** The host in the redirect address, where an issuer insists on one; the address listened on by default. */
  readonly redirectHost?: '127.0.0.1' | 'localhost' | undefined;
  /** PEM, for an issuer that redirects to https only. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
};

const largestHeaders = 16_384;
const headersMs = 5_000;
const requestMs = 10_000;
const mostConnections = 200;

/** Servers on this machine's loopback, and the host and port that lead to them. */
type Bound = { readonly servers: readonly Server[]; readonly host: string };

/**
 * Listens on the first of these addresses that is free.
 * @throws UserError USAGE, LISTEN_FAILED
 */
export async function bindLoopback(
  addresses: readonly ListenAddress[],
  options: LoopbackOptions,
): Promise<Bound> {
  for (const { host } of addresses) requireLoopback(host);
  const busy: string[] = [];
  for (const address of addresses) {
    const bound = await bind(address, options, busy);
    if (bound !== undefined) return bound;
  }
  throw new UserError('LISTEN_FAILED', `None of these addresses can be listened on: ${busy.join(', ')}.`, {
    hint: 'Another program has them. Give others with --listen, or sign in with --sign-in device.',
  });
}

function requireLoopback(host: string): void {
  if (/^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host === 'localhost') return;
  throw new UserError('USAGE', `${plainText(host)} is not an address of this machine's loopback.`, {
    hint: 'Others must not be able to answer a login. Listen on 127.0.0.1 or ::1.',
  });
}

async function bind(
  { host, port }: ListenAddress,
  { redirectHost, tls }: LoopbackOptions,
  busy: string[],
): Promise<Bound | undefined> {
  const name = redirectHost ?? host;
  const first = host === 'localhost' ? '127.0.0.1' : host;
  const attempts = port === 0 ? 5 : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const server = await listening(first, port, tls);
    if (typeof server === 'string') {
      busy.push(`${hostInUrl(host)}:${port} (${server})`);
      return undefined;
    }
    const { port: actual } = server.address() as AddressInfo;
    const place = `${hostInUrl(name)}:${actual}`;
    if (name !== 'localhost') return { servers: [server], host: place };
    // A browser may look for localhost at ::1 first, where another program's port would get the code.
    const other = first === '::1' ? '127.0.0.1' : '::1';
    const second = await listening(other, actual, tls);
    if (typeof second !== 'string') return { servers: [server, second], host: place };
    if (second === noSuchAddress) return { servers: [server], host: place };
    await closeServer(server);
    if (attempt === attempts - 1) busy.push(`${hostInUrl(other)}:${actual} (${second})`);
  }
  return undefined;
}

const hostInUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);

const noSuchAddress = 'no such address here';

/** @returns a server, or why there is none */
async function listening(host: string, port: number, tls: LoopbackOptions['tls']): Promise<Server | string> {
  const limits = {
    maxHeaderSize: largestHeaders,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: 1_000,
    keepAlive: false,
  };
  const server =
    tls === undefined
      ? (await import('node:http')).createServer(limits)
      : (await import('node:https')).createServer({
          ...limits,
          cert: tls.certificate,
          key: tls.key,
          minVersion: 'TLSv1.2',
        });
  server.maxConnections = mostConnections;
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (isSystemError(error, 'EADDRINUSE')) return 'in use';
    if (isSystemError(error, 'EACCES')) return 'not allowed';
    if (isSystemError(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL')) return noSuchAddress;
    throw error;
  }
}

export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
