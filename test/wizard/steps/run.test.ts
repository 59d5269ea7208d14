import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../source/errors.ts';
import { signInCount } from '../../../source/wizard/steps/review.ts';
import { isWritten } from '../../../source/wizard/steps/run.ts';
import {
  linesOf,
  pageOf,
  sampleCluster,
  sampleOutcome,
  startWalk,
  type Walk,
  type WalkOptions,
  walkTo,
} from '../../helpers/wizard.ts';

const url = new URL('https://dkp.example.com/dex/auth?state=3');

/** At the end of the questions, with everything that follows in the test's hands. */
function running(method: '1' | '2' | 'token', time: 'now' | 'later', options: WalkOptions = {}): Walk {
  const walk = walkTo(startWalk({ silent: ['run'], ...options }), 'method');
  walk.press(...(method === '1' ? [] : method === '2' ? (['down'] as const) : (['end'] as const)), 'enter');
  if (walk.state.step === 'time') walk.press(...(time === 'now' ? (['down'] as const) : []), 'enter');
  walkTo(walk, 'review');
  walk.press('enter');
  return walk;
}

function further(walk: Walk, index: number): void {
  const choice = walk.latest('run')?.options.choices[index] ?? assert.fail();
  walk.answer({ type: 'further', choice });
  const page = choice.signIn === 'page';
  walk.answer({ type: 'address', url: page ? pageOf(choice.cluster) : url, opened: false });
}

test('nothing runs before the review was accepted', () => {
  const walk = walkTo(startWalk({ silent: ['plan'] }), 'review');
  walk.press('enter');
  assert.equal(walk.latest('run'), undefined, 'there is nothing to accept yet');
  const ready = walkTo(startWalk(), 'review');
  assert.equal(ready.latest('run'), undefined);
  ready.press('enter');
  assert.ok(ready.latest('run'));
});

test('a plan that cannot be made is told and leads back', () => {
  const walk = walkTo(startWalk({ silent: ['plan'] }), 'review');
  walk.fail(new UserError('KUBECONFIG_CONFLICT', 'The file has an entry of that name.'));
  walk.press('enter');
  assert.deepEqual([walk.state.step, walk.latest('run')], ['review', undefined]);
  walk.press('escape');
  assert.equal(walk.state.step, 'names');
});

describe('logins for the other clusters', () => {
  test('come one after the other, counted, each with its own address', () => {
    const walk = running('1', 'now');
    further(walk, 1);
    assert.equal(walk.state.further?.choice.profile, 'beta');
    assert.deepEqual(signInCount(walk.state), { done: 1, all: 3 });
    assert.equal(linesOf(walk).at(-1), url.href);
    walk.answer({ type: 'furtherDone' });
    further(walk, 2);
    assert.deepEqual(signInCount(walk.state), { done: 2, all: 3 });
    walk.answer({ type: 'furtherDone' });
    walk.answer({ type: 'done', outcome: sampleOutcome(walk.latest('run') ?? assert.fail()) });
    assert.ok(walk.latest('exit')?.outcome);
  });

  test('are left for later with Escape, which does not go back: the files are written', () => {
    const walk = running('2', 'now');
    further(walk, 1);
    assert.equal(isWritten(walk.state), true);
    walk.press('escape');
    assert.deepEqual(walk.effects.at(-1), { kind: 'skipSignIn' });
    assert.equal(walk.state.step, 'run');
  });

  test('by page take a paste, and a refused one makes room', () => {
    const walk = running('1', 'now', { world: { audiences: { beta: ['beta'] } } });
    further(walk, 1);
    assert.equal(walk.state.further?.waiting.kind, 'page');
    walk.press('enter');
    assert.equal(walk.latest('paste'), undefined);
    walk.paste('first');
    walk.press('enter', 'enter');
    walk.answer({ type: 'pasteRefused', error: new UserError('TOKEN_INVALID', 'The token has expired.') });
    assert.deepEqual([walk.state.problem?.code, walk.state.pasteField.value], ['TOKEN_INVALID', '']);
    walk.paste('second');
    walk.press('enter');
    assert.deepEqual(
      walk.effects.filter(effect => effect.kind === 'paste').map(({ text }) => text),
      ['first', 'second'],
    );
  });
});

describe('a login without which nothing can be written', () => {
  test('of a cluster that takes its own tokens only is the first of one, and Escape goes back to the review', () => {
    const walk = running('1', 'now', {
      world: { clusters: [sampleCluster('alpha')], audiences: { alpha: ['alpha'] } },
    });
    assert.deepEqual([...(walk.latest('run')?.tokens ?? [])], []);
    further(walk, 0);
    assert.deepEqual(signInCount(walk.state), { done: 0, all: 1 });
    assert.equal(isWritten(walk.state), false);
    walk.press('escape');
    assert.deepEqual([walk.state.step, walk.effects.at(-1)?.kind], ['review', 'abort']);
    assert.equal(walk.state.further, undefined);
  });

  test('of the token method is not left for later either', () => {
    const walk = running('token', 'now');
    further(walk, 1);
    assert.deepEqual(signInCount(walk.state), { done: 1, all: 3 });
    walk.press('escape');
    assert.equal(walk.latest('skipSignIn'), undefined);
    assert.equal(walk.state.step, 'review');
  });
});

test('what went wrong is told; Enter tries again with the same options, Escape goes back', () => {
  const walk = running('1', 'later');
  walk.fail(new UserError('PROFILE_TAKEN', 'The profile name "alpha" is taken.'));
  assert.equal(walk.state.problem?.code, 'PROFILE_TAKEN');
  walk.press('enter');
  const runs = walk.effects.filter(effect => effect.kind === 'run');
  assert.deepEqual(runs[1]?.options, runs[0]?.options);
  walk.fail();
  walk.press('escape');
  assert.equal(walk.state.step, 'review');
});

test('while it writes, Escape does nothing', () => {
  const walk = running('1', 'later');
  const before = walk.state;
  walk.press('escape');
  assert.equal(walk.state, before);
});
