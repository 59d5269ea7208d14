import net from 'node:net';
import type { Duplex } from 'node:stream';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Environment } from './paths.ts';
import { credentialsOf, parseProxy } from './proxy-address.ts';

/** How requests leave this machine: through a proxy, but for the hosts that are excepted. */
export type Proxies = {
  readonly proxy: URL | undefined;
  /** As in `NO_PROXY`. */
  readonly except: string;
  /** Certificates (PEM) to trust beside the system's when the proxy itself has TLS. */
  readonly authorities?: readonly string[];
};

/**
 * `--proxy`, else `DKP_AUTH_PROXY`, else `HTTPS_PROXY`; `NO_PROXY` names the exceptions of both. Each variable in lower or upper case, the lower
 * case first, as curl, Go and undici have it. An empty `--proxy` means none.
 * @throws UserError USAGE
 */
export function chooseProxies(flag: string | undefined, env: Environment): Proxies {
  const variable = (name: string) => env[name.toLowerCase()] ?? env[name];
  const own = env['DKP_AUTH_PROXY'] || undefined;
  const named = flag !== undefined ? '--proxy' : own !== undefined ? 'DKP_AUTH_PROXY' : 'HTTPS_PROXY';
  const text = (flag ?? own ?? variable('HTTPS_PROXY') ?? '').trim();
  return { proxy: text === '' ? undefined : parseProxy(text, named), except: variable('NO_PROXY') ?? '' };
}

// The text itself is not repeated: it may hold a password.
/** The proxy that a request goes through, if any. A loopback address is a host like any other. */
export function proxyFor(proxies: Proxies | undefined, url: URL): URL | undefined {
  if (proxies?.proxy === undefined) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  const entries = proxies.except.split(/[,\s]+/).filter(entry => entry !== '');
  return entries.some(entry => excepts(entry.toLowerCase(), host, port)) ? undefined : proxies.proxy;
}

/** One entry: `*`, a domain (with what is below it), an address, a range of addresses; each may name a port. */
function excepts(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const withPort = /^(?<name>\[[^\]]+\]|[^:]+):(?<port>\d+)$/.exec(entry)?.groups;
  if (withPort !== undefined && Number(withPort['port']) !== port) return false;
  const name = (withPort?.['name'] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  const [address = '', bits] = name.split('/');
  if (bits !== undefined && /^\d{1,3}$/.test(bits)) return inRange(host, address, Number(bits));
  return host === name || host.endsWith(`.${name}`);
}

function inRange(host: string, address: string, bits: number): boolean {
  const family = net.isIP(address);
  if (family === 0 || net.isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new net.BlockList();
  range.addSubnet(address, bits, type);
  return range.check(host, type);
}

/** What went wrong between this machine and the proxy, and not between the proxy and the server. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
  readonly proxy: URL;
  /** What the proxy answered when it was asked for a connection; undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(proxy: URL, status: number | undefined, cause?: unknown) {
    super('The proxy failed', { cause });
    this.proxy = proxy;
    this.status = status;
  }
}

type TunnelOptions = {
  readonly connectMs: number;
  /** Whom to trust for the certificate of an https:// proxy. */
  readonly authorities: readonly string[];
};

type DispatcherOptions = TunnelOptions & {
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  /** How the server behind the proxy is checked. */
  readonly requestTls: buildConnector.BuildOptions;
};

/** Sends requests through a tunnel (CONNECT): the proxy learns the host's name, and nothing of what is said. */
export function proxyDispatcher(proxy: URL, options: DispatcherOptions): Dispatcher {
  const { headersTimeout, bodyTimeout, requestTls } = options;
  const authorization = authorizationFor(proxy);
  return new ProxyAgent({
    uri: proxy.origin,
    ...(authorization !== undefined && { token: authorization }),
    requestTls,
    clientFactory: () => poolTo(proxy, options),
    headersTimeout,
    bodyTimeout,
  });
}

/** A tunnel through the proxy to a server, for those who want to shake hands with it themselves. */
export async function openTunnel(
  proxy: URL,
  server: URL,
  options: TunnelOptions & { readonly signal?: AbortSignal | undefined },
): Promise<Duplex> {
  const pool = poolTo(proxy, options);
  const target = `${server.hostname}:${server.port || 443}`;
  const authorization = authorizationFor(proxy);
  const headers = { host: target, ...(authorization && { 'proxy-authorization': authorization }) };
  try {
    const opening = pool.connect({ path: target, headers, signal: options.signal ?? null });
    const { socket } = await untilAborted(opening, options.signal);
    // The tunnel is the pool's no longer.
    void pool.close();
    return socket;
  } catch (error) {
    void pool.destroy();
    throw error;
  }
}

/** undici looks at a signal only when there is a connection; a person who leaves does not wait for one. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Connections to the proxy, whose failures are told from those of the servers behind it. */
function poolTo(proxy: URL, { connectMs, authorities }: TunnelOptions): Pool {
  const connect = buildConnector({ timeout: connectMs, ca: [...authorities], rejectUnauthorized: true });
  const pool = new Pool(proxy.origin, {
    // undici names the proxy in the handshake even where it is an address, which TLS does not allow.
    connect: ({ servername, ...options }, callback) =>
      connect(
        { ...options, ...(servername !== undefined && net.isIP(servername) === 0 && { servername }) },
        callback,
      ),
    headersTimeout: connectMs,
  });
  const ask = pool.connect.bind(pool) as (
    options: Dispatcher.ConnectOptions,
  ) => Promise<Dispatcher.ConnectData>;
  const openOrTell = async (options: Dispatcher.ConnectOptions) => {
    const answer = await ask(options).catch(error => {
      throw new ProxyFault(proxy, undefined, error);
    });
    if (answer.statusCode === 200) return answer;
    answer.socket.on('error', () => undefined).destroy();
    throw new ProxyFault(proxy, answer.statusCode);
  };
  return Object.assign(pool, { connect: openOrTell });
}

function authorizationFor(proxy: URL): string | undefined {
  const credentials = credentialsOf(proxy);
  if (credentials === undefined || proxy.username === '') return undefined;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}
