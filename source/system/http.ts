import tls from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { told } from './http-debug.ts';
import { type Proxies, ProxyFault, proxyDispatcher, proxyFor, untilAborted } from './proxy.ts';

/** The largest answer that is read where nothing else is said, in bytes; a real one is a few kilobytes. */
const usualLargest = 5_000_000;

/** How long a server may take, in milliseconds. */
export type HttpLimits = {
  readonly connectMs: number;
  /** Until the answer begins, and between two pieces of it. */
  readonly silenceMs: number;
  /** For everything: a server that sends a byte now and then must not hold a login for ever. */
  readonly totalMs: number;
};

const usualLimits: HttpLimits = { connectMs: 10_000, silenceMs: 20_000, totalMs: 60_000 };

export type HttpRequest = {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** The largest answer that is read, in bytes. */
  readonly largestAnswer?: number;
};

export type HttpResponse = {
  readonly status: number;
  /** Lower-case names; a repeated header keeps its first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** One trust decision and the connections made under it. Redirects are never followed. */
export type HttpClient = {
  send(url: URL, request?: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
};

/** Every certificate authority this machine trusts: Node's own list, the variables' and the system's store. */
export function systemAuthorities(): string[] {
  // Node 22.0 to 22.14 have neither the function nor the system store.
  if (typeof tls.getCACertificates !== 'function') return [...tls.rootCertificates];
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** Whom to trust for a proxy that has TLS itself; a portal's own authority does not count there. */
export function proxyAuthorities({ proxy, authorities = [] }: Proxies): string[] {
  return proxy?.protocol === 'https:' ? [...systemAuthorities(), ...authorities] : [];
}

/** A certificate that says who we are, for issuers that ask for one (mutual TLS), and its private key; both PEM. */
export type ClientCertificate = { readonly certificate: string; readonly key: string };

export type HttpOptions = {
  /** Certificates (PEM) to trust; the system's when not given. Through a proxy too: it only carries the bytes. */
  readonly authorities?: readonly string[] | undefined;
  readonly limits?: Partial<HttpLimits> | undefined;
  /** Direct connections when not given; see `chooseProxies`. */
  readonly proxies?: Proxies | undefined;
  /** Shown to every server that asks, so a client that has one is for the issuer alone. */
  readonly clientCertificate?: ClientCertificate | undefined;
};

/** @param given options, or only the certificates (PEM) to trust */
export function createHttpClient(
  given: HttpOptions | readonly string[] = {},
  limits: Partial<HttpLimits> = {},
): HttpClient {
  const options: HttpOptions = 'length' in given ? { authorities: given } : given;
  const { connectMs, silenceMs, totalMs } = { ...usualLimits, ...options.limits, ...limits };
  const { proxies, clientCertificate } = options;
  const connect = {
    timeout: connectMs,
    ca: [...(options.authorities ?? systemAuthorities())],
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn it off.
    rejectUnauthorized: true,
    // A trusted intermediate, or a self-signed server certificate, is an anchor of its own.
    allowPartialTrustChain: true,
    ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
  };
  const timeouts = { headersTimeout: silenceMs, bodyTimeout: silenceMs };
  const direct = new Agent({ connect, ...timeouts });
  const proxied =
    proxies?.proxy &&
    proxyDispatcher(proxies.proxy, {
      ...timeouts,
      connectMs,
      requestTls: connect,
      authorities: proxyAuthorities(proxies),
    });
  return {
    send: async (url, request = {}) => {
      const dispatcher = proxyFor(proxies, url) === undefined ? direct : (proxied ?? direct);
      return told(url, request, async () => {
        try {
          return await send(dispatcher, url, request, totalMs);
        } catch (error) {
          request.signal?.throwIfAborted();
          throw networkError(error, url);
        }
      });
    },
    close: async () => {
      await Promise.all([direct.destroy(), proxied?.destroy()]);
    },
  };
}

async function send(
  dispatcher: Dispatcher,
  url: URL,
  options: HttpRequest,
  totalMs: number,
): Promise<HttpResponse> {
  if (url.protocol !== 'https:') {
    throw new UserError('NETWORK', `Refused to send a request without TLS to ${plainText(url.origin)}.`, {
      hint: 'The address must begin with https://.',
    });
  }
  const end = AbortSignal.timeout(totalMs);
  const signal = options.signal === undefined ? end : AbortSignal.any([options.signal, end]);
  const answering = request(url, {
    dispatcher,
    method: options.method ?? 'GET',
    headers: { 'user-agent': 'dkp-auth', ...options.headers },
    body: options.body ?? null,
    signal,
  });
  const response = await untilAborted(answering, signal);
  return {
    status: response.statusCode,
    headers: firstValues(response.headers),
    body: await readBody(response.body, url, options.largestAnswer ?? usualLargest),
  };
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result[name.toLowerCase()] = first;
  }
  return result;
}

async function readBody(body: AsyncIterable<Buffer>, url: URL, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largest) {
      throw new UserError('PORTAL_ANSWER', `${url.host} sent more than ${largest / 1e6} MB in one answer.`, {
        hint: 'Check that the address is the one of your platform.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const dnsFaults = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA']);
const timeouts = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'TimeoutError',
]);
const cuts = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ECONNRESET', 'EPIPE']);
const notHttp = /^(HPE_|UND_ERR_HEADERS_OVERFLOW)/;
const tlsFaults =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/;

// What a server says of our certificate, or of there being none, comes as an alert.
const ownCertificateFaults =
  /ALERT_(NO_CERTIFICATE|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

export function networkError(error: unknown, url: URL): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof ProxyFault) return proxyError(error, url);
  const code = errorCode(error);
  if (ownCertificateFaults.test(code)) {
    return new UserError(
      'TLS',
      `${url.host} does not accept this machine without another certificate (${code}).`,
      {
        hint: 'It asks for a client certificate: give --client-certificate and --client-key.',
        cause: error,
      },
    );
  }
  if (tlsFaults.test(code)) {
    return new UserError('TLS', `The certificate of ${url.host} is not one to trust here (${code}).`, {
      hint: 'If your platform has its own certificate authority, name it with --ca-file.',
      cause: error,
    });
  }
  const reason = reasonOf(code, url);
  return new UserError('NETWORK', `Could not reach ${url.host}: ${reason}.`, {
    hint: 'Check the address, your network, VPN and proxy, then try again.',
    cause: error,
  });
}

