import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Exchange, redirect, send, sendHtml } from './http.ts';

/** An answer given instead of the right one. */
export type CannedAnswer = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** Faults that any answer can have. */
const commonFaults = [
  'huge',
  'wrong-types',
  'not-json',
  'empty',
  'redirect',
  'bad-gateway',
  'not-found',
  'cut',
  'hang',
  'slow',
] as const;
export type CommonFault = (typeof commonFaults)[number];
export const isCommon = (fault: string) => commonFaults.some(common => common === fault);

export type AnyFault = CommonFault | CannedAnswer;

export const hugeBytes = 32 * 1024 * 1024;
export const slowMilliseconds = 2000;

const wrongTypes: Record<string, string> = {
  providers: '[{"name":7,"url":null,"clusters":"none"}]',
  kubeconfig: 'apiVersion: v1\nkind: Config\nclusters: 7\ncontexts: none\nusers: {}\n',
  start: '{"authURL":{},"hmac":7,"ttl":"soon"}',
  query: '{"token":{"value":1},"ready":"yes"}',
  discovery: '{"issuer":7,"jwks_uri":[],"authorization_endpoint":null}',
  keys: '{"keys":"none"}',
  issuerToken: '{"id_token":7,"access_token":null,"token_type":[]}',
  device: '{"device_code":7,"user_code":null,"verification_uri":{}}',
};

/** Answers wrongly, if the fault is one of an answer. */
export function disturb(point: string, fault: AnyFault | string, exchange: Exchange): boolean {
  const { response } = exchange;
  if (typeof fault !== 'string') {
    send(response, fault.status ?? 200, fault.body ?? '', fault.headers);
    return true;
  }
  const type = { 'content-type': 'application/json' };
  switch (fault) {
    case 'huge':
      stream(response).catch(() => response.destroy());
      return true;
    case 'wrong-types':
      send(response, point === 'start' ? 201 : 200, wrongTypes[point] ?? '[7]', type);
      return true;
    case 'not-json':
      send(response, 200, '<html><body>Welcome</body></html>', { 'content-type': 'text/html' });
      return true;
    case 'empty':
      send(response, 200, '', type);
      return true;
    case 'redirect':
      redirect(response, 302, `http://evil.example${exchange.path}`);
      return true;
    case 'bad-gateway':
      sendHtml(
        response,
        502,
        '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
      );
      return true;
    case 'not-found':
      send(response, 404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' });
      return true;
    case 'cut':
      response.writeHead(200, { ...type, 'content-length': '4096' });
      response.write('[{"name":"cut', () => response.destroy());
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}

export const slowly = () => wait(slowMilliseconds, undefined, { ref: false });

async function stream(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  await pipeline(hugeAnswer(), response);
}

function* hugeAnswer(): Generator<Buffer> {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  yield Buffer.from('[{"name":"');
  for (let sent = 0; sent < hugeBytes; sent += chunk.length) yield chunk;
  yield Buffer.from('"}]');
}
