import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { type AdminDexClientFlags, adminDexClient } from '../../source/commands/admin.ts';
import { type DexClient, storageName } from '../../source/commands/admin-documents.ts';
import { audienceScope, redirectAllowed, scopeFault } from '../../source/demo/dex/clients.ts';
import { parsePortalFile } from '../../source/portal/portal-file.ts';
import type { Streams } from '../../source/system/streams.ts';
import { demoForTests, originOf } from '../demo/helpers.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { userError } from '../helpers/user-error.ts';

async function printed(link: string | undefined, flags: AdminDexClientFlags): Promise<string> {
  const stdout = new PassThrough();
  const said = text(stdout);
  const streams = { env: {}, stdout } as unknown as Streams;
  await adminDexClient(link, flags, streams, new AbortController().signal);
  stdout.end();
  const output = await said;
  assertPlain(output);
  return output;
}

const issuer = 'https://dkp.example.com/dex';
const two = {
  issuer,
  cluster: ['red-prod=https://red-prod.example.com', 'blue=https://blue.example.com:6443'],
} as const;

/** As Dex reads its configuration: no secret is an empty one. */
function asDex(clients: readonly DexClient[]) {
  return clients.map(({ id, name, secret, redirectURIs = [], trustedPeers = [], ...client }) => {
    assert.ok(client.public === true || (secret ?? '').length >= 32, `${id} could be used without a secret`);
    return { id, name, secret: client.public ? undefined : secret, redirectUris: redirectURIs, trustedPeers };
  });
}

/** What makes one token per cluster possible, and nothing more. */
function assertTrust(clients: readonly DexClient[], [asking, ...clusters]: readonly string[]) {
  const dex = asDex(clients);
  assert.deepEqual(
    dex.map(({ id }) => id),
    [asking, ...clusters],
  );
  const fault = (from: string, to: string) => scopeFault(dex, from, ['openid', audienceScope(to)]);
  for (const cluster of clusters) {
    assert.equal(fault(String(asking), cluster), undefined);
    assert.match(fault(cluster, String(asking))?.description ?? '', /Client can't request scope/);
    for (const other of clusters.filter(id => id !== cluster)) assert.ok(fault(cluster, other));
  }
  const [publicClient] = dex;
  assert.ok(publicClient);
  for (const uri of ['http://127.0.0.1:18000/callback', 'http://localhost:1/', `${issuer}/device/callback`]) {
    assert.ok(redirectAllowed(publicClient, uri, issuer), uri);
  }
}

describe('dkp-auth admin dex-client', () => {
  it("prints Dex's static clients: a public one, and one for each cluster that trusts it", async () => {
    const output = await printed(undefined, two);
    const { staticClients } = parse(output);
    assertTrust(staticClients, ['dkp-auth', 'red-prod', 'blue']);
    assert.deepEqual(Object.keys(staticClients[0]), ['id', 'name', 'public']);
    assert.match(
      output,
      /^#.*red-prod: --oidc-issuer-url=https:\/\/dkp\.example\.com\/dex --oidc-client-id=red-prod$/m,
    );
    assert.match(output, /only add dkp-auth to its trustedPeers/);
    const again = parse(await printed(undefined, two)).staticClients;
    assert.notEqual(again[1].secret, staticClients[1].secret);
    assert.notEqual(staticClients[1].secret, staticClients[2].secret);
  });

  it("prints the platform's own resources, by the ids that its controller gives to them", async () => {
    const output = await printed(undefined, { ...two, format: 'resource', namespace: 'dkp' });
    const documents = parseAllDocuments(output).map(document => document.toJS());
    const secrets = new Map(
      documents
        .filter(({ kind }) => kind === 'Secret')
        .map(({ metadata, stringData }) => [metadata.name, stringData['client-secret']]),
    );
    const clients = documents.filter(({ kind }) => kind === 'Client');
    assert.deepEqual([secrets.size, clients.length, documents.length], [3, 3, 6]);
    for (const { apiVersion, metadata, spec } of clients) {
      assert.equal(apiVersion, 'dex.mesosphere.io/v1alpha1');
      assert.equal(metadata.namespace, 'dkp');
      assert.ok(spec.displayName && secrets.has(spec.clientSecretRef.name));
    }
    assertTrust(
      clients.map(({ metadata, spec }) => ({
        id: `dex-controller-${metadata.name}`,
        name: spec.displayName,
        ...spec,
        secret: secrets.get(spec.clientSecretRef.name),
      })),
      ['dex-controller-dkp-auth', 'dex-controller-red-prod', 'dex-controller-blue'],
    );
    assert.equal(secrets.get('dkp-auth-dex-client'), '');
    assert.match(output, /--format portal-file --client-prefix dex-controller-/);
  });

  it('prints what Dex keeps in Kubernetes, under the names by which Dex finds it', async () => {
    const output = await printed(undefined, { ...two, format: 'oauth2client', clientId: 'cli' });
    const documents = parseAllDocuments(output).map(document => document.toJS());
    assertTrust(documents, ['cli', 'red-prod', 'blue']);
    for (const { apiVersion, kind, metadata, id } of documents) {
      assert.deepEqual([apiVersion, kind], ['dex.coreos.com/v1', 'OAuth2Client']);
      assert.equal(metadata.name, storageName(id));
    }
    // A name that Dex itself made.
    assert.equal(storageName('critical-stack'), 'mnzgs5djmnqwylltorqwg26l6koojbbcemsq');
  });

  it('prints the portal file that fits', async () => {
    const read = async (flags: AdminDexClientFlags) =>
      parsePortalFile({
        source: 'stdout',
        text: await printed(undefined, { ...two, ...flags, format: 'portal-file' }),
        readAuthority: () => assert.fail('it names a file'),
      });
    const file = await read({});
    assert.equal(file.client.issuer, issuer);
    assert.equal(file.client.clientId, 'dkp-auth');
    assert.deepEqual(
      file.clusters.map(({ name, server, audience }) => [name, server, audience]),
      [
        ['red-prod', 'https://red-prod.example.com', { kind: 'dex-client', client: 'red-prod' }],
        ['blue', 'https://blue.example.com:6443', { kind: 'dex-client', client: 'blue' }],
      ],
    );
    const prefixed = await read({ clientPrefix: 'dex-controller-' });
    assert.equal(prefixed.client.clientId, 'dex-controller-dkp-auth');
    assert.deepEqual(prefixed.clusters[1]?.audience, { kind: 'dex-client', client: 'dex-controller-blue' });
  });

  it('says what a shared audience needs and what it is not', async () => {
    const shared = { ...two, sharedAudience: 'kube-apiserver' };
    const output = await printed(undefined, shared);
    assert.deepEqual(parse(output).staticClients, [{ id: 'dkp-auth', name: 'dkp-auth', public: true }]);
    assert.match(
      output,
      /tokens for kube-apiserver: add this to that client[\s\S]*trustedPeers: \[dkp-auth\]/,
    );
    assert.match(output, /separate but not isolated/);
    const file = parse(await printed(undefined, { ...shared, format: 'portal-file' }));
    for (const { audience } of file.clusters) assert.deepEqual(audience, { dexClient: 'kube-apiserver' });
  });

  it('prints one JSON document for scripts', async () => {
    const { format, document } = JSON.parse(await printed(undefined, { ...two, json: true }));
    assert.equal(format, 'static');
    assertTrust(document.staticClients, ['dkp-auth', 'red-prod', 'blue']);
  });

  const refused: [string, AdminDexClientFlags, RegExp][] = [
    ['no clusters', { issuer }, /Name the clusters/],
    ['no issuer', { cluster: two.cluster }, /--issuer URL is missing/],
    ['an http issuer', { ...two, issuer: 'http://dex' }, /not an https:\/\/ address/],
    ['a cluster without server', { issuer, cluster: ['red'] }, /--cluster takes NAME=SERVER/],
    ['an http server', { issuer, cluster: ['red=http://red'] }, /--cluster takes NAME=SERVER/],
    ['a name that cannot be one', { issuer, cluster: ['Red=https://red'] }, /"Red" may hold a-z/],
    ['a name twice', { issuer, cluster: ['a=https://a', 'a=https://b'] }, /There are two clusters "a"/],
    ['names that come to the same', { issuer, cluster: ['a-b=https://a', 'a_b=https://b'] }, /client "a-b"/],
    [
      'a server twice',
      { issuer, cluster: ['a=https://a', 'b=https://A/'] },
      /Two of these are at https:\/\/a;/,
    ],
    ['a cluster called like the client', { issuer, cluster: ['dkp-auth=https://a'] }, /client "dkp-auth"/],
    ['another format', { ...two, format: 'xml' }, /--format takes static, resource/],
    ['a client id with a line break', { ...two, clientId: 'a\nb' }, /--client-id takes/],
    ['a namespace with a line break', { ...two, namespace: 'a\nb' }, /--namespace takes/],
  ];
  for (const [what, flags, message] of refused) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(printed(undefined, flags), userError('USAGE', message));
    });
  }
});

