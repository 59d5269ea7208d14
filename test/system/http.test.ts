import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { type AnyFault, hugeBytes } from '../../source/demo/disturbances.ts';
import { inspectServerCertificates } from '../../source/system/certificates.ts';
import { createHttpClient, networkError, systemAuthorities } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { userError } from '../helpers/user-error.ts';
import { startChaosProxy } from '../hostile/chaos-proxy.ts';

describe('the HTTP client', async () => {
  const demo = await demoForTests();
  const { document } = demo;
  const http = createHttpClient([document.ca]);
  const url = (path: string) => new URL(`https://127.0.0.1:${document.port}${path}`);
  const providers = url('/token/plugin/providers');

  it('gets status, body and headers in lower case', async () => {
    const reply = await http.send(providers);
    assert.equal(reply.status, 200);
    assert.ok(Array.isArray(JSON.parse(reply.body)));
    assert.match(reply.headers['date'] ?? '', /GMT$/);
  });

  it('takes the first of a repeated header', async () => {
    const stop = demo.intercept('/repeated', ({ response }) => {
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end('x');
    });
    assert.equal((await http.send(url('/repeated'))).headers['set-cookie'], 'a=1');
    stop();
  });

  it('sends method, headers and body, and says who it is', async () => {
    await http.send(url('/token/async?x=1'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"requestCode":"c"}',
    });
    const sent = demo.requestsTo('portal', '/token/async').at(-1);
    assert.deepEqual(
      [sent?.method, sent?.body, sent?.headers['user-agent']],
      ['POST', '{"requestCode":"c"}', 'dkp-auth'],
    );
  });

  it('follows no redirect', async () => {
    demo.faults.set('providers', 'redirect', { times: 1 });
    const reply = await http.send(providers);
    assert.equal(reply.status, 302);
    assert.match(reply.headers['location'] ?? '', /^http:\/\/evil\.example\//);
  });

  const failures: [string, AnyFault, Parameters<typeof userError>][] = [
    ['an answer without end is cut off', 'huge', ['PORTAL_ANSWER', /more than 5 MB/]],
    [
      'an answer that breaks off is an error, not half an answer',
      'cut',
      ['NETWORK', /Could not reach 127\.0\.0\.1/],
    ],
  ];
  for (const [what, fault, expected] of failures) {
    it(what, async () => {
      demo.faults.set('providers', fault, { times: 1 });
      await assert.rejects(http.send(providers), userError(...expected));
    });
  }

  it('reads an answer just below the limit', async () => {
    assert.ok(hugeBytes > 5_000_000);
    const body = 'x'.repeat(5_000_000);
    demo.faults.set('providers', { body }, { times: 1 });
    assert.equal((await http.send(providers)).body.length, body.length);
    demo.faults.set('providers', { body: `${body}x` }, { times: 1 });
    await assert.rejects(http.send(providers), userError('PORTAL_ANSWER'));
  });

  /** A request that is never answered; the promise says when it is there. */
  function silence(): Promise<void> {
    return new Promise(resolve => void demo.intercept('/silence', () => resolve(), { times: 1 }));
  }

  it('gives up when it is told to, with the reason it was given', async () => {
    const arrived = silence();
    const stop = new AbortController();
    const waiting = http.send(url('/silence'), { signal: stop.signal });
    await arrived;
    stop.abort(new DOMException('Stopped by SIGINT', 'AbortError'));
    await assert.rejects(waiting, { name: 'AbortError', message: 'Stopped by SIGINT' });
  });

  it('waits for a silent server as long as it was made to, and no longer', async () => {
    for (const limits of [{ silenceMs: 50 }, { totalMs: 50 }]) {
      void silence();
      const impatient = createHttpClient([document.ca], limits);
      await assert.rejects(impatient.send(url('/silence')), userError('NETWORK', /no answer in time/));
      await impatient.close();
    }
  });

  it('tells what is not TLS, or was damaged on its way, from a certificate that is not to be trusted', async t => {
    const proxy = await startChaosProxy(document.port);
    t.after(() => proxy.close());
    for (const after of [0, 40, 700]) {
      proxy.trouble = () => ({ kind: 'nonsense', after });
      const client = createHttpClient([document.ca]);
      await assert.rejects(
        client.send(new URL(`https://127.0.0.1:${proxy.port}/token/plugin/providers`)),
        userError(
          'NETWORK',
          /Could not reach 127\.0\.0\.1:\d+: what comes is not TLS, or was damaged on its way/,
        ),
      );
      await client.close();
    }
  });

  it('trusts nobody but the authorities it was made with', async () => {
    const wrong = createHttpClient([demo.cluster('red-lab').ca]);
    const usual = createHttpClient();
    const before = demo.requests.length;
    for (const client of [wrong, usual]) {
      await assert.rejects(
        client.send(providers),
        userError('TLS', /certificate of 127\.0\.0\.1:\d+.*\n.*--ca-file/),
      );
      await client.close();
    }
    assert.equal(demo.requests.length, before);
  });

  it('trusts a server certificate that was chosen itself, without its authority', async () => {
    const { server } = await inspectServerCertificates(providers);
    assert.equal(new X509Certificate(server.pem).ca, false);
    const client = createHttpClient([server.pem]);
    assert.equal((await client.send(providers)).status, 200);
    await client.close();
  });

  it('checks the name in the certificate', async t => {
    const authority = createAuthority('Other');
    const { key, chain } = authority.issue({ commonName: 'other', dns: ['other.example'], ip: [] });
    const server = https.createServer({ key, cert: chain }, (_, response) => response.end('x'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = createHttpClient([authority.pem]);
    t.after(async () => {
      await client.close();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    await assert.rejects(
      client.send(new URL(`https://127.0.0.1:${port}/`)),
      userError('TLS', /ERR_TLS_CERT_ALTNAME_INVALID/),
    );
  });

  it('checks certificates whatever the environment says', async t => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    t.after(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const client = createHttpClient([demo.cluster('red-lab').ca]);
    await assert.rejects(client.send(providers), userError('TLS'));
    await client.close();
  });

  it('sends nothing without TLS', async () => {
    await assert.rejects(
      http.send(new URL('http://127.0.0.1:1/')),
      userError('NETWORK', /without TLS to http:\/\/127/),
    );
  });

  it('says in words why a server cannot be reached', async () => {
    const { port } = new URL(demo.cluster('blue-edge').server);
    await assert.rejects(
      http.send(new URL(`https://127.0.0.1:${port}/`)),
      userError('NETWORK', /Could not reach 127\.0\.0\.1:\d+: nothing listens there/),
    );
  });

  it('ends a request that is under way when it is closed', async () => {
    const arrived = silence();
    const client = createHttpClient([document.ca]);
    const waiting = assert.rejects(client.send(url('/silence')), userError('NETWORK'));
    await arrived;
    await client.close();
    await waiting;
  });
});

describe('what a network error is called', () => {
  const url = new URL('https://dkp.example.com/x');
  const failed = (code: string) => Object.assign(new Error('x'), { code });
  const wrapped = (code: string) => new TypeError('fetch failed', { cause: failed(code) });
  const cases: [unknown, Parameters<typeof userError>][] = [
    [failed('ENOTFOUND'), ['NETWORK', /the name dkp\.example\.com is not known/]],
    [failed('EAI_AGAIN'), ['NETWORK', /is not known/]],
    [failed('ECONNREFUSED'), ['NETWORK', /nothing listens there/]],
    [failed('UND_ERR_CONNECT_TIMEOUT'), ['NETWORK', /no answer in time/]],
    [failed('ETIMEDOUT'), ['NETWORK', /no answer in time/]],
    [failed('EHOSTUNREACH'), ['NETWORK', /EHOSTUNREACH/]],
    [failed('SELF_SIGNED_CERT_IN_CHAIN'), ['TLS', /SELF_SIGNED_CERT_IN_CHAIN/]],
    [failed('DEPTH_ZERO_SELF_SIGNED_CERT'), ['TLS']],
    [failed('CERT_HAS_EXPIRED'), ['TLS', /CERT_HAS_EXPIRED/]],
    [failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), ['TLS']],
    [wrapped('ENOTFOUND'), ['NETWORK', /is not known/]],
    [wrapped('CERT_HAS_EXPIRED'), ['TLS']],
    ['not an error', ['NETWORK', /unknown/]],
  ];
  for (const [error, expected] of cases) {
    it(
      error instanceof Error ? `${error.message} ${JSON.stringify(error.cause ?? error)}` : String(error),
      () => {
        userError(...expected)(networkError(error, url));
      },
    );
  }
});

describe("the system's authorities", () => {
  it('are certificates, each once', () => {
    const authorities = systemAuthorities();
    assert.ok(authorities.length > 50);
    assert.equal(new Set(authorities).size, authorities.length);
    for (const pem of authorities) assert.match(pem, /^-----BEGIN CERTIFICATE-----/);
  });
});
