import { after } from 'node:test';
import { type Call, call, type Reply } from '../../source/demo/client.ts';
import { type Demo, type DemoOptions, type DemoUser, startDemo } from '../../source/demo/index.ts';

/** A demo for one test file, closed at its end. */
export async function demoForTests(options?: DemoOptions): Promise<Demo> {
  const demo = await startDemo(options);
  after(() => demo.close());
  return demo;
}

export const originOf = (demo: Demo) => `https://127.0.0.1:${demo.document.port}`;

/** A request to the portal. */
export function ask(demo: Demo, path: string, options: Call = {}): Promise<Reply> {
  return call(originOf(demo) + path, { ca: demo.document.ca, ...options });
}

/** A request to a cluster's API server. */
export function askCluster(
  demo: Demo,
  name: string,
  path: string,
  token?: string,
  options: Call = {},
): Promise<Reply> {
  const { server, ca } = demo.cluster(name);
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return call(server + path, { ca, ...options, headers: { ...authorization, ...options.headers } });
}

export type Started = { authURL: string; hmac: string; ttl: number };

export async function beginAsync(demo: Demo, requestCode: string, tenant?: string): Promise<Started> {
  const query = tenant === undefined ? '' : `?tenant-id=${tenant}`;
  const reply = await ask(demo, `/token/async${query}`, {
    method: 'POST',
    body: JSON.stringify({ requestCode }),
  });
  return JSON.parse(reply.body);
}

export function poll(demo: Demo, hmac: string, requestCode: string): Promise<Reply> {
  return ask(demo, `/token/async/query?${new URLSearchParams({ hmac, requestCode })}`);
}

let codes = 0;

/** A whole asynchronous sign-in; the token it gives. */
export async function asyncToken(demo: Demo, user: DemoUser, tenant?: string): Promise<string> {
  codes += 1;
  const requestCode = `code-${codes}`;
  const { authURL, hmac } = await beginAsync(demo, requestCode, tenant);
  await demo.signIn(authURL, user);
  return JSON.parse((await poll(demo, hmac, requestCode)).body).token;
}

export function claimsIn(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
