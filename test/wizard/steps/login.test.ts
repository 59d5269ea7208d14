import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../source/errors.ts';
import { parseLoginLink } from '../../../source/portal/login-link.ts';
import {
  globalLink,
  linesOf,
  pageOf,
  sampleCluster,
  sampleToken,
  startWalk,
  type Walk,
  type WalkOptions,
  walkTo,
} from '../../helpers/wizard.ts';

const url = new URL('https://dkp.example.com/dex/auth?state=2');
const expired = new UserError('LOGIN_TIMEOUT', 'Nobody signed in before the login expired.');

function atLogin(options: WalkOptions = {}): Walk {
  return walkTo(startWalk({ silent: ['signIn', 'checkPaste'], ...options }), 'login');
}

describe('a login by browser', () => {
  test('shows its address alone on a line, and says when a browser was opened', () => {
    const walk = atLogin();
    assert.deepEqual(walk.state.waiting, { kind: 'starting' });
    walk.answer({ type: 'address', url, opened: false });
    assert.deepEqual(linesOf(walk), ['', 'Open this address in any browser:', url.href]);
    walk.type('n');
    walk.answer({ type: 'address', url, opened: true });
    assert.deepEqual(linesOf(walk).slice(3), [
      '',
      'A browser was opened.',
      'If it shows nothing, open this address:',
      url.href,
    ]);
  });

  test('opens the same address again on "o"', () => {
    const walk = atLogin();
    walk.type('o');
    assert.equal(walk.latest('openBrowser'), undefined);
    walk.answer({ type: 'address', url, opened: true });
    walk.type('o');
    assert.equal(walk.latest('openBrowser')?.url, url);
  });

  test('tells of trouble while it waits, and when it is over', () => {
    const walk = atLogin();
    walk.answer({ type: 'address', url, opened: false });
    walk.answer({ type: 'trouble', message: 'dkp.example.com does not answer.' });
    assert.equal(
      walk.state.waiting?.kind === 'portal' && walk.state.waiting.trouble,
      'dkp.example.com does not answer.',
    );
    walk.answer({ type: 'trouble', message: undefined });
    assert.equal(walk.state.waiting?.kind === 'portal' && walk.state.waiting.trouble, undefined);
  });

  for (const retry of ['enter', 'n'] as const) {
    test(`that was abandoned is begun again with ${retry}`, () => {
      const walk = atLogin();
      walk.answer({ type: 'address', url, opened: false });
      walk.fail(expired);
      assert.deepEqual([walk.state.problem?.code, walk.state.waiting], ['LOGIN_TIMEOUT', undefined]);
      if (retry === 'n') walk.type('n');
      else walk.press('enter');
      assert.equal(walk.effects.filter(({ kind }) => kind === 'signIn').length, 2);
      assert.equal(walk.state.problem, undefined);
      walk.answer({ type: 'signedIn', token: sampleToken('ada') });
      assert.equal(walk.state.step, 'clusters');
    });
  }

  test('goes back to the provider on Escape, and stops waiting', () => {
    const walk = atLogin();
    walk.answer({ type: 'address', url, opened: false });
    walk.press('escape');
    assert.deepEqual(
      [walk.state.step, walk.state.waiting, walk.effects.at(-1)?.kind],
      ['provider', undefined, 'abort'],
    );
  });
});

