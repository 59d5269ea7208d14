import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../source/errors.ts';
import type { ClusterAudience } from '../../../source/sign-in/issuer-client.ts';
import { stepsOf } from '../../../source/wizard/steps/order.ts';
import {
  answeredOf,
  issuerAnswers,
  linesOf,
  sampleCode,
  sampleToken,
  startWalk,
  type Walk,
  type WalkOptions,
  walkTo,
} from '../../helpers/wizard.ts';

const dexClient = (client: string): ClusterAudience => ({ kind: 'dex-client', client });
const audiences = { alpha: dexClient('alpha'), beta: dexClient('beta') };

function startAtIssuer({ answers, world, ...options }: WalkOptions = {}): Walk {
  return startWalk({
    ...options,
    answers: { issuer: issuerAnswers, ...answers },
    world: { issuerAudiences: audiences, ...world },
  });
}

function atLogin(options: WalkOptions = {}): Walk {
  return walkTo(startAtIssuer({ silent: ['issuerLogin'], ...options }), 'login');
}

const logins = (walk: Walk) => walk.effects.filter(({ kind }) => kind === 'issuerLogin').length;

describe('a login at the issuer', () => {
  test('needs no login link with a portal file, and asks for the clusters before it begins', () => {
    const walk = startAtIssuer({ silent: ['issuerLogin'] });
    assert.equal(walk.state.step, 'clusters');
    walk.press('space', 'down', 'space', 'enter');
    assert.equal(walk.state.step, 'login');
    assert.deepEqual(walk.latest('issuerLogin')?.audiences, [audiences.alpha, audiences.beta]);
    assert.equal(walk.latest('issuerLogin')?.way, 'device');
  });

  test('asks for the link where only a client is given', () => {
    const { portalFile: _, ...rest } = issuerAnswers;
    const walk = startAtIssuer({ answers: { issuer: { ...rest, clientId: 'dkp-auth' } } });
    assert.equal(walk.state.step, 'link');
    walkTo(walk, 'clusters');
    assert.equal(walk.latest('openTarget')?.link?.origin, 'https://dkp.example.com');
    assert.deepEqual(walk.latest('openTarget')?.trust, { kind: 'system' });
  });

  test('shows the code, and both addresses, each alone on a line', () => {
    const walk = atLogin();
    walk.answer({ type: 'deviceCode', code: sampleCode, opened: false });
    const lines = linesOf(walk);
    for (const line of [
      'ABCD-EFGH',
      'https://dkp.example.com/dex/device',
      'https://dkp.example.com/dex/device?user_code=ABCD-EFGH',
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });

  test('gives every chosen cluster its own token out of one session, with no question when', () => {
    const walk = walkTo(startAtIssuer(), 'review');
    walk.press('enter');
    const run = walk.latest('run');
    assert.equal(logins(walk), 1);
    assert.equal(walk.state.history.includes('time'), false);
    assert.equal(run?.tokens.size, 0);
    assert.equal(run?.account?.subject, 'ada');
    assert.equal(run?.options.signInTime, 'all');
    assert.equal(run?.options.issuerLogin?.client.clientId, 'dkp-auth');
    assert.deepEqual(
      run?.options.choices.map(({ signIn, audience }) => [signIn, audience]),
      [
        ['device', audiences.alpha],
        ['device', audiences.beta],
        ['device', { kind: 'shared' }],
      ],
    );
  });

  test('that left nothing to renew with serves the first cluster alone', () => {
    const walk = walkTo(startAtIssuer({ world: { renewable: false } }), 'review');
    walk.press('enter');
    const run = walk.latest('run');
    assert.deepEqual([...(run?.tokens.keys() ?? [])], ['alpha']);
    assert.equal(run?.account, undefined);
  });

  test('is not made again for clusters that it was for, and is for others', () => {
    const walk = startAtIssuer();
    walk.press('space', 'down', 'space', 'enter');
    assert.deepEqual([walk.state.step, logins(walk)], ['method', 1]);
    walk.press('escape', 'escape', 'space', 'enter');
    assert.equal(walk.state.step, 'login');
    walk.press('enter');
    assert.deepEqual(
      [walk.state.chosen.map(({ name }) => name), walk.state.step, logins(walk)],
      [['alpha'], 'method', 1],
    );
    const other = startAtIssuer();
    other.press('space', 'enter');
    other.press('escape', 'escape', 'down', 'space', 'enter');
    assert.deepEqual([other.state.chosen.length, logins(other)], [2, 2]);
  });

  test('whose session has ended by the time the tokens are asked for is made again with Enter', () => {
    const walk = walkTo(startAtIssuer({ silent: ['run'] }), 'run');
    walk.fail(new UserError('LOGIN_NEEDED', 'The login has ended.'));
    walk.press('enter');
    assert.deepEqual([logins(walk), walk.state.step], [2, 'method']);
    walkTo(walk, 'run');
    walk.fail();
    walk.press('enter');
    assert.deepEqual([logins(walk), walk.effects.filter(({ kind }) => kind === 'run').length], [2, 3]);
  });

  test('that failed is begun again with Enter or "n", and Escape leads to the clusters', () => {
    const walk = atLogin();
    walk.answer({ type: 'deviceCode', code: sampleCode, opened: false });
    walk.fail(new UserError('LOGIN_TIMEOUT', 'Nobody entered the code before it expired.'));
    assert.equal(walk.state.waiting, undefined);
    walk.press('enter');
    walk.type('n');
    assert.equal(logins(walk), 3);
    walk.press('escape');
    assert.deepEqual([walk.state.step, walk.effects.at(-1)?.kind], ['clusters', 'abort']);
  });

  test('an answer of the login before it comes too late', () => {
    const walk = atLogin();
    const { turn } = walk.state;
    walk.type('n');
    walk.dispatch({ type: 'loggedIn', token: sampleToken('ada'), renewable: true, turn });
    assert.equal(walk.state.step, 'login');
  });
});

describe('the list of ways', () => {
  test('opens on "w" while the login goes on, and Escape returns to it', () => {
    const walk = atLogin();
    walk.answer({ type: 'deviceCode', code: sampleCode, opened: false });
    walk.type('w');
    assert.deepEqual(
      walk.state.wayList?.items.map(({ id, detail, disabledReason }) => [id, detail ?? disabledReason]),
      [
        ['device', 'a code can be entered in any browser, on any machine'],
        ['browser', 'needs a browser on this machine'],
        ['paste', undefined],
        ['portal', 'the issuer does not offer it'],
      ],
    );
    walk.press('escape');
    assert.deepEqual([walk.state.wayList, walk.state.waiting?.kind, logins(walk)], [undefined, 'device', 1]);
  });

  test('goes away when the person signs in meanwhile', () => {
    const walk = atLogin();
    walk.type('w');
    walk.answer({ type: 'loggedIn', token: sampleToken('ada'), renewable: true });
    assert.deepEqual([walk.state.step, walk.state.wayList], ['method', undefined]);
  });

  test('begins the login anew by what is chosen', () => {
    const walk = atLogin();
    walk.type('w');
    walk.press('down', 'enter');
    assert.deepEqual([walk.latest('issuerLogin')?.way, walk.state.way], ['browser', 'browser']);
    walk.type('w');
    walk.press('down', 'enter');
    assert.equal(walk.latest('issuerLogin')?.way, 'paste');
    assert.equal(walk.effects.filter(({ kind }) => kind === 'abort').length, 3);
  });

  test('does nothing to a login that is chosen again', () => {
    const walk = atLogin();
    walk.type('w');
    walk.press('enter');
    assert.deepEqual([walk.state.wayList, logins(walk)], [undefined, 1]);
  });
});

describe('an address that is pasted back', () => {
  const url = new URL('https://dkp.example.com/dex/auth?state=3');
  const atPaste = () => {
    const ways = { way: 'paste', why: 'you asked for it', others: [] } as const;
    const walk = atLogin({ world: { ways, issuerAudiences: audiences } });
    walk.answer({ type: 'address', url, opened: false });
    return walk;
  };

  test('takes letters that mean something elsewhere', () => {
    const walk = atPaste();
    walk.type('cownq');
    assert.equal(walk.state.pasteField.value, 'cownq');
    assert.equal(walk.state.wayList, undefined);
  });

  test('is sent with Enter once, and a refused one makes room for the next', () => {
    const walk = atPaste();
    walk.press('enter');
    assert.equal(walk.latest('paste'), undefined);
    walk.paste('first');
    walk.press('enter', 'enter');
    walk.answer({ type: 'pasteRefused', error: new UserError('LOGIN_DENIED', 'It is another one.') });
    assert.equal(walk.state.problem?.message, 'It is another one.');
    walk.paste('second');
    walk.press('enter');
    assert.deepEqual(
      walk.effects.flatMap(effect => (effect.kind === 'paste' ? [effect.text] : [])),
      ['first', 'second'],
    );
  });

  test('opens the list of ways with Tab', () => {
    const walk = atPaste();
    walk.press('tab');
    assert.notEqual(walk.state.wayList, undefined);
  });
});

test('the answers so far stand in the order of their questions', () => {
  const walk = walkTo(startAtIssuer(), 'names');
  assert.deepEqual(
    answeredOf(walk).map(({ label }) => label),
    ['Identity provider', 'Clusters', 'Sign in', 'Kubeconfig'],
  );
  assert.equal(stepsOf(walk.state).indexOf('login') > stepsOf(walk.state).indexOf('clusters'), true);
});
