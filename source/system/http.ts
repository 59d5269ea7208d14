import tls from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';

/** The largest answer read from any server, in bytes; a real one is a few kilobytes. */
const largestAnswer = 5_000_000;
const headersTimeoutMs = 20_000;
const bodyTimeoutMs = 20_000;
const connectTimeoutMs = 10_000;

export type HttpRequest = {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
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

/** @param authorities certificates (PEM) to trust; the system's when not given */
export function createHttpClient(authorities: readonly string[] = systemAuthorities()): HttpClient {
  const dispatcher = new Agent({
    connect: {
      timeout: connectTimeoutMs,
      ca: [...authorities],
      // A trusted intermediate, or a self-signed server certificate, is an anchor of its own.
      allowPartialTrustChain: true,
    },
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
  });
  return {
    send: (url, options = {}) => send(dispatcher, url, options),
    close: () => dispatcher.destroy(),
  };
}

async function send(dispatcher: Dispatcher, url: URL, options: HttpRequest): Promise<HttpResponse> {
  if (url.protocol !== 'https:') {
    throw new UserError('NETWORK', `Refused to send a request without TLS to ${plainText(url.origin)}.`, {
      hint: 'The address must begin with https://.',
    });
  }
  try {
    const response = await request(url, {
      dispatcher,
      method: options.method ?? 'GET',
      headers: { 'user-agent': 'dkp-auth', ...options.headers },
      body: options.body ?? null,
      signal: options.signal ?? null,
    });
    return {
      status: response.statusCode,
      headers: firstValues(response.headers),
      body: await readBody(response.body, url),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw networkError(error, url);
  }
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result[name.toLowerCase()] = first;
  }
  return result;
}

async function readBody(body: AsyncIterable<Buffer>, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largestAnswer) {
      throw new UserError(
        'PORTAL_ANSWER',
        `${url.host} sent more than ${largestAnswer / 1e6} MB in one answer.`,
        {
          hint: 'Check that the address is the one of your platform.',
        },
      );
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
]);
const tlsFaults =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/;

export function networkError(error: unknown, url: URL): UserError {
  if (error instanceof UserError) return error;
  const code = errorCode(error);
  if (tlsFaults.test(code)) {
    return new UserError('TLS', `The certificate of ${url.host} is not one to trust here (${code}).`, {
      hint: 'If your platform has its own certificate authority, name it with --ca-file.',
      cause: error,
    });
  }
  const reason = dnsFaults.has(code)
    ? `the name ${url.hostname} is not known`
    : timeouts.has(code)
      ? 'no answer in time'
      : code === 'ECONNREFUSED'
        ? 'nothing listens there'
        : code;
  return new UserError('NETWORK', `Could not reach ${url.host}: ${reason}.`, {
    hint: 'Check the address, your network, VPN and proxy, then try again.',
    cause: error,
  });
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return error.cause === undefined ? plainText(error.message) : errorCode(error.cause);
}
