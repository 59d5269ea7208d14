import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { unusedPort } from '../../../source/demo/ports.ts';
import { assertDone, assertIs, kubeconfigOf } from '../desk.ts';
import { passwordGrant } from '../dex-login.ts';
import { userNamed } from '../harness.ts';
import { type IssuerDesk, isolated, issuerDeskAt } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';
import { addressShown } from '../wizard.ts';
import { issuerIds, type LabUser, publicClient } from '../world.ts';

const scene = setScene();

async function assertServes(desk: IssuerDesk, user: LabUser): Promise<void> {
  for (const name of isolated) assertIs(await desk.whoami([kubeconfigOf(desk, name)]), user);
}

for (const id of issuerIds) {
  // The older release takes no other loopback address from a public client.
  const host = id === 'dex-older' ? 'localhost' : '127.0.0.1';
  const redirect = id === 'dex-older' ? ['--redirect-host', 'localhost'] : [];

  describe(`one login at ${id} serves both clusters with kubectl`, () => {
    const john = userNamed('john');

    test('by browser: the person comes back to a page that promises nothing', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const program = desk.signIn('browser', ['--idp', 'ldap', ...redirect]);
      const address = await program.address();
      assert.equal(new URL(new URL(address).searchParams.get('redirect_uri') ?? '').hostname, host);
      const last = await scene.person.signIn(address, john);
      assert.match(last, /terminal/i);
      assertDone(await program.ended);
      await assertServes(desk, john);
    });

    test('by browser at a port of their own, with a provider chosen at the page', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const port = await unusedPort();
      const program = desk.signIn('browser', ['--listen', `127.0.0.1:${port}`, ...redirect]);
      const address = await program.address();
      assert.equal(new URL(new URL(address).searchParams.get('redirect_uri') ?? '').host, `${host}:${port}`);
      const ada = userNamed('ada@lab.example');
      await scene.person.signIn(address, ada);
      assertDone(await program.ended);
      await assertServes(desk, ada);
    });

    test('by device code', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const program = desk.signIn('device', []);
      const last = await scene.person.signIn(await program.address(2), john);
      assert.match(last, /Login Successful/);
      assertDone(await program.ended);
      await assertServes(desk, john);
    });

    test('by the address that a browser elsewhere ended on, pasted back', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const flags = ['--idp', 'ldap', ...redirect, '--listen', `127.0.0.1:${await unusedPort()}`];
      const terminal = desk.signInAtTerminal('paste', flags);
      const address = await addressShown(terminal);
      const redirectUri = new URL(address).searchParams.get('redirect_uri') ?? '';
      assert.equal(new URL(redirectUri).hostname, host);
      const end = await scene.person.signInAway(address, john, url => url.href.startsWith(redirectUri));
      await terminal.waitFor(/Paste the address/);
      terminal.paste(end);
      await terminal.press('enter');
      assert.deepEqual(await terminal.exit, { code: 0 });
      await assertServes(desk, john);
    });

    test('by password, and a wrong one is told and stores nothing', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const wrong = await desk.signInByPassword({ ...john, password: 'not-the-one' });
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /^dkp-auth: .*Invalid username or password/m);
      assert.doesNotMatch(wrong.stderr, /not-the-one/);
      assert.deepEqual(await desk.sessions(), []);
      assert.deepEqual(
        (await desk.files()).filter(file => /^(kube|config|state\/credentials)\//.test(file)),
        [],
      );
      assertDone(await desk.signInByPassword(john));
      await assertServes(desk, john);
    });

    test('by password at a terminal, which never shows it; Ctrl+C at the question stores nothing', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const left = desk.signInAtTerminal('password', []);
      await left.waitFor(/^User name: /m);
      await left.press('ctrl+c');
      assert.deepEqual(await left.exit, { code: 130 });
      assert.deepEqual(await desk.files(), ['portal.yaml']);
      const terminal = desk.signInAtTerminal('password', []);
      for (const [question, answer] of [
        [/^User name: /m, john.login],
        [/^Password: /m, john.password],
      ] as const) {
        await terminal.waitFor(question);
        terminal.type(answer);
        await terminal.press('enter');
      }
      assert.deepEqual(await terminal.exit, { code: 0 });
      assert.equal(terminal.rawOutput().includes(john.password), false);
      for (const { icanon, echo } of [await left.modes(), await terminal.modes()]) {
        assert.deepEqual({ icanon, echo }, { icanon: true, echo: true });
      }
      await assertServes(desk, john);
    });

    test('by the token of a CI system, from stdin, a file and a variable; each renewal takes it anew', async t => {
      const kilgore = userNamed('');
      const { idToken } = await passwordGrant(scene.lab, { issuer: id, user: john, client: publicClient });
      const desk = await issuerDeskAt(t, scene.lab, id);
      const file = desk.path('ci-token');
      await writeFile(file, `${idToken}\n`, { mode: 0o600 });
      const one = { cluster: 'isolated-a' } as const;
      const sources = [
        { flags: ['--subject-token-file', '-'], options: { ...one, input: idToken } },
        { flags: ['--subject-token-env', 'CI_TOKEN'], options: { ...one, env: { CI_TOKEN: idToken } } },
        { flags: ['--subject-token-file', file], options: {} },
      ];
      for (const { flags, options } of sources) {
        const program = desk.signIn('token-exchange', ['--idp', 'mock', ...flags], options);
        assertDone(await program.ended);
      }
      await assertServes(desk, kilgore);
      assert.deepEqual(await desk.sessions(), []);
      await desk.expire('isolated-b');
      assertIs(await desk.whoami([kubeconfigOf(desk, 'isolated-b')]), kilgore);
    });

    test('client credentials, which Dex does not have, are refused before anything is asked or stored', async t => {
      const desk = await issuerDeskAt(t, scene.lab, id);
      const secret = desk.path('secret');
      await writeFile(secret, 'peer-secret\n', { mode: 0o600 });
      const flags = ['--client-id', 'peer', '--client-secret-file', secret];
      const ended = await desk.signIn('client-credentials', flags).ended;
      assert.equal(ended.code, 1);
      assert.match(
        ended.stderr,
        /^dkp-auth: Sign-in by client-credentials is not possible here: the issuer does not offer client_credentials\.\n.*--sign-in/m,
      );
      assert.deepEqual(await desk.files(), ['portal.yaml', 'secret']);
    });
  });
}

test('the older Dex refuses a browser that would come back to 127.0.0.1, and says so to the person', async t => {
  const desk = await issuerDeskAt(t, scene.lab, 'dex-older');
  const program = desk.signIn('browser', ['--idp', 'ldap', '--timeout', '5']);
  const page = await scene.person.signIn(await program.address(), userNamed('john'));
  assert.match(page, /Unregistered redirect_uri/);
  const ended = await program.ended;
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /--redirect-host localhost/);
  assert.deepEqual(await desk.files(), ['portal.yaml']);
});
