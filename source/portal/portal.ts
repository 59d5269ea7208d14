import { createHttpClient, type HttpClient, systemAuthorities } from '../system/http.ts';
import type { LoginLink } from './login-link.ts';
import type { PortalConnection } from './token-service.ts';

/** Whose word is taken for a portal's certificate: the system's, or one certificate that the person chose. */
export type Trust = { readonly kind: 'system' } | { readonly kind: 'authority'; readonly pem: string };

export type Portal = PortalConnection & {
  readonly trust: Trust;
  /** The client to talk to an issuer with; the portal's own when the issuer stands behind the same address. */
  httpFor(issuer: string): HttpClient;
  close(): Promise<void>;
};

/**
 * A chosen authority replaces the system's for the portal itself, so that nobody else's certificate passes for it.
 * An issuer elsewhere may well have a public certificate: there it counts beside the system's.
 */
export function openPortal(link: LoginLink, trust: Trust): Portal {
  const http = createHttpClient(trust.kind === 'authority' ? [trust.pem] : undefined);
  let elsewhere: HttpClient | undefined;
  return {
    link,
    trust,
    http,
    httpFor(issuer) {
      if (trust.kind === 'system' || new URL(issuer).origin === link.origin) return http;
      elsewhere ??= createHttpClient([trust.pem, ...systemAuthorities()]);
      return elsewhere;
    },
    async close() {
      await Promise.all([http.close(), elsewhere?.close()]);
    },
  };
}
