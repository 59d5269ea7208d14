import { parseUrl } from '../url.ts';

/** In characters. */
const longestUrl = 2000;

/**
 * An API server's address in the one form that is stored, written and compared: lower-case scheme and host, no default
 * port, no slash at the end. Port and path stay, because they name another server.
 * @returns undefined when the text is not the https address of an API server
 */
export function normalizeServerUrl(text: string): string | undefined {
  if (text.length > longestUrl || /[\s\p{Cc}]/u.test(text)) return undefined;
  const url = parseUrl(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  if (url.search !== '' || url.hash !== '' || text.includes('?') || text.includes('#')) return undefined;
  // Go, in which kubectl is written, escapes these two where the URL standard leaves them as they are.
  const pathname = url.pathname.replace(/[|^]/g, encodeURIComponent);
  const normal = `${url.origin}${pathname.replace(/\/+$/, '')}`;
  // Escaping makes a text longer; what is stored must be readable again.
  return normal.length > longestUrl ? undefined : normal;
}