describe('dkp-auth admin dex-client with a login link', async () => {
  const demo = await demoForTests();
  const { document } = demo;

  it('takes the clusters, the issuer and the callback from the portal', async t => {
    const caFile = path.join(await temporaryFolder(t), 'ca.pem');
    await fs.writeFile(caFile, document.ca);
    const link = document.loginLinks.global;
    const { staticClients } = parse(await printed(link, { caFile }));
    assert.equal(staticClients.length, document.clusters.length + 1);
    for (const { redirectURIs } of staticClients.slice(1)) {
      assert.deepEqual(redirectURIs, [`${originOf(demo)}/token/callback`]);
    }
    const output = await printed(link, { caFile, format: 'portal-file' });
    const file = await parsePortalFile({ source: 'x', text: output, readAuthority: () => assert.fail() });
    assert.equal(file.client.issuer, document.issuer);
    assert.equal(file.link?.origin, originOf(demo));
    assert.equal(file.ca, document.ca);
    assert.deepEqual(
      new Set(file.clusters.map(({ server }) => server)),
      new Set(document.clusters.map(({ server }) => server)),
    );
    const lab = file.clusters.find(({ server }) => server === demo.cluster('red-lab').server);
    assert.equal(lab?.ca, demo.cluster('red-lab').ca);
  });

  it('keeps the workspace of the link', async t => {
    const caFile = path.join(await temporaryFolder(t), 'ca.pem');
    await fs.writeFile(caFile, document.ca);
    const output = await printed(document.loginLinks.workspaces['team-red'], {
      caFile,
      format: 'portal-file',
    });
    const file = await parsePortalFile({ source: 'x', text: output, readAuthority: () => assert.fail() });
    assert.equal(file.link?.workspace, 'team-red');
    assert.deepEqual(new Set(file.clusters.map(({ workspace }) => workspace)), new Set(['team-red']));
  });

  it('does not take clusters from two places', async () => {
    await assert.rejects(printed(document.loginLinks.global, two), userError('USAGE', /not by both/));
  });
});
