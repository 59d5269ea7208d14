import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { isAbort, UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { networkError, proxyAuthorities, systemAuthorities } from './http.ts';
import { openTunnel, type Proxies, proxyFor } from './proxy.ts';

const handshakeTimeoutMs = 10_000;
const longestHead = 20_000;

/** What a person needs to see of a certificate before trusting it. */
export type CertificateSummary = {
  readonly pem: string;
  /** SHA-256 of the DER form, as lower-case hex without colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly selfSigned: boolean;
};

export type ServerCertificates = {
  /** Whether the authorities that were given, the system's by default, vouch for the server. */
  readonly trusted: boolean;
  /** Why not, in OpenSSL's word, e.g. `SELF_SIGNED_CERT_IN_CHAIN`. */
  readonly fault: string | undefined;
  /** The server's own certificate. */
  readonly server: CertificateSummary;
  /** The certificate nearest to the root that the server sent: what trusting "its CA" means. */
  readonly authority: CertificateSummary;
};

/** Shakes hands with a server to see its certificates. Nothing is sent over the connection. */
export async function inspectServerCertificates(
  origin: URL,
  signal?: AbortSignal,
  proxies?: Proxies,
  authorities: readonly string[] = systemAuthorities(),
): Promise<ServerCertificates> {
  const socket = await connectUnjudged(origin, authorities, signal, proxies);
  try {
    await handshake(socket, signal);
    const chain = chainOf(socket);
    const server = chain[0];
    const authority = chain.at(-1);
    if (server === undefined || authority === undefined) {
      throw new UserError('TLS', `${origin.host} sent no certificate.`);
    }
    const fault = socket.authorized ? undefined : plainText(String(socket.authorizationError));
    return { trusted: socket.authorized, fault, server, authority };
  } catch (error) {
    if (isAbort(error)) throw error;
    throw networkError(error, origin);
  } finally {
    socket.destroy();
  }
}

/**
 * What a server's clock shows, in milliseconds since the epoch, as the head of any answer tells it (RFC 9110, section
 * 6.6.1); undefined when it tells nothing. Asked without judging the certificate, because a clock that is wrong is one
 * reason why certificates do not pass; nothing but a request for the head of `/` is sent.
 */
export async function askTheTime(
  origin: URL,
  signal?: AbortSignal,
  proxies?: Proxies,
): Promise<number | undefined> {
  const socket = await connectUnjudged(origin, [], signal, proxies);
  try {
    await handshake(socket, signal);
    socket.write(
      `HEAD / HTTP/1.1\r\nhost: ${origin.host}\r\nuser-agent: dkp-auth\r\nconnection: close\r\n\r\n`,
    );
    let head = '';
    for await (const piece of socket) {
      head += String(piece);
      if (head.includes('\r\n\r\n') || head.length > longestHead) break;
    }
    const date = Date.parse(/^date: (.*)$/im.exec(head)?.[1] ?? '');
    return Number.isNaN(date) ? undefined : date;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw networkError(error, origin);
  } finally {
    socket.destroy();
  }
}

/** A connection whose certificate is for the caller to judge: looking is not trusting. */
async function connectUnjudged(
  origin: URL,
  authorities: readonly string[],
  signal?: AbortSignal,
  proxies?: Proxies,
): Promise<tls.TLSSocket> {
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const tunnel = await tunnelTo(origin, signal, proxies);
  return tls.connect({
    ...(tunnel === undefined ? { host, port: Number(origin.port || 443) } : { socket: tunnel, host }),
    ...(/^[\d.:[\]]+$/.test(origin.hostname) ? {} : { servername: host }),
    ca: [...authorities],
    allowPartialTrustChain: true,
    rejectUnauthorized: false,
    timeout: handshakeTimeoutMs,
  });
}

async function tunnelTo(
  origin: URL,
  signal: AbortSignal | undefined,
  proxies: Proxies | undefined,
): Promise<Duplex | undefined> {
  const proxy = proxyFor(proxies, origin);
  if (proxies === undefined || proxy === undefined) return undefined;
  try {
    const authorities = proxyAuthorities(proxies);
    return await openTunnel(proxy, origin, { connectMs: handshakeTimeoutMs, authorities, signal });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw networkError(error, origin);
  }
}

function handshake(socket: tls.TLSSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason ?? new DOMException('Aborted', 'AbortError'));
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('secureConnect', resolve);
    socket.once('timeout', () => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.once('error', reject);
  });
}

function chainOf(socket: tls.TLSSocket): CertificateSummary[] {
  const chain: CertificateSummary[] = [];
  const seen = new Set<string>();
  let next: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined && !seen.has(next.fingerprint256) && chain.length < 10) {
    seen.add(next.fingerprint256);
    chain.push(summarize(new X509Certificate(next.raw)));
    next = next.issuerCertificate;
  }
  return chain;
}

export function summarize(certificate: X509Certificate): CertificateSummary {
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: plainText(certificate.subject),
    issuer: plainText(certificate.issuer),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    selfSigned: certificate.subject === certificate.issuer,
  };
}

/**
 * Certificates of a PEM text.
 * @throws UserError CA_FILE_INVALID when it holds none, or one that cannot be read
 */
export function readCertificates(pem: string, source: string): CertificateSummary[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) return blocks.map(block => summarize(new X509Certificate(block)));
  } catch (error) {
    throw new UserError('CA_FILE_INVALID', `${source} holds a certificate that cannot be read.`, {
      cause: error,
    });
  }
  throw new UserError('CA_FILE_INVALID', `${source} holds no PEM certificate.`, {
    hint: 'Expected a text with "-----BEGIN CERTIFICATE-----".',
  });
}
