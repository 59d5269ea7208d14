import type { ServerCertificates } from '../system/certificates.ts';
import type { HttpClient } from '../system/http.ts';
import type { LoginLink } from './login-link.ts';
import type { PortalConnection } from './token-service.ts';

/** Whose word is taken for a portal's certificate: the system's, or one certificate that the person chose. */
export type Trust = { readonly kind: 'system' } | { readonly kind: 'authority'; readonly pem: string };

/** Where clusters and their tokens come from: a DKP, or an issuer that an administrator describes. */
export type Portal = {
  /** A file name for it. */
  readonly name: string;
  /** Of its token service; an issuer alone has none. */
  readonly link: LoginLink | undefined;
  readonly trust: Trust;
  /** The client to talk to an issuer with; the portal's own when the issuer stands behind the same address. */
  httpFor(issuer: string): HttpClient;
  close(): Promise<void>;
};

/** A portal with a token service. */
export type DkpPortal = Portal & PortalConnection;

export function isDkp(portal: Portal): portal is DkpPortal {
  return portal.link !== undefined;
}

export function trustThis(certificates: ServerCertificates): Trust {
  return { kind: 'authority', pem: certificates.authority.pem };
}
