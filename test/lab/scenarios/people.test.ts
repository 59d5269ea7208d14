import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNoToken, assertRefused } from '../../helpers/plain-output.ts';
import { jsonOf, runProgram, startProgram } from '../../helpers/program.ts';
import { assertDone, assertIs, deskAt, kubeconfigOf } from '../desk.ts';
import { portalNamed, userNamed } from '../harness.ts';
import { setScene } from '../scene.ts';
import { addressShown } from '../wizard.ts';

const scene = setScene();

const oneCluster = ['--cluster', 'stock-a', '--method', '2', '--profile', 'mine'];
type Outcome = { profiles: { signedIn: boolean; account: { label: string; groups: string[] } }[] };

for (const portalName of ['portal-stock', 'portal-older']) {
  describe(`at ${portalName}`, () => {
    for (const login of ['jane', 'ada@lab.example', '']) {
      const user = userNamed(login);
      test(`--idp ${user.connector} signs ${user.name} in, and the API server knows them`, async t => {
        const desk = await deskAt(t, scene.lab);
        const flags = [...oneCluster, '--idp', user.connector, '--json'];
        const ended = assertDone(
          await desk.login(portalNamed(scene.lab, portalName), flags, { person: scene.person, user }),
        );
        const [profile] = jsonOf<Outcome>(ended).profiles;
        assert.equal(profile?.signedIn, true);
        assert.equal(profile?.account.label, user.email);
        assert.deepEqual([...(profile?.account.groups ?? [])].sort(), [...user.groups].sort());
        assertIs(await desk.whoami([kubeconfigOf(desk, 'mine')]), user);
      });
    }
  });
}

test('whoever chooses at the page of Dex is signed in with what they chose', async t => {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-stock');
  const user = userNamed('ada@lab.example');
  const flags = ['--ca-file', portal.caFile, ...oneCluster, '--sign-in-later'];
  assertDone(await runProgram(['login', portal.loginLink, ...flags], { env: desk.env }));
  const kubectl = desk.kubectlInTerminal([kubeconfigOf(desk, 'mine'), 'auth', 'whoami']);
  const address = await addressShown(kubectl);
  assert.equal(new URL(address).searchParams.has('connector_id'), false);
  await scene.person.signIn(address, user);
  assert.deepEqual(await kubectl.exit, { code: 0 });
  assertIs(await desk.whoami([kubeconfigOf(desk, 'mine')]), user);
});

test('an identity provider that the platform does not have is refused with those it has', async t => {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-stock');
  const flags = ['--ca-file', portal.caFile, ...oneCluster, '--idp', 'saml'];
  const ended = await runProgram(['login', portal.loginLink, ...flags], { env: desk.env });
  assertRefused(ended, {
    exit: 2,
    message: /"saml"/,
    hint: /ldap \(Company directory\), local \(Email\), mock \(Mock\)/,
  });
  assert.deepEqual(await desk.files(), []);
});

test('a wrong password is told by the page, the login goes on waiting, and the right one ends it', async t => {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-stock');
  const john = userNamed('john');
  const flags = ['--ca-file', portal.caFile, ...oneCluster, '--idp', 'ldap'];
  const program = startProgram(['login', portal.loginLink, ...flags], { env: desk.env });
  const address = await program.address();
  assert.match(
    await scene.person.signIn(address, john, { password: 'wrong' }),
    /Invalid User name and password/,
  );
  assert.deepEqual(await desk.files(), []);
  await scene.person.signIn(address, john);
  assertDone(await program.ended);
  assertIs(await desk.whoami([kubeconfigOf(desk, 'mine')]), john);
});

test('after nothing but wrong passwords the login ends when its time is up, and nothing is stored', async t => {
  const desk = await deskAt(t, scene.lab);
  const flags = [...oneCluster, '--idp', 'ldap', '--timeout', '5'];
  const user = { ...userNamed('john'), password: 'wrong' };
  const ended = await desk.login(portalNamed(scene.lab, 'portal-stock'), flags, {
    person: scene.person,
    user,
  });
  assertNoToken(ended.stdout, ended.stderr);
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(
    ended.stderr,
    /^dkp-auth: Nobody signed in before the login expired\.\nBegin the login again\.$/m,
  );
  assert.deepEqual(await desk.files(), []);
});

test('whoever has no rights can sign in, and each API server says what they may not do', async t => {
  const desk = await deskAt(t, scene.lab);
  const eve = userNamed('eve');
  const flags = ['--all-clusters', '--idp', 'ldap', '--method', '2', '--yes', '--sign-in-now'];
  assertDone(
    await desk.login(portalNamed(scene.lab, 'portal-stock'), flags, {
      person: scene.person,
      user: eve,
      times: 2,
    }),
  );
  for (const profile of ['stock-a', 'stock-b']) {
    assertIs(await desk.whoami([kubeconfigOf(desk, profile)]), eve);
    const denied = await desk.kubectl([kubeconfigOf(desk, profile), 'get', 'pods', '--all-namespaces']);
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /Forbidden.*"eve@lab\.example" cannot list resource "pods"/);
  }
});
