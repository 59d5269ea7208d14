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
  const isThere = (line: string) => new URL(line).pathname.startsWith(path);
  await wizard.waitFor(() => addresses(wizard).some(isThere));
  return addresses(wizard).findLast(isThere) ?? '';
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
  (await filesOf(wizard)).filter(file => file.startsWith('state/sessions/'));

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
    assert.equal(demo.requestsTo('portal', '/dex/auth').filter(({ path }) => path.includes('code_challenge')).length, 1);
  });

  test('signs in with a one-time code where there is no browser, and says why', async t => {
    const { wizard, demo } = await openAtLogin(t);
    await wizard.waitFor('By device: a code can be entered in any browser, on any machine.');
    const complete = await address(wizard, '/dex/device');
    const code = new URL(complete).searchParams.get('user_code') ?? '';
    assert.ok(wizard.logicalLines().includes(code), 'the code stands alone, to be copied');
    assert.ok(wizard.screen().some(line => line.trim() === [...code].join('\u00a0')), 'and large');
    await wizard.waitFor(/The code is good for \d+ (s|min)/);
    await demo.signIn(complete, demo.user('ada'));
    await finish(wizard);
    await assertTwoTokens(wizard);
  });
});
