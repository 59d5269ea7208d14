import type { IncomingMessage, ServerResponse } from 'node:http';
import { protobufType } from './api-server/protobuf.ts';

/** One request to a server of the demo, read and parsed, and the answer to it. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
};

export type Handler = (exchange: Exchange) => void | Promise<void>;

const bodyLimit = 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > bodyLimit) throw new Error('request body too large');
    chunks.push(bytes);
  }
  // Bytes that are no text stay whole, one character each.
  const isBinary = request.headers['content-type'] === protobufType;
  return Buffer.concat(chunks).toString(isBinary ? 'latin1' : 'utf8');
}

export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string | string[]> = {},
): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value), { 'content-type': 'application/json' });
}

export function sendHtml(
  response: ServerResponse,
  status: number,
  html: string,
  headers: Record<string, string | string[]> = {},
): void {
  const fixed = { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' };
  send(response, status, html, { ...fixed, ...headers });
}

/** Go's `http.Error` and the token service's own errors: plain text with a line break at the end. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  send(response, status, `${text}\n`, headers);
}

export function redirect(
  response: ServerResponse,
  status: 301 | 302 | 303,
  location: string,
  headers: Record<string, string | string[]> = {},
): void {
  send(response, status, '', { location, ...headers });
}

export function cookiesOf(request: IncomingMessage): Map<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).map(pair => pair.split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
