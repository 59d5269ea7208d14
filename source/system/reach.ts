import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import { networkError } from './http.ts';

/**
 * The addresses of a host, as the system's resolver has them: `/etc/hosts` included.
 * @throws UserError NETWORK
 */
export async function addressesOf(url: URL): Promise<string[]> {
  const host = hostOf(url);
  if (net.isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw networkError(error, url);
  }
}

/**
 * Connects and hangs up; nothing is sent.
 * @throws UserError NETWORK, and what the signal was aborted with
 */
export async function connectOnce(url: URL, signal: AbortSignal): Promise<void> {
  const socket = net.connect({ host: hostOf(url), port: Number(url.port || 443) });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw networkError(error, url);
  } finally {
    socket.destroy();
  }
}

export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
