import { IncomingMessage, type ServerResponse } from 'node:http';
import { parseUrl } from '../../url.ts';
import type { Exchange } from '../http.ts';

type Callback = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Hands a request to the provider library under another path. The body has been read already, so the library gets a
 * copy of the request; its cookies stay inside: like Dex, this issuer keeps no session in the browser.
 */
export async function forward(
  callback: Callback,
  issuer: string,
  { request, response, body }: Exchange,
  change: { path: string; method?: string; cookie?: string },
): Promise<void> {
  const copy = new IncomingMessage(request.socket);
  const { cookie, ...headers } = request.headers;
  const method = change.method ?? request.method ?? 'GET';
  Object.assign(copy, {
    method,
    url: change.path,
    originalUrl: `${new URL(issuer).pathname}${change.path}`,
    httpVersion: request.httpVersion,
    httpVersionMajor: request.httpVersionMajor,
    httpVersionMinor: request.httpVersionMinor,
    // An incomplete message takes its socket with it when it ends.
    complete: true,
  });
  copy.headers = {
    ...headers,
    host: new URL(issuer).host,
    ...(change.cookie === undefined ? {} : { cookie: change.cookie }),
  };
  if (method !== 'GET') copy.push(body);
  copy.push(null);
  keepHeaders(response);
  await callback(copy, response);
}

function keepHeaders(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    if (name.toLowerCase() === 'set-cookie') return response;
    if (name.toLowerCase() === 'location') return setHeader(name, withoutIssuer(String(value)));
    return setHeader(name, value);
  };
}

// Dex knows nothing of RFC 9207.
function withoutIssuer(location: string): string {
  const url = parseUrl(location);
  if (!url?.searchParams.has('iss')) return location;
  url.searchParams.delete('iss');
  return url.href;
}