describe("a token from a cluster's page", () => {
  test('is asked for one cluster of many, which the person chooses', () => {
    const walk = atLogin();
    walk.type('p');
    walk.press('down', 'enter');
    assert.equal(walk.latest('openPage')?.cluster.name, 'beta');
    assert.deepEqual(linesOf(walk).slice(-2), [
      'Get a token here, in any browser:',
      pageOf(sampleCluster('beta')).href,
    ]);
    walk.paste('kubectl config set-credentials x --token=eyJ.a.b');
    walk.press('enter');
    assert.match(walk.latest('checkPaste')?.text ?? '', /eyJ\.a\.b/);
    walk.answer({ type: 'signedIn', token: sampleToken('ada', { audience: ['beta'] }) });
    assert.equal(walk.state.step, 'clusters');
    assert.deepEqual([...(walk.state.clusterSelect?.chosen ?? [])], ['https://beta.example.com:6443']);
  });

  test("is that cluster's, which comes first; every other one gets a page of its own", () => {
    const walk = atLogin();
    walk.type('p');
    walk.press('end', 'enter');
    walk.paste('eyJ.a.b');
    walk.press('enter');
    walk.answer({ type: 'signedIn', token: sampleToken('ada') });
    walk.press('ctrl+a', 'enter');
    walkTo(walk, 'review');
    walk.press('enter');
    const run = walk.latest('run');
    assert.deepEqual(
      run?.options.choices.map(({ profile, signIn }) => [profile, signIn]),
      [
        ['gamma', 'page'],
        ['alpha', 'page'],
        ['beta', 'page'],
      ],
    );
    assert.deepEqual([...(run?.tokens.keys() ?? [])], ['gamma']);
    assert.equal(run?.options.identityProvider, undefined);
  });

  test('that is refused makes room for the next one', () => {
    const walk = atLogin({ world: { clusters: [sampleCluster('alpha')] } });
    walk.type('p');
    walk.paste('first');
    walk.press('enter');
    assert.equal(walk.state.waiting?.kind === 'page' && walk.state.waiting.checking, true);
    walk.press('enter');
    walk.fail(new UserError('TOKEN_INVALID', 'The token has expired.'));
    assert.equal(walk.state.problem?.message, 'The token has expired.');
    assert.equal(walk.state.pasteField.value, '');
    walk.paste('second');
    assert.equal(walk.state.problem, undefined);
    walk.press('enter');
    assert.deepEqual(
      walk.effects.filter(effect => effect.kind === 'checkPaste').map(({ text }) => text),
      ['first', 'second'],
    );
  });

  test('is not checked while nothing was pasted', () => {
    const walk = atLogin({ world: { clusters: [sampleCluster('alpha')] } });
    walk.type('p');
    walk.press('enter');
    assert.equal(walk.latest('checkPaste'), undefined);
  });

  test('can be given up for the browser again: Escape leads from the page to the list and from there to the login', () => {
    const walk = atLogin();
    walk.type('p');
    walk.press('enter', 'escape');
    assert.deepEqual([walk.state.waiting, walk.state.step, walk.state.way], [undefined, 'login', 'page']);
    walk.press('escape');
    assert.deepEqual(
      [walk.state.way, walk.state.waiting?.kind, walk.state.step],
      ['portal', 'starting', 'login'],
    );
    assert.equal(walk.latest('signIn')?.provider, 'corporate');
    walk.press('escape');
    assert.equal(walk.state.step, 'provider');
  });

  test('can be given up with one cluster too, where there is no list', () => {
    const walk = atLogin({ world: { clusters: [sampleCluster('alpha')] } });
    walk.type('p');
    walk.press('escape');
    assert.deepEqual([walk.state.way, walk.state.waiting?.kind], ['portal', 'starting']);
  });

  test('asked for by flag, there is no browser to go back to', () => {
    const walk = startWalk({ answers: { signIn: 'page' } });
    walk.type(globalLink);
    walk.press('enter');
    assert.equal(walk.state.step, 'login');
    walk.press('escape');
    assert.equal(walk.state.step, 'link');
    assert.equal(walk.latest('signIn'), undefined);
  });

  test('whose page cannot be reached is told, and Enter tries again', () => {
    const walk = atLogin({
      answers: { link: parseLoginLink(globalLink), signIn: 'page', clusters: ['beta'] },
      silent: ['openPage'],
    });
    walk.fail();
    assert.equal(walk.state.problem?.code, 'NETWORK');
    walk.press('enter');
    assert.equal(walk.effects.filter(({ kind }) => kind === 'openPage').length, 2);
  });
});
