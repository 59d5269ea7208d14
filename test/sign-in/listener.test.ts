import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { type Call, call } from '../../source/demo/client.ts';
import { lastPageHtml } from '../../source/sign-in/last-page.ts';
import {
  type Callback,
  type Listener,
  type ListenerOptions,
  openListener,
} from '../../source/sign-in/listener.ts';
import { userError } from '../helpers/user-error.ts';

const state = 'a-state-nobody-can-guess';
const done = { title: 'Done', text: 'Go back.' };

type Test = { after(run: () => Promise<void>): void };

async function waiting(test: Test, options: ListenerOptions = {}) {
  const listener = await openListener(options);
  test.after(() => listener.close());
  let arrived: Callback | undefined;
  const arrival = listener.expect(state).then(callback => {
    arrived = callback;
    return callback;
  });
  return { listener, arrival, arrived: () => arrived };
}

const at = ({ redirectUri }: Listener, query: Record<string, string> | string = {}, path?: string) => {
  const url = new URL(path ?? redirectUri, redirectUri);
  url.search = new URLSearchParams(query).toString();
  return url;
};

async function refuses(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' });
}

describe('the listener of a login', () => {
  it('listens on 127.0.0.1 only, for one path, and says so in its redirect address', async t => {
    const { listener } = await waiting(t);
    assert.match(listener.redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    const own = await openListener({ redirectPath: '/dkp/red' });
    assert.match(own.redirectUri, /\/dkp\/red$/);
    await own.close();
  });

  it('takes the answer with the right state, once, and is gone afterwards', async t => {
    const { listener, arrival } = await waiting(t);
    const reply = call(at(listener, { code: 'c', state }));
    const callback = await arrival;
    assert.equal(callback.parameters.get('code'), 'c');
    const second = await call(at(listener, { code: 'c', state }));
    assert.equal(second.status, 400);
    await callback.answer(done);
    const { status, body } = await reply;
    assert.equal(status, 200);
    assert.match(body, /<h1>Done<\/h1>/);
    await listener.close();
    await refuses(Number(new URL(listener.redirectUri).port));
  });

  type Stray = [
    what: string,
    status: number,
    query: Record<string, string> | string,
    path?: string | undefined,
    call?: Call,
  ];
  const strays: Stray[] = [
    ['without a state', 400, { code: 'x' }],
    ['with a wrong state', 400, { code: 'x', state: 'guess' }],
    ['with the state twice', 400, `code=x&state=${state}&state=${state}`],
    ['with the code twice', 400, `code=x&code=y&state=${state}`],
    ['with the state but no code', 400, { state }],
    ['with a code and an error', 400, { code: 'x', error: 'y', state }],
    ['that is an error without a state', 400, { error: 'access_denied' }],
    ['that is an error with a wrong state', 400, { error: 'access_denied', state: 'guess' }],
    ['to the root', 404, {}, '/'],
    ['to another path with the right state', 404, { code: 'x', state }, '/callback/x'],
    ['for an icon', 404, {}, '/favicon.ico'],
    ['by POST', 405, { code: 'x', state }, undefined, { method: 'POST', body: 'x' }],
    [
      'by POST with more than a megabyte',
      405,
      { code: 'x', state },
      undefined,
      { method: 'POST', body: 'x'.repeat(1_500_000) },
    ],
    ['by PUT', 405, { code: 'x', state }, undefined, { method: 'PUT' }],
    [
      'by OPTIONS of another origin',
      405,
      { code: 'x', state },
      undefined,
      { method: 'OPTIONS', headers: { origin: 'https://evil.example' } },
    ],
    ['by HEAD', 405, { code: 'x', state }, undefined, { method: 'HEAD' }],
    ['to a foreign host', 421, { code: 'x', state }, undefined, { headers: { host: 'evil.example' } }],
    [
      'to a foreign name of this port',
      421,
      { code: 'x', state },
      undefined,
      { headers: { host: 'localhost:1' } },
    ],
    ['of an image', 403, { code: 'x', state }, undefined, { headers: { 'sec-fetch-dest': 'image' } }],
    [
      'of a script of another origin',
      403,
      { code: 'x', state },
      undefined,
      { headers: { 'sec-fetch-dest': 'empty' } },
    ],
    ['of a prefetch', 403, { code: 'x', state }, undefined, { headers: { 'sec-purpose': 'prefetch' } }],
  ];
  for (const [what, status, query, path, options] of strays) {
    it(`turns away a request ${what}, reveals nothing, and the login goes on`, async t => {
      const { listener, arrival, arrived } = await waiting(t);
      // The server may end before it took the whole of a large body.
      const reply = await call(at(listener, query, path), options).catch((error: { code?: string }) => {
        assert.match(error.code ?? '', /EPIPE|ECONNRESET/);
        return undefined;
      });
      if (reply !== undefined) {
        assert.equal(reply.status, status);
        assert.doesNotMatch(
          `${JSON.stringify(reply.headers)}${reply.body}`,
          new RegExp(`${state}|set-cookie|location`),
        );
        assert.equal(reply.headers['access-control-allow-origin'], undefined);
        assert.equal(reply.headers['cache-control'], 'no-store');
      }
      assert.equal(arrived(), undefined);
      const good = call(at(listener, { code: 'good', state }));
      const callback = await arrival;
      await callback.answer(done);
      assert.equal((await good).status, 200);
    });
  }

  it('takes an error with the right state for the answer', async t => {
    const { listener, arrival } = await waiting(t);
    const reply = call(at(listener, { error: 'access_denied', state }));
    const callback = await arrival;
    assert.equal(callback.parameters.get('error'), 'access_denied');
    await callback.answer(done);
    await reply;
  });

  it('sends headers that let nothing run, be framed, kept or referred to', async t => {
    const { listener, arrival } = await waiting(t);
    const reply = call(at(listener, { code: 'c', state }));
    await (await arrival).answer(done);
    const { headers } = await reply;
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/,
    );
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['connection'], 'close');
  });

  it('goes on while somebody sends headers or a body slowly', async t => {
    const { listener, arrival } = await waiting(t);
    const { port } = new URL(listener.redirectUri);
    const slow = connect(Number(port), '127.0.0.1');
    await once(slow, 'connect');
    slow.on('error', () => undefined);
    slow.write('POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\nX-');
    const good = call(at(listener, { code: 'good', state }));
    await (await arrival).answer(done);
    assert.equal((await good).status, 200);
    const gone = once(slow, 'close');
    await listener.close();
    await gone;
  });

  it('does not read headers without end', async t => {
    const { listener } = await waiting(t);
    const reply = await call(at(listener), { headers: { 'x-long': 'x'.repeat(20_000) } });
    assert.equal(reply.status, 431);
  });

  it('tells a browser that still waits that the login was given up', async t => {
    const { listener, arrival } = await waiting(t);
    const reply = call(at(listener, { code: 'c', state }));
    await arrival;
    await listener.close();
    assert.match((await reply).body, /given up/);
  });

  it('sends the browser on to another address', async t => {
    const { listener, arrival } = await waiting(t);
    const reply = call(at(listener, { code: 'c', state }));
    await (await arrival).answer(new URL('https://wiki.example/welcome'));
    const { status, headers } = await reply;
    assert.deepEqual([status, headers['location']], [303, 'https://wiki.example/welcome']);
  });

  it('serves https with a certificate of the person', async t => {
    const authority = createAuthority('own');
    const { key, chain } = authority.issue({
      commonName: 'localhost',
      dns: ['localhost'],
      ip: ['127.0.0.1'],
    });
    const { listener, arrival } = await waiting(t, { tls: { certificate: chain, key } });
    assert.match(listener.redirectUri, /^https:\/\/127\.0\.0\.1:/);
    const reply = call(at(listener, { code: 'c', state }), { ca: authority.pem });
    await (await arrival).answer(done);
    assert.equal((await reply).status, 200);
  });
});

