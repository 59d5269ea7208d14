import { normalizeServerUrl } from '../portal/server-url.ts';
import { parseUrl } from '../url.ts';

/**
 * What tells one cluster from another: the address of its API server, not the name of an entry. An address that this program
 * would not use, for example one without TLS, still names a cluster.
 */
export function clusterIdentity(server: string): string {
  const normalized = normalizeServerUrl(server.trim());
  if (normalized !== undefined) return normalized;
  const text = server.trim().slice(0, 2000);
  const url = /^http:\/\//i.test(text) ? parseUrl(text) : undefined;
  return url === undefined ? text : `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
