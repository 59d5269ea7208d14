import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startProgram } from '../../helpers/program.ts';
import { assertDone, assertIs, deskAt, kubeconfigOf } from '../desk.ts';
import { portalNamed, serverNamed, userNamed, whoami } from '../harness.ts';
import { loginByPage } from '../page-paste.ts';
import { setScene } from '../scene.ts';

const scene = setScene();

const oneCluster = (name: string) => ['--cluster', name, '--method', '2', '--profile', name];

test("the portal's sign-in serves the cluster whose client it uses, and is refused for another that would refuse it", async t => {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-isolated');
  const signIn = { person: scene.person, user: userNamed('jane') };
  const byPortal = ['--idp', 'ldap', '--sign-in', 'portal'];
  const refused = await desk.login(portal, [...oneCluster('isolated-b'), ...byPortal], signIn);
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /meant for isolated-a, but this cluster accepts isolated-b/);
  assert.match(refused.stderr, /--sign-in page/);
  assert.deepEqual(await desk.files(), []);
  assertDone(await desk.login(portal, [...oneCluster('isolated-a'), ...byPortal], signIn));
  assertIs(await desk.whoami([kubeconfigOf(desk, 'isolated-a')]), signIn.user);
});

test('where nobody chose, a cluster that would refuse the tokens of the portal is signed in to at its page', async t => {
  const desk = await deskAt(t, scene.lab);
  const { loginLink, caFile } = portalNamed(scene.lab, 'portal-isolated');
  for (const [cluster, path] of [
    ['isolated-a', '/dex/auth'],
    ['isolated-b', '/token/login/isolated-b'],
  ] as const) {
    const args = ['login', loginLink, '--ca-file', caFile, ...oneCluster(cluster), '--idp', 'ldap'];
    const program = startProgram(args, { env: desk.env, input: 'open' });
    assert.equal(new URL(await program.address()).pathname, path);
    program.kill('SIGTERM');
    assert.equal((await program.ended).code, 143);
  }
  assert.deepEqual(await desk.files(), []);
});

test("a cluster's own page yields a token that serves this cluster, and no other would take it", async t => {
  const desk = await deskAt(t, scene.lab);
  const john = userNamed('john');
  const portal = portalNamed(scene.lab, 'portal-isolated');
  for (const name of ['isolated-a', 'isolated-b']) {
    assertDone(await loginByPage(desk, portal, name, { person: scene.person, user: john }));
    assertIs(await desk.whoami([kubeconfigOf(desk, name)]), john);
  }
  const { token } = JSON.parse(
    await readFile(desk.path('state', 'credentials', 'isolated-a.json'), 'utf8'),
  ) as { token: string };
  for (const other of ['isolated-b', 'stock-a'])
    assert.ok('error' in (await whoami(scene.lab, serverNamed(scene.lab, other), token)), other);
});