describe('the addresses of the listener', () => {
  async function busyPort(t: Test): Promise<number> {
    const server: Server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(async () => void server.close());
    return (server.address() as { port: number }).port;
  }

  it('are tried in order', async t => {
    const port = await busyPort(t);
    const listener = await openListener({
      listen: [
        { host: '127.0.0.1', port },
        { host: '127.0.0.1', port: 0 },
      ],
    });
    assert.notEqual(new URL(listener.redirectUri).port, String(port));
    await listener.close();
  });

  it('are all named when none is free', async t => {
    const [first, second] = [await busyPort(t), await busyPort(t)];
    await assert.rejects(
      openListener({
        listen: [
          { host: '127.0.0.1', port: first },
          { host: 'localhost', port: second },
        ],
      }),
      userError(
        'LISTEN_FAILED',
        new RegExp(`127\\.0\\.0\\.1:${first} \\(in use\\), localhost:${second} \\(in use\\)`),
      ),
    );
  });

  it('are held for localhost in both families, so that no other program gets the code', async t => {
    const { listener, arrival } = await waiting(t, { redirectHost: 'localhost' });
    const { port, hostname } = new URL(listener.redirectUri);
    assert.equal(hostname, 'localhost');
    const other = createServer();
    t.after(async () => void other.close());
    other.listen({ host: '::1', port: Number(port), exclusive: true });
    await assert.rejects(once(other, 'listening'), { code: /EADDRINUSE|EADDRNOTAVAIL|EAFNOSUPPORT/ });
    const url = new URL(at(listener, { code: 'c', state }));
    url.hostname = '127.0.0.1';
    const reply = call(url, { headers: { host: `localhost:${port}` } });
    await (await arrival).answer(done);
    assert.equal((await reply).status, 200);
  });

  it('are this machine’s only', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.7', 'evil.example', '127.evil.example']) {
      await assert.rejects(openListener({ listen: [{ host, port: 0 }] }), userError('USAGE', /loopback/));
    }
  });

  it('have a path without surprises', async () => {
    for (const redirectPath of ['callback', '//evil.example/', '/a?b', '/a#b', '/a/../b', '/a b', '/<']) {
      await assert.rejects(openListener({ redirectPath }), userError('USAGE', /not a path/));
    }
  });
});

describe('the last page', () => {
  it('shows text as text', () => {
    const page = lastPageHtml({
      title: '<script>alert(1)</script>',
      text: `"&'<img src=x onerror=alert(1)>`,
    });
    assert.doesNotMatch(page, /<script>alert|<img/);
    assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.match(page, /&quot;&amp;&#39;&lt;img/);
  });
  it('takes the code out of the address bar and the history', () => {
    assert.match(lastPageHtml(done), /history\.replaceState\(null, '', '\/'\)/);
  });
});
