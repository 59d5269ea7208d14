import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { createAuthority } from '../../source/demo/certificates.ts';
import { inspectServerCertificates } from '../../source/system/certificates.ts';
import { createHttpClient, type HttpOptions, networkError } from '../../source/system/http.ts';
import { chooseProxies, proxyFor } from '../../source/system/proxy.ts';
import { demoForTests } from '../demo/helpers.ts';
import { connectProxy } from '../helpers/connect-proxy.ts';
import { userError } from '../helpers/user-error.ts';

describe('the choice of a proxy', () => {
  const chosen = (flag: string | undefined, env: Record<string, string>) =>
    chooseProxies(flag, env).proxy?.href;
  const cases: [string, string | undefined, Record<string, string>, string | undefined][] = [
    ['there is none', undefined, {}, undefined],
    ['HTTPS_PROXY', undefined, { HTTPS_PROXY: 'http://a:1' }, 'http://a:1/'],
    ['https_proxy', undefined, { https_proxy: 'http://a:1' }, 'http://a:1/'],
    ['lower case wins', undefined, { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'http://a:1/'],
    ['an empty lower case means none', undefined, { https_proxy: '', HTTPS_PROXY: 'http://b:1' }, undefined],
    ['the flag wins', 'http://c:1', { HTTPS_PROXY: 'http://b:1' }, 'http://c:1/'],
    ['an empty flag means none', '', { HTTPS_PROXY: 'http://b:1' }, undefined],
    ['HTTP_PROXY is not for https', undefined, { HTTP_PROXY: 'http://b:1' }, undefined],
    ['without a scheme it is http', 'proxy.corp:3128', {}, 'http://proxy.corp:3128/'],
    ['a proxy with TLS', 'https://proxy.corp', {}, 'https://proxy.corp/'],
  ];
  for (const [what, flag, env, expected] of cases) {
    it(what, () => assert.equal(chosen(flag, env), expected));
  }

  it('refuses what is no proxy, naming where it came from and repeating no password', () => {
    for (const bad of ['http://user:s3cret@', 'socks5://user:s3cret@a:1', 'http://u:s3cret%@a:1']) {
      const refused = (error: unknown) => {
        userError('USAGE', /^(--proxy|HTTPS_PROXY) /)(error);
        assert.doesNotMatch(String((error as Error).message), /s3cret/);
        return true;
      };
      assert.throws(() => chooseProxies(bad, {}), refused);
      assert.throws(() => chooseProxies(undefined, { HTTPS_PROXY: bad }), refused);
    }
    assert.throws(() => chooseProxies('socks5://a:1', {}), userError('USAGE', /not supported \(socks5:\)/));
  });
});

describe('NO_PROXY', () => {
  const goesDirect = (except: string, url: string) =>
    proxyFor(chooseProxies('http://proxy:1', { NO_PROXY: except }), new URL(url)) === undefined;
  const cases: [except: string, url: string, direct: boolean][] = [
    ['', 'https://dkp.example', false],
    ['*', 'https://dkp.example', true],
    ['dkp.example', 'https://dkp.example', true],
    ['DKP.Example', 'https://dkp.example', true],
    ['dkp.example', 'https://a.dkp.example', true],
    ['dkp.example', 'https://notdkp.example', false],
    ['.dkp.example', 'https://a.dkp.example', true],
    ['*.dkp.example', 'https://a.dkp.example', true],
    ['a.example, b.example', 'https://b.example', true],
    ['a.example b.example', 'https://b.example', true],
    ['dkp.example:443', 'https://dkp.example', true],
    ['dkp.example:6443', 'https://dkp.example', false],
    ['dkp.example:6443', 'https://dkp.example:6443', true],
    ['10.0.0.5', 'https://10.0.0.5', true],
    ['10.0.0.0/8', 'https://10.9.8.7', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/99', 'https://10.0.0.1', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['::1', 'https://[::1]', true],
    ['[::1]:443', 'https://[::1]', true],
    ['', 'https://127.0.0.1', false],
    ['127.0.0.1', 'https://127.0.0.1:8443', true],
  ];
  for (const [except, url, direct] of cases) {
    it(`"${except}" sends ${url} ${direct ? 'directly' : 'through the proxy'}`, () =>
      assert.equal(goesDirect(except, url), direct));
  }

  it('is read in lower case too', () => {
    const proxies = chooseProxies('http://proxy:1', { no_proxy: 'a.example', NO_PROXY: 'b.example' });
    assert.equal(proxies.except, 'a.example');
  });
});

describe('requests through a proxy', async () => {
  const demo = await demoForTests();
  const { document } = demo;
  const host = `127.0.0.1:${document.port}`;
  const providers = new URL(`https://${host}/token/plugin/providers`);

  function client(t: TestContext, options: HttpOptions) {
    const made = createHttpClient({ authorities: [document.ca], ...options });
    t.after(() => made.close());
    return made;
  }

  it('go through a tunnel, of which the proxy sees the name and no word', async t => {
    const proxy = await connectProxy(t);
    const http = client(t, { proxies: chooseProxies(proxy.url, {}) });
    assert.equal((await http.send(providers)).status, 200);
    assert.deepEqual(proxy.targets, [host]);
    assert.doesNotMatch(proxy.sent(), /providers|user-agent/i);
    assert.match(proxy.sent(), /^\x16\x03/);
  });

  it('go directly where NO_PROXY says so', async t => {
    const proxy = await connectProxy(t);
    const http = client(t, {
      proxies: chooseProxies(undefined, { HTTPS_PROXY: proxy.url, no_proxy: '127.0.0.1' }),
    });
    assert.equal((await http.send(providers)).status, 200);
    assert.deepEqual(proxy.targets, []);
  });

  it('still take the certificate of the trusted authority alone', async t => {
    const proxy = await connectProxy(t);
    const proxies = chooseProxies(proxy.url, {});
    for (const authorities of [[demo.cluster('red-lab').ca], undefined]) {
      const before = demo.requests.length;
      await assert.rejects(
        client(t, { authorities, proxies }).send(providers),
        userError('TLS', /certificate of 127\.0\.0\.1:\d+ is not one to trust/),
      );
      assert.equal(demo.requests.length, before);
    }
  });

  it('give the proxy the name and password of its address, and say when they are wanted', async t => {
    const proxy = await connectProxy(t, { credentials: 'ann:p@ss word' });
    const withUser = proxy.url.replace('//', '//ann:p%40ss%20word@');
    const http = client(t, { proxies: chooseProxies(withUser, {}) });
    assert.equal((await http.send(providers)).status, 200);
    await assert.rejects(
      client(t, { proxies: chooseProxies(proxy.url, {}) }).send(providers),
      userError('NETWORK', /proxy 127\.0\.0\.1:\d+ does not let us through.*407.*\n.*user name and password/),
    );
  });

  it('tell a proxy that refuses from a server that does', async t => {
    const proxy = await connectProxy(t, { refuses: 403 });
    await assert.rejects(
      client(t, { proxies: chooseProxies(proxy.url, {}) }).send(providers),
      userError('NETWORK', /The proxy .* does not let us through to 127\.0\.0\.1:\d+ \(status 403\)/),
    );
  });

  it('say that it is the proxy that cannot be reached', async t => {
    const { port } = new URL(demo.cluster('blue-edge').server);
    const http = client(t, { proxies: chooseProxies(`http://127.0.0.1:${port}`, {}) });
    await assert.rejects(
      http.send(providers),
      userError('NETWORK', /Could not reach the proxy 127\.0\.0\.1:\d+: nothing listens there.*\n.*NO_PROXY/),
    );
  });

  it('do not wait for a proxy that never answers', async t => {
    const proxy = await connectProxy(t, { silent: true });
    const answers = [
      [{ connectMs: 100 }, /Could not reach the proxy .*no answer in time/],
      [{ totalMs: 100 }, /no answer in time/],
    ] as const;
    for (const [limits, text] of answers) {
      const http = client(t, { limits, proxies: chooseProxies(proxy.url, {}) });
      await assert.rejects(http.send(providers), userError('NETWORK', text));
    }
    const stop = new AbortController();
    const waiting = client(t, { proxies: chooseProxies(proxy.url, {}) }).send(providers, {
      signal: stop.signal,
    });
    stop.abort(new DOMException('Stopped', 'AbortError'));
    await assert.rejects(waiting, { name: 'AbortError' });
  });

  it('trust a proxy that has TLS by its own authority, not by the one of the portal', async t => {
    const authority = createAuthority('Proxy CA');
    const { key, chain } = authority.issue({ commonName: 'proxy', dns: [], ip: ['127.0.0.1'] });
    const proxy = await connectProxy(t, { tls: { key, cert: chain } });
    const proxies = chooseProxies(proxy.url, {});
    const http = client(t, { proxies: { ...proxies, authorities: [authority.pem] } });
    assert.equal((await http.send(providers)).status, 200);
    assert.deepEqual(proxy.targets, [host]);
    await assert.rejects(
      client(t, { proxies, authorities: [document.ca, authority.pem] }).send(providers),
      userError('TLS', /certificate of the proxy 127\.0\.0\.1:\d+/),
    );
  });

  it('are the way a certificate is looked at, too', async t => {
    const proxy = await connectProxy(t);
    const proxies = chooseProxies(proxy.url, {});
    const direct = await inspectServerCertificates(providers);
    const seen = await inspectServerCertificates(providers, undefined, proxies);
    assert.equal(seen.authority.fingerprint, direct.authority.fingerprint);
    assert.equal(seen.trusted, false);
    assert.deepEqual(proxy.targets, [host]);
    const refusing = await connectProxy(t, { refuses: 502 });
    await assert.rejects(
      inspectServerCertificates(providers, undefined, chooseProxies(refusing.url, {})),
      userError('NETWORK', /The proxy .*502/),
    );
  });
});

describe('a client certificate', async () => {
  const authority = createAuthority('Issuer CA');
  const people = createAuthority('People CA');
  const server = authority.issue({ commonName: 'issuer', dns: [], ip: ['127.0.0.1'] });
  const own = people.issue({ commonName: 'ann', dns: [], ip: [] });

  async function issuer(t: TestContext): Promise<URL> {
    const listener = https.createServer(
      { key: server.key, cert: server.chain, ca: people.pem, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        response.end(subject?.CN ?? 'nobody');
      },
    );
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    t.after(() => {
      listener.closeAllConnections();
      listener.close();
    });
    return new URL(`https://127.0.0.1:${(listener.address() as AddressInfo).port}/`);
  }

  function client(t: TestContext, options: HttpOptions) {
    const made = createHttpClient({ authorities: [authority.pem], ...options });
    t.after(() => made.close());
    return made;
  }
  const clientCertificate = { certificate: own.chain, key: own.key };

  it('is shown to an issuer that asks for it, through a proxy too', async t => {
    const url = await issuer(t);
    const proxy = await connectProxy(t);
    for (const proxies of [undefined, chooseProxies(proxy.url, {})]) {
      assert.equal((await client(t, { clientCertificate, proxies }).send(url)).body, 'ann');
    }
    assert.equal(proxy.targets.length, 1);
  });

  it('is not shown when there is none', async t => {
    assert.equal((await client(t, {}).send(await issuer(t))).body, 'nobody');
  });

  it('is asked for by name when a server wants one, or another', () => {
    const url = new URL('https://issuer.example/dex');
    for (const alert of ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA']) {
      const error = Object.assign(new Error('alert'), { code: alert });
      userError('TLS', /issuer\.example.*\n.*--client-certificate/)(networkError(error, url));
    }
  });
});
