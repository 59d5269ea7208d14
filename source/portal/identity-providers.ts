import { Parser } from 'htmlparser2';
import { UserError } from '../errors.ts';
import type { HttpClient } from '../system/http.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';
import type { IdentityProvider } from './identity-provider.ts';

/**
 * The identity providers behind an authorization address: Dex answers with a page of links, or with a redirect when
 * there is one provider only. The page is read, nothing is clicked.
 */
export async function listIdentityProviders(
  http: HttpClient,
  authorizationUrl: URL,
  signal?: AbortSignal,
): Promise<IdentityProvider[]> {
  const response = await http.send(authorizationUrl, { ...(signal && { signal }) });
  const location = response.headers['location'];
  if (response.status >= 300 && response.status < 400 && location !== undefined) {
    const only = connectorOf(location, authorizationUrl);
    if (only !== undefined) return [{ id: only, name: only }];
  }
  const providers = response.status === 200 ? readChoicePage(response.body, authorizationUrl) : [];
  if (providers.length > 0) return providers;
  throw new UserError(
    'PORTAL_ANSWER',
    `${authorizationUrl.host} shows no identity provider (status ${response.status}).`,
    {
      hint: 'Ask your administrator whether an identity provider is set up for this login link.',
    },
  );
}

/** The links of Dex's choice page, in its order; a link's connector is the last part of its path. */
export function readChoicePage(html: string, page: URL): IdentityProvider[] {
  const providers = new Map<string, string>();
  let current: { id: string; text: string } | undefined;
  const parser = new Parser({
    onopentag(tag, attributes) {
      const href = attributes['href'];
      if (tag !== 'a' || href === undefined) return;
      const id = connectorOf(href, page);
      current = id === undefined ? undefined : { id, text: '' };
    },
    ontext(text) {
      if (current !== undefined) current.text += text;
    },
    onclosetag(tag) {
      if (tag !== 'a' || current === undefined) return;
      const name = plainText(current.text.replace(/\s+/g, ' ')).replace(/^Log in with /i, '');
      if (!providers.has(current.id)) providers.set(current.id, name || current.id);
      current = undefined;
    },
  });
  parser.end(html);
  return [...providers].map(([id, name]) => ({ id, name }));
}

/** `/dex/auth` leads to `/dex/auth/CONNECTOR`. */
function connectorOf(href: string, page: URL): string | undefined {
  const target = parseUrl(href, page);
  const base = `${page.pathname.replace(/\/+$/, '')}/`;
  if (target?.origin !== page.origin || !target.pathname.startsWith(base)) return undefined;
  const [segment = ''] = target.pathname.slice(base.length).split('/');
  try {
    const id = decodeURIComponent(segment);
    return id !== '' && id.length <= 200 && plainText(id) === id ? id : undefined;
  } catch {
    return undefined;
  }
}
