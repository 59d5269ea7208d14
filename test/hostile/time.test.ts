import assert from 'node:assert/strict';
import net from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import type { AnswerPoint } from '../../source/demo/faults.ts';
import { listIdentityProviders } from '../../source/portal/identity-providers.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import {
  fetchKubeconfigClusters,
  fetchProviders,
  queryAsync,
  startAsync,
} from '../../source/portal/token-service.ts';
import { fetchIssuerKeys } from '../../source/sign-in/issuer.ts';
import { findClusterPage } from '../../source/sign-in/page.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { plainText } from '../../source/text.ts';
import { demoForTests } from '../demo/helpers.ts';
import { smallestPortal } from '../helpers/portal-login.ts';
import { userError } from '../helpers/user-error.ts';

const quickly = async (what: () => unknown, mostMs: number) => {
  const start = performance.now();
  await what();
  const took = performance.now() - start;
  assert.ok(took < mostMs, `took ${Math.round(took)} ms`);
};

describe('a portal that takes its time', async () => {
  const demo = await demoForTests(smallestPortal);
  const http = createHttpClient([demo.document.ca], { connectMs: 300, silenceMs: 60_000, totalMs: 300 });
  after(() => http.close());
  afterEach(() => demo.faults.clear());
  const portal = { link: parseLoginLink(demo.document.loginLinks.global), http };
  const requests: Partial<Record<AnswerPoint, () => Promise<unknown>>> = {
    providers: () => fetchProviders(portal),
    kubeconfig: () => fetchKubeconfigClusters(portal),
    start: () => startAsync(portal, 'code'),
    query: () => queryAsync(portal, { hmac: 'a.1', requestCode: 'code' }),
    choice: () => listIdentityProviders(http, new URL(`${demo.document.issuer}/auth?client_id=x`)),
    login: () => findClusterPage(portal, { name: 'kubernetes-cluster' }),
    discovery: () => fetchIssuerKeys(http, demo.document.issuer),
    keys: () => fetchIssuerKeys(http, demo.document.issuer),
  };

  for (const [point, request] of Object.entries(requests)) {
    it(`is given up on when it never answers at ${point}`, async () => {
      demo.faults.set(point as AnswerPoint, 'hang');
      await quickly(() => assert.rejects(request(), userError('NETWORK', /no answer in time/)), 3000);
    });
  }

  it('is given up on when it sends a byte now and then for ever', async () => {
    const server = demo.intercept('/token/plugin/providers', ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    });
    await quickly(
      () => assert.rejects(fetchProviders(portal), userError('NETWORK', /no answer in time/)),
      3000,
    );
    server();
  });

  it('is given up on when it accepts connections and never shakes hands', async () => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => silent.once('listening', resolve));
    const { port } = silent.address() as net.AddressInfo;
    const link = parseLoginLink(`https://127.0.0.1:${port}/token/landing/`);
    await quickly(
      () => assert.rejects(fetchProviders({ link, http }), userError('NETWORK', /no answer in time/)),
      5000,
    );
    silent.close();
  });

  it('with a cut answer is told from one that cannot be reached', async () => {
    demo.faults.set('providers', 'cut');
    await assert.rejects(fetchProviders(portal), userError('NETWORK', /the connection was cut/));
  });

  it('with headers that never end is told', async () => {
    demo.faults.set('providers', { headers: { 'x-long': 'x'.repeat(100_000) }, body: '[]' });
    await assert.rejects(fetchProviders(portal), userError('NETWORK', /is not HTTP/));
  });

  it('in its download, by keys without number or by size, is not waited for', async () => {
    const keys = Array.from({ length: 40_000 }, (_, index) => `key${index}: x\n`).join('');
    demo.faults.set('kubeconfig', { body: `${keys}clusters: []\n` });
    await quickly(async () => assert.deepEqual(await fetchKubeconfigClusters(portal), []), 8000);
    demo.faults.set('kubeconfig', { body: '['.repeat(2_000_000) });
    await quickly(
      () => assert.rejects(fetchKubeconfigClusters(portal), userError('PORTAL_ANSWER', /is too large/)),
      8000,
    );
  });
});

it('a text made to take for ever is made safe at once', async () => {
  await quickly(() => {
    const text = plainText(`\u001b${';#'.repeat(80_000)}`);
    assert.ok(text.length <= 200);
  }, 5000);
});
