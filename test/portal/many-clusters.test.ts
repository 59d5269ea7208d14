import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { listClusters } from '../../source/portal/clusters.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { createHttpClient, type HttpClient } from '../../source/system/http.ts';
import { userError } from '../helpers/user-error.ts';

/** As large as the authorities of platforms are: two certificates with 4096-bit keys. */
const authorityOf = (index: number) =>
  `-----BEGIN CERTIFICATE-----\n${`authority ${index} `.repeat(100)}\n-----END CERTIFICATE-----\n`;
const thousands = Array.from({ length: 5000 }, (_, index) => ({
  name: `cluster-${index}`,
  hostname: `cluster-${index}.example.com`,
  server: `https://127.0.0.1:1/${index}`,
  ca: authorityOf(index),
}));

describe('a portal of 5,000 clusters with an authority each', () => {
  let demo: Demo;
  let http: HttpClient;
  before(async () => {
    demo = await startDemo({ clusters: thousands });
    http = createHttpClient([demo.document.ca]);
  });
  after(async () => {
    await http.close();
    await demo.close();
  });
  const portal = () => ({ link: parseLoginLink(demo.document.loginLinks.global), http });

  it('is listed whole, each with its own authority', async () => {
    const { clusters, unusable } = await listClusters(portal());
    assert.deepEqual(unusable, []);
    assert.deepEqual(
      clusters.map(({ name, server, ca }) => ({ name, server, ca })),
      thousands.map(({ name, server, ca }) => ({ name, server, ca })),
    );
  });

  it('but an answer of more than that is not read to its end', async () => {
    demo.faults.set('kubeconfig', { body: 'x'.repeat(32_000_001) }, { times: 1 });
    await assert.rejects(listClusters(portal()), userError('PORTAL_ANSWER', /more than 32 MB/));
    demo.faults.set('providers', { body: 'x'.repeat(32_000_001) }, { times: 1 });
    await assert.rejects(listClusters(portal()), userError('PORTAL_ANSWER', /more than 32 MB/));
  });
});
