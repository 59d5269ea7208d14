import { createHttpClient, type HttpClient, type HttpOptions, systemAuthorities } from '../system/http.ts';
import { type LoginLink, portalName } from './login-link.ts';
import type { DkpPortal, Portal, Trust } from './portal.ts';

/** How to reach servers, besides whom to trust. */
export type ConnectionOptions = Pick<HttpOptions, 'proxies' | 'clientCertificate' | 'limits'>;

/**
 * A chosen authority replaces the system's for the portal itself, so that nobody else's certificate passes for it.
 * An issuer elsewhere may well have a public certificate: there it counts beside the system's.
 */
export function openPortal(link: LoginLink, trust: Trust, options: ConnectionOptions = {}): DkpPortal {
  const { http, httpFor, close } = openConnections(link.origin, trust, options);
  return { name: portalName(link), link, trust, http, httpFor, close };
}

/** An issuer without a token service. */
export function openIssuer(issuer: string, trust: Trust, options: ConnectionOptions = {}): Portal {
  const { origin, host } = new URL(issuer);
  const { httpFor, close } = openConnections(origin, trust, options);
  const name = host.replace(/[[\]]/g, '').replaceAll(':', '-');
  return { name, link: undefined, trust, httpFor, close };
}

function openConnections(home: string, trust: Trust, options: ConnectionOptions) {
  const http = createHttpClient({
    ...options,
    ...(trust.kind === 'authority' && { authorities: [trust.pem] }),
  });
  let elsewhere: HttpClient | undefined;
  return {
    http,
    httpFor(issuer: string): HttpClient {
      if (trust.kind === 'system' || new URL(issuer).origin === home) return http;
      elsewhere ??= createHttpClient({ ...options, authorities: [trust.pem, ...systemAuthorities()] });
      return elsewhere;
    },
    async close() {
      await Promise.all([http.close(), elsewhere?.close()]);
    },
  };
}
