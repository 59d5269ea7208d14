import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import type { FaultPoint } from '../../source/demo/index.ts';
import { listClusters } from '../../source/portal/clusters.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import {
  fetchKubeconfigClusters,
  fetchProviders,
  queryAsync,
  serviceUrl,
  startAsync,
} from '../../source/portal/token-service.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { userError } from '../helpers/user-error.ts';

describe('the token service', async () => {
  const demo = await demoForTests();
  const http = createHttpClient([demo.document.ca]);
  after(() => http.close());
  afterEach(() => demo.faults.clear());
  const portal = (link = demo.document.loginLinks.global) => ({ link: parseLoginLink(link), http });
  const red = portal(demo.document.loginLinks.workspaces['team-red']);

  it('is asked under its own prefix, with the workspace and with everything encoded', () => {
    const link = parseLoginLink('https://dkp.example.com/my/token/landing/team-red');
    assert.equal(
      serviceUrl(link, '/async/query', { hmac: 'a+b/c=&d' }).href,
      'https://dkp.example.com/my/token/async/query?hmac=a%2Bb%2Fc%3D%26d&tenant-id=team-red',
    );
    assert.equal(serviceUrl(parseLoginLink('dkp.example.com'), '/').href, 'https://dkp.example.com/token/');
  });

  it('lists the clusters of the global link and of a workspace', async () => {
    const names = async (from = portal()) =>
      (await listClusters(from)).clusters.map(({ name }) => name).sort();
    assert.deepEqual(await names(), demo.document.clusters.map(({ name }) => name).sort());
    assert.deepEqual(await names(red), ['red-lab', 'red-prod']);
  });

  it('tells of each cluster its server, authority and issuer, also where only the download has them', async () => {
    for (const cluster of (await listClusters(portal())).clusters) {
      const { server, ca, clusterHostname } = demo.cluster(cluster.name);
      assert.deepEqual(
        [cluster.server, cluster.ca, cluster.hostname, cluster.issuer],
        [server, ca, clusterHostname, demo.document.issuer],
      );
    }
  });

  it('is read for servers and authorities only: an exec block in the download goes nowhere', async () => {
    demo.faults.set('kubeconfig', 'exec-block');
    const read = JSON.stringify(await fetchKubeconfigClusters(portal()));
    assert.match(read, /"server":"https:\/\/127/);
    assert.doesNotMatch(read, /exec|command|args|user/);
  });

  it('reads a download for 5,000 clusters, whose certificates make megabytes of it', async () => {
    const entry = (index: number) =>
      `- name: cluster-${index}\n  cluster:\n    server: https://${index}.example.com:6443\n    certificate-authority-data: ${'QUJD'.repeat(200)}\n`;
    const body = `apiVersion: v1\nclusters:\n${Array.from({ length: 5000 }, (_, index) => entry(index)).join('')}`;
    assert.ok(body.length > 4_000_000);
    demo.faults.set('kubeconfig', { body });
    assert.equal((await fetchKubeconfigClusters(portal())).length, 5000);
  });

  it('gives names that are plain text', async () => {
    demo.faults.set('names', 'hostile');
    const { clusters } = await listClusters(portal());
    assert.equal(clusters.length, demo.document.clusters.length);
    assert.doesNotMatch(clusters.map(({ name, hostname }) => name + hostname).join(), /[\p{Cc}\p{Cf}]/u);
  });

  it('is told from a server that has none', async () => {
    const elsewhere = portal(demo.document.loginLinks.global.replace('/token/', '/nothing/'));
    await assert.rejects(
      fetchProviders(elsewhere),
      userError('PORTAL_NOT_FOUND', /no DKP token service at .*\/nothing/),
    );
    demo.faults.set('providers', 'not-found');
    await assert.rejects(fetchProviders(red), userError('PORTAL_NOT_FOUND', /no workspace "team-red"/));
  });

  it('without clusters, as for a workspace that it does not know, is an error that says whom to ask', async () => {
    const unknown = portal(`${demo.document.loginLinks.global}team-green`);
    await assert.rejects(
      listClusters(unknown),
      userError('NO_CLUSTERS', /Ask your administrator whether the workspace/),
    );
    demo.faults.set('providers', { body: '[]' });
    await assert.rejects(listClusters(portal()), userError('NO_CLUSTERS', /Ask your administrator/));
    demo.faults.clear();
    demo.faults.set('kubeconfig', { body: 'clusters: []' });
    await assert.rejects(listClusters(portal()), userError('NO_CLUSTERS', /gives no https address/));
  });

  const calls: [FaultPoint, () => Promise<unknown>][] = [
    ['providers', () => fetchProviders(portal())],
    ['kubeconfig', () => fetchKubeconfigClusters(portal())],
    ['start', () => startAsync(portal(), 'code')],
    ['query', () => queryAsync(portal(), { hmac: 'h', requestCode: 'c' })],
  ];
  const faults = [
    ['wrong-types', /is not what the platform documents \(at /],
    ['not-json', /is not JSON|is not what the platform documents/],
    ['empty', /is not JSON|is not what the platform documents/],
    ['huge', /sent more than (5|32) MB/],
    ['redirect', /sends elsewhere: http:\/\/evil\.example.*\n.*was not followed/],
    ['bad-gateway', /answered with status 502.*\n.*try again/],
  ] as const;
  for (const [point, call] of calls) {
    for (const [fault, text] of faults) {
      it(`that answers ${point} with the fault "${fault}" is an error in words`, async () => {
        demo.faults.set(point, fault);
        await assert.rejects(call(), userError('PORTAL_ANSWER', text));
      });
    }
  }

  const rubbish: [string, FaultPoint, string, () => Promise<unknown>][] = [
    ['a list of texts', 'providers', '["a"]', () => fetchProviders(portal())],
    [
      'a cluster without a name',
      'providers',
      '[{"url":"https://i","clusters":[{"clusterHostname":"h"}]}]',
      () => fetchProviders(portal()),
    ],
    ['YAML that grows without end', 'kubeconfig', billionLaughs(), () => fetchKubeconfigClusters(portal())],
    ['broken YAML', 'kubeconfig', 'clusters: [', () => fetchKubeconfigClusters(portal())],
    [
      'a time to live without end',
      'start',
      '{"authURL":"https://h","hmac":"h","ttl":1e9}',
      () => startAsync(portal(), 'c'),
    ],
    [
      'a state that is empty',
      'start',
      '{"authURL":"https://h","hmac":"","ttl":300}',
      () => startAsync(portal(), 'c'),
    ],
  ];
  for (const [what, point, body, call] of rubbish) {
    it(`that answers ${point} with ${what} is an error in words`, async () => {
      demo.faults.set(point, { body });
      await assert.rejects(call(), userError('PORTAL_ANSWER'));
    });
  }

  it('hands out a token once: pending, the token, then gone', async () => {
    const requestCode = 'a-code-of-ours';
    const started = await startAsync(portal(), requestCode);
    const pending = { hmac: started.hmac, requestCode };
    assert.equal(started.ttl, 300);
    assert.deepEqual(await queryAsync(portal(), pending), { kind: 'pending' });
    await demo.signIn(started.authURL, demo.user('ada'));
    assert.equal((await queryAsync(portal(), pending)).kind, 'token');
    assert.deepEqual(await queryAsync(portal(), pending), { kind: 'expired' });
  });

  it('tells a login that another one overtook from one that has expired', async () => {
    const started = await startAsync(portal(), 'mine');
    const pending = { hmac: started.hmac, requestCode: 'mine' };
    const overtaken = await queryAsync(portal(), { ...pending, requestCode: 'not mine' });
    assert.deepEqual(overtaken, { kind: 'overtaken' });
    demo.advance(301);
    assert.deepEqual(await queryAsync(portal(), pending), { kind: 'expired' });
    assert.deepEqual(await queryAsync(portal(), pending), { kind: 'expired' });
  });

  it('is waited for while it says ready without a token', async () => {
    for (const body of [
      '{"token":"","ready":true}',
      '{"token":null,"ready":true}',
      '{"ready":true}',
      '{"token":"x","ready":false}',
    ]) {
      demo.faults.set('query', { body });
      assert.deepEqual(await queryAsync(portal(), { hmac: 'h', requestCode: 'c' }), { kind: 'pending' });
    }
  });
});

function billionLaughs(): string {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const item = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
  });
  return `${levels.join('\n')}\nclusters: *a11\n`;
}
