import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertBound } from '../../source/credentials/binding.ts';
import type { CallerCluster, ExecInfo } from '../../source/credentials/exec-credential.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const server = 'https://api.example.com/dkp/api-server';
const ca = '-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n';
const bare = sampleProfile('prod', server);
const profile: Profile = { ...bare, cluster: { ...bare.cluster, ca } };

const call = (cluster: Partial<CallerCluster> = {}): ExecInfo => ({
  apiVersion: 'client.authentication.k8s.io/v1',
  interactive: true,
  cluster: { server, tlsServerName: '', insecureSkipTlsVerify: false, ca, ...cluster },
});

const equal: [string, Partial<CallerCluster>][] = [
  ['the same address', {}],
  ['other letter case in scheme and host', { server: 'HTTPS://API.Example.com/dkp/api-server' }],
  ['the default port written out', { server: 'https://api.example.com:443/dkp/api-server' }],
  ['a slash at the end', { server: `${server}/` }],
  ['the certificate with other line ends', { ca: ca.replaceAll('\n', '\r\n') }],
  ['the certificate without a line end', { ca: ca.trim() }],
];

for (const [what, cluster] of equal) {
  test(`the profile's own cluster gets its token: ${what}`, () => assertBound(profile, call(cluster)));
}

const different: [string, Partial<CallerCluster>, RegExp][] = [
  ['another host', { server: 'https://evil.example/dkp/api-server' }, /names https:\/\/evil\.example/],
  [
    'another port',
    { server: 'https://api.example.com:6443/dkp/api-server' },
    /names https:\/\/api\.example\.com:6443/,
  ],
  ['another path', { server: 'https://api.example.com/dkp/api-server2' }, /api-server2 instead/],
  ['a path in other letter case', { server: 'https://api.example.com/DKP/api-server' }, /DKP/],
  ['no path', { server: 'https://api.example.com' }, /instead/],
  ['no TLS', { server: 'http://api.example.com/dkp/api-server' }, /names http:/],
  ['a user in the address', { server: 'https://x@api.example.com/dkp/api-server' }, /instead/],
  ['an empty address', { server: '' }, /instead/],
  ['another certificate authority', { ca: ca.replace('AAAA', 'EVIL') }, /another certificate authority/],
  [
    'a second certificate authority',
    { ca: ca + ca.replace('AAAA', 'EVIL') },
    /another certificate authority/,
  ],
  ["the system's authorities", { ca: '' }, /another certificate authority/],
  [
    'another name for the certificate',
    { tlsServerName: 'evil.example' },
    /evil\.example \(tls-server-name\)/,
  ],
  ['a certificate that is not checked', { insecureSkipTlsVerify: true }, /insecure-skip-tls-verify/],
];

for (const [what, cluster, fault] of different) {
  test(`another cluster gets nothing, and both are named: ${what}`, () => {
    assert.throws(() => assertBound(profile, call(cluster)), userError('WRONG_CLUSTER', fault));
    assert.throws(
      () => assertBound(profile, call(cluster)),
      userError('WRONG_CLUSTER', /"prod" is bound to prod \(https:\/\/api\.example\.com\/dkp\/api-server\)/),
    );
  });
}

test('a profile that trusts the system is not given to a kubeconfig with an authority of its own', () => {
  assertBound(bare, call({ ca: '' }));
  assert.throws(
    () => assertBound(bare, call({ ca })),
    userError('WRONG_CLUSTER', /another certificate authority/),
  );
});

test('a caller that names no cluster is refused, and told what to set', () => {
  assert.throws(
    () =>
      assertBound(profile, {
        apiVersion: 'client.authentication.k8s.io/v1',
        interactive: true,
        cluster: undefined,
      }),
    userError('CLUSTER_UNKNOWN_TO_CALLER', /provideClusterInfo: true/),
  );
});

test('a person who calls without a kubeconfig gets the token', () => assertBound(profile, undefined));

test('a hostile address in a kubeconfig reaches the terminal as plain text', () => {
  const hostile = call({ server: 'https://evil\u001b]52;c;ZXZpbA==\u0007\u202e.example' });
  assert.throws(
    () => assertBound(profile, hostile),
    error => userError('WRONG_CLUSTER')(error) && !/[\u001b\u0007\u202e]/.test(String(error)),
  );
});

test('a profile that takes any caller serves one that names no cluster, and refuses one that names another', () => {
  const any = sampleProfile('prod', 'https://api.example.com', { callers: 'any' });
  const info = { apiVersion: 'client.authentication.k8s.io/v1beta1', interactive: false } as const;
  assertBound(any, { ...info, cluster: undefined });
  const cluster = {
    server: 'https://other.example.com',
    tlsServerName: '',
    insecureSkipTlsVerify: false,
    ca: '',
  };
  assert.throws(() => assertBound(any, { ...info, cluster }), userError('WRONG_CLUSTER'));
  const strict = { ...any, callers: 'must-name-cluster' } as const;
  for (const profile of [strict, sampleProfile('prod', 'https://api.example.com')]) {
    const ask = () => assertBound(profile, { ...info, cluster: undefined });
    assert.throws(ask, userError('CLUSTER_UNKNOWN_TO_CALLER'));
  }
});
