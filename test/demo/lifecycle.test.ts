import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { connect } from 'node:tls';
import { startDemo } from '../../source/demo/index.ts';
import { ask, askCluster, asyncToken, beginAsync, demoForTests, originOf } from './helpers.ts';

it('shows its certificate authority in the handshake, and in a file while it runs', async () => {
  const demo = await startDemo();
  const { ca, caFile, port } = demo.document;
  assert.equal(readFileSync(caFile, 'utf8'), ca);
  const socket = connect({ host: '127.0.0.1', port, ca });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { issuerCertificate } = socket.getPeerCertificate(true);
  assert.equal(issuerCertificate.fingerprint256, new X509Certificate(ca).fingerprint256);
  assert.equal(new X509Certificate(ca).ca, true);
  const closing = performance.now();
  await demo.close();
  assert.ok(performance.now() - closing < 1000);
  assert.equal(existsSync(caFile), false);
  socket.destroy();
});

it('takes the port and the folder it is given, and leaves the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-folder-'));
  const first = await startDemo({ folder });
  const { port, caFile } = first.document;
  assert.equal(caFile, join(folder, 'demo-ca.pem'));
  await assert.rejects(startDemo({ port }), { code: 'DEMO_PORT' });
  await first.close();
  assert.equal(existsSync(folder), true);
  const again = await startDemo({ port });
  assert.equal(again.document.port, port);
  await again.close();
  await rm(folder, { recursive: true });
});

it('describes itself in plain JSON', async () => {
  const demo = await demoForTests();
  assert.deepEqual(JSON.parse(JSON.stringify(demo.document)), demo.document);
  await ask(demo, '/token/landing/');
  assert.equal(JSON.parse(JSON.stringify(demo.requests))[0].status, 200);
});

it('stands in front of an issuer and clusters that are already there', async () => {
  const real = await demoForTests();
  const { issuer, ca } = real.document;
  const { server } = real.cluster('blue-prod');
  const front = await demoForTests({
    issuer: { url: issuer, clientId: 'kube-apiserver', clientSecret: 'unknown', ca },
    clusters: [{ name: 'real', server, ca, workspace: 'team-blue' }],
  });
  const { authURL } = await beginAsync(front, 'x');
  assert.ok(authURL.startsWith(`${issuer}/auth?`));
  assert.equal((await ask(front, '/dex/keys')).status, 404);
  const [provider] = JSON.parse((await ask(front, '/token/plugin/providers')).body);
  assert.deepEqual([provider.url, provider.clusters[0].name], [issuer, 'real']);
  const redirected = await ask(front, '/token/');
  assert.equal(redirected.headers['location'], '/token/login/real');
  const token = await asyncToken(real, real.user('ada'));
  assert.equal((await askCluster(front, 'real', '/api/v1/pods', token)).status, 200);
});

it('names clusters by the host of their address when asked to', async () => {
  const demo = await demoForTests({ hostnames: 'loopback' });
  assert.deepEqual(
    new Set(demo.document.clusters.map(({ clusterHostname }) => clusterHostname)),
    new Set(['127.0.0.1']),
  );
});

it('can be as small as one cluster and one identity provider', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-lab'], identityProviders: ['corporate'] } });
  assert.deepEqual(
    demo.document.users.map(({ login }) => login),
    ['ada', 'ravi', 'noor'],
  );
  const { authURL } = await beginAsync(demo, 'x');
  const straight = await ask(demo, authURL.slice(originOf(demo).length));
  assert.match(String(straight.headers['location']), /^\/dex\/auth\/corporate\?/);
  assert.equal((await ask(demo, '/token/')).headers['location'], '/token/login/red-lab');
});
