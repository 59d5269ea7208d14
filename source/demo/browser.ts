import { type Call, call, formBody, type Reply } from './client.ts';

export type SignInAs = {
  readonly login: string;
  readonly password: string;
  /** the identity provider to choose where a page asks */
  readonly identityProvider: string;
};

export type SignInOptions = {
  /** stop before the form is filled, as a person who leaves */
  readonly abandon?: boolean;
  /** do not follow a redirect to such an address, but return it */
  readonly stopAt?: (url: URL) => boolean;
  /** PEM of further certificate authorities */
  readonly ca?: string;
};

/** Where the browser ended. */
export type LastPage = {
  readonly status: number;
  readonly url: string;
  readonly body: string;
  /** every address on the way */
  readonly trail: readonly string[];
  /** the form came back: wrong login or password */
  readonly refused: boolean;
  /** the first JWT on the page, if there is one */
  readonly token: string | undefined;
};

export type SignIn = (url: string, as: SignInAs, options?: SignInOptions) => Promise<LastPage>;

const mostSteps = 20;

/** Plays a person with a browser: follows redirects, keeps cookies, chooses the provider, fills in the form. */
export async function signIn(start: string, as: SignInAs, options: SignInOptions = {}): Promise<LastPage> {
  const cookies = new CookieJar();
  const trail: string[] = [];
  let url = new URL(start);
  let next: Pick<Call, 'method' | 'headers' | 'body'> = {};
  let filled = false;
  for (let step = 0; step < mostSteps; step += 1) {
    trail.push(url.href);
    const headers = { accept: 'text/html', ...next.headers, ...cookies.headersFor(url) };
    const reply = await call(url, {
      ...next,
      headers,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    cookies.keep(url, reply);
    next = {};
    const here = url;
    const last = (refused = false): LastPage => ({
      status: reply.status,
      url: here.href,
      body: reply.body,
      trail,
      refused,
      token: /eyJ[\w-]+\.[\w-]+\.[\w-]*/.exec(reply.body)?.[0],
    });
    const { location } = reply.headers;
    if (reply.status >= 300 && reply.status < 400 && typeof location === 'string') {
      url = new URL(location, url);
      if (options.stopAt?.(url)) return { ...last(), url: url.href };
      continue;
    }
    const form = formOn(reply.body);
    const link = form === undefined ? linkTo(reply.body, as.identityProvider) : undefined;
    if (link !== undefined) {
      url = new URL(link, url);
    } else if (form === undefined || reply.status >= 500) {
      return last();
    } else if (form.inputs.has('password')) {
      if (filled || options.abandon) return last(filled);
      filled = true;
      url = new URL(form.action, url);
      next = formBody({ ...Object.fromEntries(form.inputs), login: as.login, password: as.password });
    } else {
      if (reply.status >= 400) return last();
      url = new URL(form.action, url);
      next = formBody(Object.fromEntries(form.inputs));
    }
  }
  throw new Error(`the sign-in did not come to an end: ${trail.at(-1)}`);
}

type Form = { readonly action: string; readonly inputs: Map<string, string> };

function formOn(page: string): Form | undefined {
  const form = /<form\b[^>]*\bmethod="post"[^>]*>([\s\S]*?)<\/form>/i.exec(page);
  if (form === null) return undefined;
  const inputs = new Map<string, string>();
  for (const [tag] of (form[1] ?? '').matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    if (name !== undefined) inputs.set(name, attribute(tag, 'value') ?? '');
  }
  return { action: attribute(form[0].slice(0, form[0].indexOf('>') + 1), 'action') ?? '', inputs };
}

function linkTo(page: string, connector: string): string | undefined {
  for (const [tag] of page.matchAll(/<a\b[^>]*>/gi)) {
    const href = attribute(tag, 'href') ?? '';
    if (href.split('?')[0]?.endsWith(`/auth/${encodeURIComponent(connector)}`)) return href;
  }
  return undefined;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value
    ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

class CookieJar {
  readonly #cookies = new Map<string, { host: string; path: string; pair: string }>();

  keep(url: URL, { headers }: Reply): void {
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const path = attributes.find(part => /^path=/i.test(part))?.slice('path='.length) ?? '/';
      this.#cookies.set(`${url.host} ${path} ${pair.split('=')[0]}`, { host: url.host, path, pair });
    }
  }

  headersFor(url: URL): Record<string, string> {
    const fitting = [...this.#cookies.values()].filter(
      ({ host, path }) => host === url.host && url.pathname.startsWith(path),
    );
    return fitting.length === 0 ? {} : { cookie: fitting.map(({ pair }) => pair).join('; ') };
  }
}
