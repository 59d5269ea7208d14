import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, joinClusters } from '../../source/portal/clusters.ts';
import { findCluster } from '../../source/portal/find-cluster.ts';
import type { DownloadedCluster, PortalProviders } from '../../source/portal/token-service.ts';
import { userError } from '../helpers/user-error.ts';

const issuer = 'https://dkp.example.com/dex';
const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

const listed = (name: string, clusterHostname: string, ca = '') => ({ name, clusterHostname, ca });
const at = (name: string, server: string, caData?: string): DownloadedCluster => ({ name, server, caData });
const join = (clusters: PortalProviders[number]['clusters'], downloaded: DownloadedCluster[], url = issuer) =>
  joinClusters([{ url, clusters }], downloaded);

test('the list and the download are joined by host name, the address normalized', () => {
  const { clusters, unusable } = join(
    [listed('prod', 'prod.example.com', pem('listed'))],
    [
      at('prod.example.com', 'https://PROD.example.com:443/dkp/api-server/'),
      at('other.example.com', 'https://other'),
    ],
  );
  assert.deepEqual(unusable, []);
  assert.deepEqual(clusters, [
    {
      name: 'prod',
      nameIsUnique: true,
      hostname: 'prod.example.com',
      server: 'https://prod.example.com/dkp/api-server',
      ca: pem('listed'),
      issuer,
    },
  ]);
});

test('two clusters of one name are told apart, and neither is called unique', () => {
  const { clusters } = join(
    [listed('prod', 'a'), listed('prod', 'b'), listed('lab', 'c')],
    [at('a', 'https://a'), at('b', 'https://b'), at('c', 'https://c')],
  );
  assert.deepEqual(
    clusters.map(({ name, server, nameIsUnique }) => [name, server, nameIsUnique]),
    [
      ['prod', 'https://a', false],
      ['prod', 'https://b', false],
      ['lab', 'https://c', true],
    ],
  );
});

test('a server that is listed twice is one cluster', () => {
  const { clusters } = joinClusters(
    [
      { url: issuer, clusters: [listed('prod', 'a')] },
      { url: 'https://other.example.com/dex', clusters: [listed('prod again', 'a2')] },
    ],
    [at('a', 'https://a'), at('a2', 'https://A/')],
  );
  assert.deepEqual(
    clusters.map(({ name, issuer: from }) => [name, from]),
    [['prod', issuer]],
  );
});

const authorities: [string, string | undefined, string, string | undefined][] = [
  ["the download's certificate wins", base64(pem('download')), pem('listed'), pem('download')],
  ['without one in the download the listed one counts', undefined, pem('listed'), pem('listed')],
  ["none in either means the system's", undefined, '', undefined],
  ['what is no certificate is none', base64('rubbish'), 'rubbish', undefined],
  ['rubbish in the download does not hide the listed one', '%%%', pem('listed'), pem('listed')],
];

for (const [what, caData, ca, expected] of authorities) {
  test(`certificate authorities: ${what}`, () => {
    const { clusters } = join([listed('prod', 'a', ca)], [at('a', 'https://a', caData)]);
    assert.equal(clusters[0]?.ca, expected);
  });
}

const unusable: [string, DownloadedCluster[], string, RegExp][] = [
  ['no address', [], issuer, /gives no https address/],
  ['an address without TLS', [at('a', 'http://a')], issuer, /gives no https address/],
  ['an address that is none', [at('a', 'a:6443')], issuer, /gives no https address/],
  ['an address with a user', [at('a', 'https://x@a')], issuer, /gives no https address/],
  ['two addresses', [at('a', 'https://a'), at('a', 'https://b')], issuer, /gives several addresses/],
  [
    'a different address after two equal ones',
    [at('a', 'https://a'), at('a', 'https://a'), at('a', 'https://b')],
    issuer,
    /gives several addresses/,
  ],
  [
    'an issuer without TLS',
    [at('a', 'https://a')],
    'http://dkp.example.com/dex',
    /issuer is not an https address/,
  ],
  ['an issuer that is no address', [at('a', 'https://a')], 'dex', /issuer is not an https address/],
];

for (const [what, downloaded, url, reason] of unusable) {
  test(`a cluster with ${what} cannot be used, and why is said`, () => {
    const list = join([listed('prod', 'a')], downloaded, url);
    assert.deepEqual(list.clusters, []);
    assert.equal(list.unusable.length, 1);
    assert.match(list.unusable[0]?.reason ?? '', reason);
  });
}

test('the same address twice is no contradiction', () => {
  const { clusters } = join([listed('prod', 'a')], [at('a', 'https://a'), at('a', 'https://a')]);
  assert.equal(clusters.length, 1);
});

test('names from the portal are plain text, and a name of nothing else is the host name', () => {
  const { clusters } = join(
    [listed('Prod\u001b]52;c;ZXZpbA==\u0007\r\n\u202e', 'a'), listed('\u001b[31m', 'b')],
    [at('a', 'https://a'), at('b', 'https://b')],
  );
  assert.deepEqual(
    clusters.map(({ name }) => name),
    ['Prod', 'b'],
  );
});

test('a provider without clusters is none to worry about', () => {
  assert.deepEqual(joinClusters([{ url: issuer, clusters: null }], []), { clusters: [], unusable: [] });
});

const cluster = (name: string, hostname: string, server: string): Cluster => ({
  name,
  nameIsUnique: true,
  hostname,
  server,
  ca: undefined,
  issuer,
});
const offered = [
  cluster('prod', 'a.example.com', 'https://a.example.com:6443'),
  cluster('prod', 'b.example.com', 'https://b.example.com/dkp/api-server'),
  cluster('lab', 'prod', 'https://c.example.com'),
];

const named: [string, string | undefined][] = [
  ['lab', 'https://c.example.com'],
  ['a.example.com', 'https://a.example.com:6443'],
  ['https://A.example.com:6443/', 'https://a.example.com:6443'],
  ['https://b.example.com/dkp/api-server', 'https://b.example.com/dkp/api-server'],
  // A host name names one cluster; a display name may be anybody's.
  ['prod', 'https://c.example.com'],
];

for (const [text, server] of named) {
  test(`"${text}" names the cluster at ${server}`, () =>
    assert.equal(findCluster(offered, text).server, server));
}

test('a name that several clusters bear is refused with their addresses', () => {
  assert.throws(
    () => findCluster(offered.slice(0, 2), 'prod'),
    userError(
      'UNKNOWN_CLUSTER',
      /https:\/\/a\.example\.com:6443, https:\/\/b\.example\.com\/dkp\/api-server/,
    ),
  );
});

test('a name that no cluster bears is refused with those there are', () => {
  for (const text of ['stage', 'LAB', 'https://a.example.com', 'https://b.example.com/dkp', '\u001b[31mx']) {
    assert.throws(() => findCluster(offered, text), userError('UNKNOWN_CLUSTER', /It has: prod, prod, lab/));
  }
});
