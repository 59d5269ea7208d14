import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { assertNoToken, assertRefused } from '../../helpers/plain-output.ts';
import { cli, jsonOf, runProgram, startProgram } from '../../helpers/program.ts';
import { openTerminal } from '../../terminal/harness/terminal.ts';
import { assertDone, assertIs, type Desk, deskAt, kubeconfigOf, type Test } from '../desk.ts';
import { claimsOf } from '../dex-login.ts';
import type { LabPortal } from '../document.ts';
import { labDoes, portalNamed, programNamed, serverNamed, theLab, userNamed } from '../harness.ts';
import { proxyTo, type TcpProxy } from '../proxy.ts';
import { setScene } from '../scene.ts';
import { addressShown, chooseAllClusters, enterPortal } from '../wizard.ts';

const scene = setScene();
const john = userNamed('john');
const oneCluster = ['--cluster', 'stock-b', '--method', '2', '--profile', 'mine', '--idp', 'ldap'];
const config = (desk: Desk) => [kubeconfigOf(desk, 'mine')];

// A portal that was restarted has another authority, so it is looked at anew.
const portal = async () => portalNamed(await theLab(), 'portal-stock');
const login = async (desk: Desk, env: Record<string, string> = {}) =>
  desk.login(await portal(), oneCluster, { person: scene.person, user: john, env });

describe('a token that has run out', () => {
  test('is not given to kubectl; the command that is named instead brings the next', async t => {
    const desk = await deskAt(t, scene.lab);
    t.after(() => labDoes('restart', 'dex'));
    await labDoes('restart', 'dex', '--token-lifetime', '20s');
    assertDone(await login(desk));

    const result = await desk.kubectl([...config(desk), 'auth', 'whoami']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /dkp-auth: The profile "mine" needs a login\./);
    assert.match(result.stderr, /failed with exit code 3/);
    const ended = await runProgram(['token', '--profile', 'mine'], { env: desk.env });
    assertRefused(ended, { exit: 3, message: /needs a login/, hint: /Run: dkp-auth login / });
    assert.equal(ended.stdout, '');

    await labDoes('restart', 'dex');
    const [, command = ''] = /Run: dkp-auth (.*)$/m.exec(ended.stderr) ?? [];
    const again = startProgram(command.split(' '), { env: desk.env });
    await scene.person.signIn(await again.address(), john);
    assertDone(await again.ended);
    assertIs(await desk.whoami(config(desk)), john);
  });
});

describe('a clock that is wrong', () => {
  /** For our program and what it starts; the servers, the browser and kubectl itself keep the right time. */
  async function wrongClock(offset: string): Promise<Record<string, string>> {
    const faketime = programNamed(scene.lab, 'faketime').path;
    const { stdout } = await execa(faketime, ['-f', offset, 'printenv', 'LD_PRELOAD'], { timeout: 10_000 });
    return { LD_PRELOAD: stdout, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  }

  for (const [offset, seconds] of [
    ['+5m', 300],
    ['-5m', -300],
  ] as const) {
    test(`${offset}: login and kubectl work, and the expiry is the token's own`, async t => {
      const env = await wrongClock(offset);
      const now = await execa(process.execPath, ['--print', 'Date.now()'], { env, timeout: 10_000 });
      assert.ok(Math.abs(Number(now.stdout) - Date.now() - seconds * 1000) < 30_000, now.stdout);

      const desk = await deskAt(t, scene.lab);
      const flags = [...oneCluster, '--json'];
      const signsIn = { person: scene.person, user: john, env };
      const ended = assertDone(await desk.login(await portal(), flags, signsIn));
      const [profile] = jsonOf<{ profiles: { expiresAt: string }[] }>(ended).profiles;
      const { token } = JSON.parse(
        await readFile(desk.path('state', 'credentials', 'mine.json'), 'utf8'),
      ) as { token: string };
      assert.equal(Date.parse(profile?.expiresAt ?? '') / 1000, claimsOf(token)['exp']);
      assertIs(await desk.whoami(config(desk), { env }), john);
    });
  }
});

describe('Dex', () => {
  test('with new keys: the old token is refused by the API server, and the next login mends it', async t => {
    const desk = await deskAt(t, scene.lab);
    assertDone(await login(desk));
    assertIs(await desk.whoami(config(desk)), john);
    const servers = scene.lab.servers.map(server => server.name);
    await labDoes('restart', 'dex', ...servers, '--forget');
    const refused = await desk.kubectl([...config(desk), 'auth', 'whoami']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Unauthorized|must be logged in/);
    assertDone(await login(desk));
    assertIs(await desk.whoami(config(desk)), john);
  });

  test('down: a token that is there still serves, a login says who does not answer, and nothing is stored', async t => {
    const desk = await deskAt(t, scene.lab);
    assertDone(await login(desk));
    t.after(() => labDoes('start', 'dex'));
    await labDoes('stop', 'dex');
    assertIs(await desk.whoami(config(desk)), john);
    const empty = await deskAt(t, scene.lab);
    const { loginLink, caFile } = await portal();
    const args = ['login', loginLink, '--ca-file', caFile, ...oneCluster];
    const ended = await runProgram(args, { env: empty.env });
    const { host } = new URL(scene.lab.issuers.find(({ id }) => id === 'dex')?.issuer ?? '');
    assertRefused(ended, { exit: 1, message: new RegExp(`^Could not reach ${host}: nothing listens there`) });
    assert.deepEqual(await empty.files(), []);
  });
});

test('an API server that is down is not needed for a login, and kubectl says that it is down', async t => {
  const desk = await deskAt(t, scene.lab);
  t.after(() => labDoes('start', 'stock-b'));
  await labDoes('stop', 'stock-b');
  assertDone(await login(desk));
  const { host } = new URL(serverNamed(scene.lab, 'stock-b').server);
  const refused = await desk.kubectl([...config(desk), 'get', 'pods']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`${host} was refused`));
  await labDoes('start', 'stock-b');
  assertIs(await desk.whoami(config(desk)), john);
});