const proxyHint = 'Check --proxy, HTTPS_PROXY and NO_PROXY.';

function proxyError({ proxy, status, cause }: ProxyFault, url: URL): UserError {
  if (status !== undefined) {
    const message = `The proxy ${proxy.host} does not let us through to ${url.host} (status ${status}).`;
    const credentials = 'It wants a user name and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.';
    return new UserError('NETWORK', message, { hint: status === 407 ? credentials : proxyHint });
  }
  const code = errorCode(cause);
  if (tlsFaults.test(code)) {
    const message = `The certificate of the proxy ${proxy.host} is not one to trust here (${code}).`;
    return new UserError('TLS', message, { hint: proxyHint, cause });
  }
  const message = `Could not reach the proxy ${proxy.host}: ${reasonOf(code, proxy)}.`;
  return new UserError('NETWORK', message, { hint: proxyHint, cause });
}

function reasonOf(code: string, url: URL): string {
  if (dnsFaults.has(code)) return `the name ${url.hostname} is not known`;
  if (timeouts.has(code)) return 'no answer in time';
  if (cuts.has(code)) return 'the connection was cut';
  if (notHttp.test(code)) return `what it sends is not HTTP (${code})`;
  return code === 'ECONNREFUSED' ? 'nothing listens there' : code;
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return error.name;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return error.cause === undefined ? plainText(error.message) : errorCode(error.cause);
}
