import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { decodeJwt } from 'jose';
import type { Demo } from '../../../source/demo/index.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { type PortalFileOptions, writePortalFile } from '../../helpers/portal-file.ts';
import {
  endsWith,
  linesUnder,
  openWizard,
  temporaryDemo,
  type Wizard,
  type WizardOptions,
} from '../../helpers/wizard-terminal.ts';

type Test = Parameters<typeof temporaryHome>[0];

type IssuerOptions = WizardOptions & {
  readonly file?: PortalFileOptions;
  readonly flags?: readonly string[];
};

/** The wizard with a portal file for two clusters, both chosen, at its login. */
async function openAtLogin(
  t: Test,
  { file: fileOptions, flags = [], ...options }: IssuerOptions = {},
): Promise<{ wizard: Wizard; demo: Demo }> {
  const demo = await temporaryDemo(t, { deviceIntervalSeconds: 1 });
  const home = await temporaryHome(t);
  const file = await writePortalFile(demo, home, fileOptions);
  const args = ['login', '--portal-file', file, '--idp', 'corporate', '--credential-store', 'file', ...flags];
  const wizard = await openWizard(t, demo, { ...options, home, args });
  await wizard.at('clusters');
  await wizard.press('ctrl+a', 'enter');
  return { wizard, demo };
}

/** The bare lines with an address of the issuer, in their order. */
const addresses = (wizard: Wizard) =>
  wizard.logicalLines().filter(line => /^https:\/\/\S+\/dex\/\S+$/.test(line));

async function address(wizard: Wizard, path: string): Promise<string> {
  // Of a device login's two the one with the code in it.
  const isThere = (line: string) =>
    line.includes(path) && (!line.includes('device') || line.includes('user_code'));
  await wizard.waitFor(() => addresses(wizard).some(isThere));
  return addresses(wizard).findLast(isThere) ?? '';
}

/** The address that a browser on another machine ends on. */
async function endsOn(demo: Demo, address: string): Promise<string> {
  const { url } = await demo.signIn(address, demo.user('ada'), { stopAt: ({ port }) => port === '8000' });
  return url;
}

/** Goes on with what is proposed, to the end. */
async function finish(wizard: Wizard): Promise<void> {
  await wizard.at('method');
  await wizard.press('enter');
  await wizard.at('names');
  await wizard.press('enter', 'enter');
  await wizard.at('review');
  await wizard.press('enter');
  await endsWith(wizard, 0);
}

async function audienceOf({ home }: Wizard, profile: string): Promise<string[]> {
  const text = await fs.readFile(home.path('state', 'credentials', `${profile}.json`), 'utf8');
  return [decodeJwt((JSON.parse(text) as { token: string }).token).aud ?? []].flat();
}

const filesOf = async ({ home }: Wizard) => (await home.files()).filter(file => file !== 'portal.yaml');
const sessionsOf = async (wizard: Wizard) =>
  (await filesOf(wizard)).filter(file => /^state\/sessions\/.*\.json$/.test(file));

async function assertTwoTokens(wizard: Wizard): Promise<void> {
  assert.deepEqual(
    (await audienceOf(wizard, 'kubernetes-cluster')).includes('red-prod'),
    false,
    'the first token is not for the second cluster',
  );
  const second = await audienceOf(wizard, 'red-prod');
  assert.deepEqual([second.includes('red-prod'), second.includes('kube-apiserver')], [true, false]);
  assert.equal((await sessionsOf(wizard)).length, 1, 'one session serves both');
  assert.match(wizard.text(), /Isolated: none of these clusters accepts the token of another\./);
}

