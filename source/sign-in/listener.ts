import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';
import { type LastPage, lastPageHtml, pageHeaders } from './last-page.ts';
import { bindLoopback, closeServer, type ListenAddress, type LoopbackOptions } from './loopback.ts';

export type ListenerOptions = LoopbackOptions & {
  /** Tried in their order; a free port of 127.0.0.1 by default. */
  readonly listen?: readonly ListenAddress[] | undefined;
  readonly redirectPath?: string | undefined;
};

/** The answer to a login as the browser brought it: its state is the one expected. */
export type Callback = {
  readonly parameters: URLSearchParams;
  /** Answers the browser, which waits; an address is one to go on to. */
  answer(page: LastPage | URL): Promise<void>;
};

export type Listener = {
  readonly redirectUri: string;
  /** Begins to take the answer that has this state; anything else is turned away and changes nothing. */
  expect(state: string): Promise<Callback>;
  close(): Promise<void>;
};

const anyPort: readonly ListenAddress[] = [{ host: '127.0.0.1', port: 0 }];
const usualPath = '/callback';
/** For the browser to take its last page. */
const farewellMs = 2_000;

/**
 * Listens on this machine's loopback for the end of one login (RFC 8252, section 7.3). Anybody on this machine, and any
 * web page, can send requests here, so all of them are suspect but one.
 * @throws UserError USAGE, LISTEN_FAILED
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { listen = anyPort, redirectPath = usualPath } = options;
  const path = checkedPath(redirectPath);
  const { servers, host } = await bindLoopback(listen, options);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const redirectUri = new URL(path, `${scheme}://${host}`);
  const exchange = createExchange(redirectUri);
  for (const server of servers) server.on('request', exchange.handle);
  return {
    redirectUri: redirectUri.href,
    expect: exchange.expect,
    async close() {
      await exchange.farewell();
      await Promise.all(servers.map(closeServer));
    },
  };
}

function checkedPath(path: string): string {
  if (/^\/[\w./~-]*$/.test(path) && new URL(path, 'http://localhost').pathname === path) return path;
  throw new UserError('USAGE', `${plainText(path)} is not a path for a redirect address.`, {
    hint: 'It begins with a slash and holds letters, digits and . _ ~ - only.',
  });
}

function createExchange(redirectUri: URL) {
  let expected: { readonly state: string; resolve(callback: Callback): void } | undefined;
  let open: ServerResponse | undefined;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    const refusal = refusalOf(request, redirectUri, expected?.state);
    if (refusal !== undefined || expected === undefined) {
      const [status, text] = refusal ?? noLogin;
      const headers = { ...pageHeaders, allow: 'GET', 'content-type': 'text/plain; charset=utf-8' };
      response.writeHead(status, headers).end(`${text}\n`);
      return;
    }
    const { resolve } = expected;
    expected = undefined;
    open = response;
    const { searchParams } = new URL(request.url ?? '', redirectUri);
    resolve({ parameters: searchParams, answer: page => answer(response, page) });
  }

  async function answer(response: ServerResponse, page: LastPage | URL): Promise<void> {
    if (open !== response) return;
    open = undefined;
    if (response.destroyed) return;
    const signal = AbortSignal.timeout(farewellMs);
    const sent = once(response, 'close', { signal }).catch(() => undefined);
    if (page instanceof URL) response.writeHead(303, { ...pageHeaders, location: page.href }).end();
    else
      response
        .writeHead(200, { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' })
        .end(lastPageHtml(page));
    await sent;
  }

  return {
    handle,
    expect: (state: string) =>
      new Promise<Callback>(resolve => {
        expected = { state, resolve };
      }),
    /** A browser that still waits is told that nothing came of it. */
    farewell: async () => {
      expected = undefined;
      if (open === undefined) return;
      await answer(open, { title: 'The login was given up', text: 'You can close this page.' });
    },
  };
}

type Refusal = readonly [status: number, text: string];

const noLogin: Refusal = [400, 'This is not the answer to a login that is under way here.'];

function refusalOf(
  request: IncomingMessage,
  redirectUri: URL,
  state: string | undefined,
): Refusal | undefined {
  const { host, pathname } = redirectUri;
  // A page of another site can reach this port under a name of its own (DNS rebinding).
  if (request.headers.host !== host) return [421, 'This is not the host that is served here.'];
  const target = request.url ?? '';
  const url = parseUrl(target, redirectUri);
  if (!target.startsWith('/') || url?.host !== host || url.pathname !== pathname) {
    return [404, 'There is nothing here.'];
  }
  if (request.method !== 'GET') return [405, 'Only GET is served here.'];
  if (!isNavigation(request)) return [403, 'This is a page for a person to see.'];
  const isOurs = state !== undefined && hasState(url.searchParams, state) && isAnswer(url.searchParams);
  return isOurs ? undefined : noLogin;
}

/** Browsers say what a request is for: an image, a script, a frame or a prefetch is nobody's login. */
function isNavigation({ headers }: IncomingMessage): boolean {
  const { 'sec-fetch-dest': destination, 'sec-purpose': purpose } = headers;
  return (destination === undefined || destination === 'document') && purpose === undefined;
}

function hasState(parameters: URLSearchParams, state: string): boolean {
  const given = parameters.getAll('state');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given.length === 1 && timingSafeEqual(digest(given[0] ?? ''), digest(state));
}

function isAnswer(parameters: URLSearchParams): boolean {
  const names = [...parameters.keys()];
  return new Set(names).size === names.length && parameters.has('code') !== parameters.has('error');
}
