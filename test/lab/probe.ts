import { createConnection } from 'node:net';
import { Agent, request } from 'undici';

type Answer = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
};

/** One request to a server of the lab, trusting one authority and no other; redirects are not followed. */
export async function fetchFrom(
  url: string,
  options: {
    ca?: string;
    cert?: string;
    key?: string;
    method?: 'GET' | 'POST';
    headers?: Record<string, string>;
    body?: string;
  } = {},
): Promise<Answer> {
  const { ca, cert, key } = options;
  const dispatcher = new Agent({
    connect: { timeout: 3000, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  });
  try {
    const { method = 'GET', headers = {}, body = null } = options;
    const answer = await request(url, { dispatcher, method, headers, body });
    return { status: answer.statusCode, body: await answer.body.text(), headers: answer.headers };
  } finally {
    await dispatcher.destroy();
  }
}

export async function answers(url: string, options: Parameters<typeof fetchFrom>[1] = {}): Promise<boolean> {
  try {
    return (await fetchFrom(url, options)).status === 200;
  } catch {
    return false;
  }
}

/** Whether something accepts connections there, and greets with the given text if one is given. */
export function greets(port: number, greeting?: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    if (greeting === undefined) socket.once('connect', () => finish(true));
    else socket.once('data', data => finish(data.toString().startsWith(greeting)));
  });
}