describe('the wizard at an issuer', { concurrency: 4 }, () => {
  test('signs in by browser once, and each cluster gets a token that the other rejects', async t => {
    const { wizard, demo } = await openAtLogin(t, { flags: ['--sign-in', 'browser'] });
    await wizard.waitFor('By browser: you asked for it.');
    const url = await address(wizard, '/dex/auth');
    assert.equal(new URL(url).searchParams.get('code_challenge_method'), 'S256');
    const page = await demo.signIn(url, demo.user('ada'));
    assert.match(page.body, /You are signed in/);
    await finish(wizard);
    await assertTwoTokens(wizard);
    const states = demo
      .requestsTo('portal', '/dex/auth')
      .filter(({ path }) => path.includes('code_challenge='))
      .map(({ path }) => new URL(path, url).searchParams.get('state'));
    assert.equal(new Set(states).size, 1, 'one login');
  });

  test('signs in with a one-time code where there is no browser, and says why', async t => {
    const { wizard, demo } = await openAtLogin(t);
    await wizard.waitFor('By device: a code can be entered in any browser, on any machine.');
    const complete = await address(wizard, '/dex/device');
    const code = new URL(complete).searchParams.get('user_code') ?? '';
    assert.ok(wizard.logicalLines().includes(code), 'the code stands alone, to be copied');
    assert.ok(
      wizard.screen().some(line => line.trim() === [...code].join('\u00a0')),
      'and large',
    );
    await wizard.waitFor(/The code is good for \d+ (s|min)/);
    await demo.signIn(complete, demo.user('ada'));
    await finish(wizard);
    await assertTwoTokens(wizard);
  });

  test('signs in with an address that is pasted back; a wrong one is told, and the next one counts', async t => {
    const { wizard, demo } = await openAtLogin(t, { flags: ['--sign-in', 'paste'] });
    await wizard.waitFor('Paste the address the browser ended on');
    const url = await endsOn(demo, await address(wizard, '/dex/auth'));
    assert.match(url, /^http:\/\/127\.0\.0\.1:8000\/callback\?/);
    const other = new URL(url);
    other.searchParams.set('state', 'another');
    wizard.paste(other.href);
    await wizard.waitFor('characters)');
    await wizard.press('enter');
    await wizard.waitFor('It is the answer to another login.');
    wizard.paste(url);
    await wizard.waitFor('characters)');
    await wizard.press('enter');
    await finish(wizard);
    await assertTwoTokens(wizard);
    const code = new URL(url).searchParams.get('code') ?? '';
    assert.ok(code !== '' && !wizard.rawOutput().includes(code), 'the code is never on the screen');
  });

  test('lists the ways and what each would need; Escape returns, and another way takes over', async t => {
    const { wizard, demo } = await openAtLogin(t);
    const complete = await address(wizard, '/dex/device');
    wizard.type('w');
    const list = (await wizard.waitFor('How do you want to sign in?')).join('\n');
    assert.match(list, /> 1 One-time code/);
    assert.match(list, /Browser on this machine\s+needs a browser on this machine/);
    assert.match(list, /Paste an address back/);
    await wizard.press('escape');
    await wizard.waitFor('Your one-time code:');
    wizard.type('w');
    await wizard.waitFor('How do you want to sign in?');
    await wizard.press('down', 'down', 'enter');
    await wizard.waitFor('Paste the address the browser ended on');
    await wizard.waitFor('By paste, as you chose.');
    await demo.signIn(complete, demo.user('ada'));
    const url = await endsOn(demo, await address(wizard, '/dex/auth'));
    wizard.send(`${url}\r`);
    await finish(wizard);
    await assertTwoTokens(wizard);
    assert.match(linesUnder(wizard, 'The same again without questions:')[0] ?? '', / --sign-in paste /);
  });

  test('a login that was refused is begun again with Enter', async t => {
    const { wizard, demo } = await openAtLogin(t, { flags: ['--sign-in', 'paste'] });
    await wizard.waitFor('Paste the address the browser ended on');
    const denied = new URL('http://127.0.0.1:8000/callback?error=access_denied');
    const first = await address(wizard, '/dex/auth');
    denied.searchParams.set('state', new URL(first).searchParams.get('state') ?? '');
    wizard.paste(denied.href);
    await wizard.waitFor('characters)');
    await wizard.press('enter');
    await wizard.waitFor('Enter try again');
    await wizard.press('enter');
    await wizard.waitFor(() => addresses(wizard).length === 2);
    await wizard.waitFor('Paste the address the browser ended on');
    const url = await endsOn(demo, addresses(wizard)[1] ?? '');
    wizard.paste(url);
    await wizard.waitFor('characters)');
    await wizard.press('enter');
    await wizard.at('method');
  });

  test('says that clusters without an audience of their own are not isolated, and what would help', async t => {
    const { wizard, demo } = await openAtLogin(t, { file: { audiences: false } });
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter', 'enter');
    const review = (await wizard.at('review')).join(' ').replace(/\s+/g, ' ');
    assert.match(
      review,
      /Separate tokens, but these clusters would accept each other's; .*dkp-auth admin dex-client/,
    );
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.match(wizard.text(), /Separate tokens, but these clusters would accept each other's/);
  });

  test('shows the QR code only where it fits', async t => {
    const { wizard } = await openAtLogin(t, { rows: 40 });
    await address(wizard, '/dex/device');
    await wizard.waitFor(/q QR/);
    wizard.type('q');
    const screen = await wizard.waitFor(/█▀+█|▄▀|█ ▄/);
    assert.ok(screen.filter(line => /[█▀▄]/.test(line)).length >= 15, screen.join('\n'));
    wizard.type('q');
    await wizard.waitFor(lines => !lines.some(line => /[█▀▄]/.test(line)));
    wizard.resize(80, 14);
    await wizard.waitFor(lines => !lines.some(line => /q QR/.test(line)));
    wizard.type('q');
    await wizard.waitFor(/The QR code needs a window of \d+ columns and \d+ rows\./);
  });

  test('asks the terminal to copy the address, which stands there as text as well', async t => {
    const { wizard } = await openAtLogin(t);
    const complete = await address(wizard, '/dex/device');
    wizard.type('c');
    await wizard.waitFor('The terminal was asked to copy the address');
    const data = Buffer.from(complete).toString('base64');
    assert.ok(wizard.rawOutput().includes(`\u001b]52;c;${data}\u0007`));
  });

  test('fits into 40 columns: code, address and keys', async t => {
    const { wizard, demo } = await openAtLogin(t, { columns: 40, rows: 24 });
    const complete = await address(wizard, '/dex/device');
    const screen = await wizard.waitFor(/^Enter |Esc back/);
    assert.ok(
      screen.some(line => line.includes('Your one-time code:')),
      screen.join('\n'),
    );
    assert.ok(screen.every(line => line.length <= 40));
    await demo.signIn(complete, demo.user('ada'));
    await finish(wizard);
    await assertTwoTokens(wizard);
  });

  for (const way of ['browser', 'device', 'paste'] as const) {
    test(`Ctrl+C while it waits by ${way} leaves nothing`, async t => {
      const { wizard } = await openAtLogin(t, { flags: ['--sign-in', way] });
      await address(wizard, '/dex/');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      assert.deepEqual(await filesOf(wizard), []);
    });
  }

  test('Ctrl+C after the login leaves no session: nothing was written that could use it', async t => {
    const { wizard, demo } = await openAtLogin(t);
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await wizard.at('method');
    assert.equal((await sessionsOf(wizard)).length, 1);
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
    assert.deepEqual(await sessionsOf(wizard), []);
  });

  test('Ctrl+C between the tokens of two clusters leaves what is written whole, with its session, and says so', async t => {
    const { wizard, demo } = await openAtLogin(t, { flags: ['--method', '2'] });
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await wizard.at('names');
    await wizard.press('enter', 'enter');
    await wizard.at('review');
    const asked = Promise.withResolvers<void>();
    let tokens = 0;
    demo.intercept(/^POST \/dex\/token/, () => {
      tokens += 1;
      if (tokens < 2) return false;
      asked.resolve();
      return true;
    });
    await wizard.press('enter');
    await asked.promise;
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
    assert.match(wizard.text(), /Written already: ~\/kube\/kubernetes-cluster\.yaml/);
    assert.equal((await sessionsOf(wizard)).length, 1);
  });

  test('a session that others use already stays when the person leaves', async t => {
    const { wizard, demo } = await openAtLogin(t);
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await finish(wizard);
    const file = wizard.home.path('portal.yaml');
    const args = ['login', '--portal-file', file, '--credential-store', 'file', '--all-clusters'];
    const again = await openWizard(t, demo, { home: wizard.home, args });
    await demo.signIn(await address(again, '/dex/device'), demo.user('ada'));
    await again.at('method');
    await again.press('ctrl+c');
    await endsWith(again, 130);
    assert.equal((await sessionsOf(again)).length, 1);
  });

  test('Escape goes back to the clusters, and forward again to a login for those chosen now', async t => {
    const { wizard, demo } = await openAtLogin(t);
    await address(wizard, '/dex/device');
    await wizard.press('escape');
    await wizard.at('clusters');
    await wizard.press('space', 'enter');
    const complete = () => addresses(wizard).filter(line => line.includes('user_code'));
    await wizard.waitFor(() => complete().length === 2);
    await demo.signIn(complete()[1] ?? '', demo.user('ada'));
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.deepEqual(
      (await filesOf(wizard)).filter(name => name.startsWith('state/credentials/')),
      ['state/credentials/red-prod.json'],
    );
  });

  test('a link and a client lead to the same: the platform tells the clusters, each one its audience', async t => {
    const demo = await temporaryDemo(t, { deviceIntervalSeconds: 1 });
    const { document } = demo;
    const wizard = await openWizard(t, demo, {
      args: [
        ...['login', document.loginLinks.global, '--client-id', document.clients.public, '--audience-scope'],
        ...['--idp', 'corporate', '--credential-store', 'file', '--method', '2', '--cluster', 'red-prod'],
      ],
    });
    await wizard.waitFor('Certificate');
    await wizard.at('trust');
    await wizard.press('down', 'enter');
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.equal((await audienceOf(wizard, 'red-prod')).includes('red-prod'), true);
  });

  test('writes plain tokens out of the one login, each for its own cluster', async t => {
    const { wizard, demo } = await openAtLogin(t, { flags: ['--method', 'token'] });
    await demo.signIn(await address(wizard, '/dex/device'), demo.user('ada'));
    await wizard.at('names');
    await wizard.press('enter', 'enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    for (const [name, other] of [
      ['kubernetes-cluster', 'red-prod'],
      ['red-prod', 'kube-apiserver'],
    ] as const) {
      const text = await fs.readFile(wizard.home.path('kube', `${name}.yaml`), 'utf8');
      const token = /token: (?<token>\S+)/.exec(text)?.groups?.['token'] ?? '';
      assert.equal([decodeJwt(token).aud].flat().includes(other), false);
    }
  });
});
