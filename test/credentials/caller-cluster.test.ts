import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterTextIn, clusterTextOf } from '../../source/credentials/caller-cluster.ts';
import { parseExecInfo } from '../../source/credentials/exec-credential.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { sampleProfile } from '../helpers/profiles.ts';

const profile = sampleProfile('prod', 'https://api.example.com/a&b', {
  cluster: { name: 'prod', hostname: 'prod', server: 'https://api.example.com/a&b', ca: 'PEM' },
});

test('the bound cluster is written as Go writes JSON', () => {
  assert.equal(
    clusterTextOf({ server: 'https://h/a&b<c>d\u2028"\\é', ca: 'PEM' }),
    '{"server":"https://h/a\\u0026b\\u003cc\\u003ed\\u2028\\"\\\\é","certificate-authority-data":"UEVN","config":null}',
  );
  assert.equal(clusterTextOf({ server: 'https://h' }), '{"server":"https://h","config":null}');
});

test('it is what client-go says of a profile, in both versions, interactive or not', () => {
  for (const version of ['v1', 'v1beta1'] as const) {
    for (const interactive of [true, false]) {
      const info = clientGoSays(profile, { version, interactive });
      assert.equal(clusterTextIn(info), clusterTextOf(profile.cluster));
      assert.equal(clusterTextIn(info.trimEnd()), clusterTextOf(profile.cluster));
    }
  }
});

test('whatever is taken out of a call means the same as the call', () => {
  const calls = [
    clientGoSays(profile, { cluster: { server: 'https://other' } }),
    clientGoSays(profile, { cluster: { 'proxy-url': 'http://proxy', 'tls-server-name': 'x' } }),
  ];
  for (const call of calls) {
    const text = clusterTextIn(call);
    assert.ok(text !== undefined);
    assert.equal(JSON.parse(text).server, parseExecInfo(call)?.cluster?.server);
  }
});

test('calls that client-go does not write so say no cluster', () => {
  const info = clientGoSays(profile);
  const others = [
    '',
    '{}',
    info.replace('"kind"', ' "kind"'),
    info.replace('/v1"', '/v1alpha1"'),
    info.replace('ExecCredential', 'Pod'),
    `${info}\n`,
    `${info}x`,
    info.replace('"cluster":{', '"cluster":{"server":"https://evil"},"cluster":{'),
    info.replace('"config":null', '"config":nul'),
    info.replace('"config":null', `"config":"${'x'.repeat(200_000)}"`),
    info.replace('"config":null', '"config":\nnull'),
  ];
  for (const other of others) assert.equal(clusterTextIn(other), undefined, other.slice(0, 200));
});