describe('a portal that is gone in the middle of a login', () => {
  async function behindProxy(t: Test): Promise<{ proxy: TcpProxy; proxied: LabPortal }> {
    const direct = await portal();
    const link = new URL(direct.loginLink);
    const proxy = await proxyTo(t, Number(link.port));
    link.port = String(proxy.port);
    return { proxy, proxied: { ...direct, loginLink: link.href } };
  }
  const start = (desk: Desk, { loginLink, caFile }: LabPortal, ...flags: string[]) =>
    startProgram(['login', loginLink, '--ca-file', caFile, ...oneCluster, ...flags], { env: desk.env });

  test('and comes back: the login says so, waits, and goes through', async t => {
    const desk = await deskAt(t, scene.lab);
    const { proxy, proxied } = await behindProxy(t);
    const program = start(desk, proxied);
    const address = await program.address();
    await proxy.cut();
    await program.saw(/^Still waiting: Could not reach 127\.0\.0\.1/m);
    await scene.person.signIn(address, john);
    assert.deepEqual(await desk.files(), []);
    await proxy.mend();
    assertDone(await program.ended);
    assertIs(await desk.whoami(config(desk)), john);
  });

  test('and comes back: the wizard shows the trouble as long as it lasts, and goes on', async t => {
    const desk = await deskAt(t, scene.lab);
    const { proxy, proxied } = await behindProxy(t);
    const env = { ...desk.env };
    const terminal = openTerminal(t, { command: process.execPath, args: [cli], env, columns: 100, rows: 40 });
    await enterPortal(terminal, proxied, john);
    const address = await addressShown(terminal);
    await proxy.cut();
    await terminal.waitFor('Could not reach 127.0.0.1');
    await proxy.mend();
    await terminal.waitFor(screen => !screen.some(line => line.includes('Could not reach')));
    await scene.person.signIn(address, john);
    await chooseAllClusters(terminal, { method: '1', others: 'later' });
    await terminal.press('enter');
    assert.deepEqual(await terminal.exit, { code: 0 });
  });

  test('and stays away: the trouble is told once, the login ends with it, and nothing is stored', async t => {
    const desk = await deskAt(t, scene.lab);
    const { proxy, proxied } = await behindProxy(t);
    const program = start(desk, proxied, '--timeout', '7');
    await program.address();
    await proxy.cut();
    const ended = await program.ended;
    assertNoToken(ended.stdout, ended.stderr);
    assert.equal(ended.code, 1);
    const troubles = ended.stderr.match(/^Still waiting: .*$/gm) ?? [];
    assert.ok(troubles.length > 0 && new Set(troubles).size === troubles.length, ended.stderr);
    assert.match(ended.stderr, /^dkp-auth: Could not reach 127\.0\.0\.1:\d+: nothing listens there\.$/m);
    assert.deepEqual(await desk.files(), []);
  });

  test('and comes back as another, with another certificate: the login ends, and nothing is stored', async t => {
    const desk = await deskAt(t, scene.lab);
    const program = start(desk, await portal());
    await program.address();
    await labDoes('restart', 'portal-stock');
    const ended = await program.ended;
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /^dkp-auth: The certificate of 127\.0\.0\.1:\d+ is not one to trust here/m);
    assert.deepEqual(await desk.files(), []);
    assertDone(await login(desk));
  });
});
