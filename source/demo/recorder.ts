import type { ServerResponse } from 'node:http';
import type { Exchange } from './http.ts';
import { claimsOf } from './keys.ts';
import type { DemoRequest } from './types.ts';

const kept = 5000;
const bodyKept = 64 * 1024;

export class Recorder {
  readonly requests: DemoRequest[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(server: string, { request, response, body }: Exchange): void {
    const raw = /^bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const entry = {
      at: this.#now(),
      server,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: flat(request.headers),
      body: body.length > bodyKept ? '' : body,
      ...(raw === undefined ? {} : { bearer: { raw, claims: claimsOf(raw) } }),
    };
    this.requests.push(Object.defineProperty(entry, 'status', statusOf(response)) as DemoRequest);
    if (this.requests.length > kept) this.requests.splice(0, this.requests.length - kept);
  }
}

function statusOf(response: ServerResponse): PropertyDescriptor {
  return { enumerable: true, get: () => (response.headersSent ? response.statusCode : 0) };
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
