import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { ask, beginAsync, demoForTests, originOf, poll } from './helpers.ts';

describe('the token service', async () => {
  const demo = await demoForTests();
  const { document } = demo;
  const json = async (path: string) => JSON.parse((await ask(demo, path)).body);

  it('has a landing page for everybody and for each workspace, and none for others', async () => {
    const global = await ask(demo, '/token/landing/');
    assert.equal(global.status, 200);
    assert.match(global.body, /href="\/dkp\/kommander\/dashboard\/"/);
    const red = await ask(demo, '/token/landing/team-red');
    assert.match(red.body, /href="\/dkp\/kommander\/dashboard\/\?tenant-id=team-red"/);
    assert.match(red.body, /href="\/token\/workspace\/team-red"/);
    const unknown = await ask(demo, '/token/landing/team-none');
    assert.equal(unknown.status, 404);
    assert.match(String(unknown.headers['content-type']), /^text\/html/);
    assert.equal((await ask(demo, '/token/workspace/team-none')).status, 404);
    assert.equal((await ask(demo, '/ops/landing')).headers['location'], '/token/landing/');
    assert.equal((await ask(demo, '/')).headers['location'], '/dkp/kommander/dashboard/');
  });

  it('lists clusters: all of them, or those of a tenant', async () => {
    const [provider, ...others] = await json('/token/plugin/providers');
    assert.equal(others.length, 0);
    assert.equal(provider.name, '127.0.0.1');
    assert.equal(provider.url, document.issuer);
    const expected = document.clusters.map(({ name, clusterHostname, server }) => ({
      name,
      clusterHostname,
      url: `${new URL(server).origin}/token/`,
    }));
    const listed = provider.clusters.map(({ ca, ...rest }: { ca: string }) => rest);
    assert.deepEqual(listed, expected);
    const [red] = await json('/token/plugin/providers?tenant-id=team-red');
    assert.deepEqual(
      red.clusters.map(({ name, ca }: { name: string; ca: string }) => [name, ca]),
      [
        ['red-prod', document.ca],
        ['red-lab', ''],
      ],
    );
    assert.equal(await json('/token/plugin/providers?tenant-id=team-none'), null);
  });

  it('lists clusters on a page, with their display names and logins', async () => {
    const all = await ask(demo, '/token/');
    assert.equal(all.body.match(/href="\/token\/login\//g)?.length, 5);
    assert.equal(all.body.match(/>Production</g)?.length, 2);
    const blue = await ask(demo, '/token/workspace/team-blue');
    assert.match(blue.body, /href="\/token\/login\/blue-prod\?tenant-id=team-blue"/);
    assert.doesNotMatch(blue.body, /red-prod/);
    assert.equal((await ask(demo, '/token/anything')).body, all.body);
  });

  it('offers a download in which one user serves all clusters', async () => {
    const reply = await ask(demo, '/token/plugin/kubeconfig?profileName=mine&tenant-id=team-red');
    assert.equal(reply.headers['content-disposition'], 'attachment; filename=kubeconfig-mine');
    const config = parse(reply.body);
    assert.deepEqual(
      config.contexts.map(({ name, context }: { name: string; context: { user: string } }) => [
        name,
        context.user,
      ]),
      [
        ['mine-red-prod.dkp.example', 'mine'],
        ['mine-red-lab.dkp.example', 'mine'],
      ],
    );
    const lab = demo.cluster('red-lab');
    assert.equal(config.clusters[1].cluster.server, lab.server);
    const caOfLab = Buffer.from(
      config.clusters[1].cluster['certificate-authority-data'],
      'base64',
    ).toString();
    assert.equal(caOfLab, lab.ca);
    assert.notEqual(caOfLab, document.ca);
    const [user, ...others] = config.users;
    assert.equal(others.length, 0);
    assert.equal(user.user.exec.apiVersion, 'client.authentication.k8s.io/v1beta1');
    assert.equal(user.user.exec.command, 'konvoy-async-plugin');
    const caData = Buffer.from(document.ca).toString('base64');
    assert.deepEqual(user.user.exec.args, [
      `-auth-url=${originOf(demo)}/token/`,
      '-kubeconfig-user=mine',
      `-ca-data=${caData}`,
    ]);
    const windows = parse((await ask(demo, '/token/plugin/kubeconfig_windows')).body);
    assert.equal(windows.users[0].user.exec.command, 'konvoy-async-plugin.exe');
    assert.equal(windows.users[0].name, 'default-profile');
  });

  it('fills the download as text, so that a profile name can add YAML', async () => {
    const evil =
      'x\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: evil\n- name: y';
    const { body } = await ask(
      demo,
      `/token/plugin/kubeconfig?${new URLSearchParams({ profileName: evil })}`,
    );
    assert.match(body, /^users:\n- name: x\n {2}user:\n {4}exec:\n.*\n {6}command: evil$/m);
  });

  it('describes Method 2', async () => {
    assert.deepEqual(await json('/token/plugin/data/json?profileName=p'), {
      asyncAuthURL: `${originOf(demo)}/token/`,
      clusterName: 'kubernetes-cluster',
      profileName: 'p',
    });
    const page = await ask(demo, '/token/plugin/data?cluster=blue-prod.dkp.example&profileName=p');
    assert.match(page.body, new RegExp(`--server=${demo.cluster('blue-prod').server}`));
    assert.equal((await ask(demo, '/token/plugin/data?cluster=nowhere')).status, 400);
    assert.equal((await ask(demo, '/token/plugin/providers', { method: 'POST', body: '' })).status, 405);
  });

  it('begins an asynchronous sign-in with the first client, and the tenant for Dex', async () => {
    const reply = await ask(demo, '/token/async?tenant-id=team-red', {
      method: 'POST',
      body: '{"requestCode":"a"}',
    });
    assert.equal(reply.status, 201);
    assert.match(reply.body, /\\u0026/);
    const { authURL, hmac, ttl } = JSON.parse(reply.body);
    const url = new URL(authURL);
    assert.equal(`${url.origin}${url.pathname}`, `${document.issuer}/auth`);
    assert.equal(url.searchParams.get('client_id'), 'kube-apiserver');
    assert.equal(url.searchParams.get('state'), hmac);
    assert.equal(url.searchParams.get('tenant-id'), 'team-red');
    assert.equal(url.searchParams.get('scope'), 'openid profile email groups');
    assert.equal(ttl, 300);
    assert.equal((await ask(demo, '/token/async')).status, 405);
    assert.equal((await ask(demo, '/token/async', { method: 'POST', body: 'no' })).status, 400);
  });

  it('answers polls with the statuses of the real one', async () => {
    const { hmac } = await beginAsync(demo, 'right');
    const statuses = async (state: string, code: string) => {
      const { status, body } = await poll(demo, state, code);
      return [status, body.trim()];
    };
    assert.deepEqual(await statuses('', 'right'), [400, 'Bad Request']);
    assert.deepEqual(await statuses('made.up', 'right'), [401, 'Unauthorized: HMAC']);
    assert.deepEqual(await statuses(hmac, ''), [400, 'Bad Request']);
    assert.deepEqual(await statuses(hmac, 'wrong'), [401, 'Unauthorized: RC']);
    assert.deepEqual(await statuses(hmac, 'right'), [200, '{"token":"","ready":false}']);
    assert.match(String((await poll(demo, hmac, 'right')).headers['content-type']), /^text\/plain/);
    demo.advance(301);
    assert.deepEqual(await statuses(hmac, 'right'), [400, 'HMAC expired']);
    assert.deepEqual(await statuses(hmac, 'right'), [404, 'Not Found']);
  });
});
