import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect } from '../../source/wizard/effects.ts';
import type { Step } from '../../source/wizard/steps/order.ts';
import { startWalk, walkTo } from '../helpers/wizard.ts';

const cases: [Step, Effect['kind']][] = [
  ['trust', 'inspect'],
  ['provider', 'connect'],
  ['login', 'signIn'],
  ['clusters', 'describe'],
];

for (const [step, effect] of cases) {
  test(`at ${step} a slow network is told of, and "r" tries again without losing the step`, () => {
    const walk = walkTo(startWalk({ silent: [effect] }), step);
    if (step === 'clusters') walk.press('ctrl+a', 'enter');
    const count = () => walk.effects.filter(({ kind }) => kind === effect).length;
    walk.type('r');
    assert.equal(count(), 1, 'before that, r is nothing');
    const { turn } = walk.state;
    walk.answer({ type: 'slow' });
    assert.equal(walk.state.isSlow, true);
    walk.type('r');
    assert.equal(count(), 2);
    assert.equal(walk.state.step, step);
    assert.equal(walk.state.isSlow, false);
    assert.ok(
      walk.effects.some(({ kind }) => kind === 'abort'),
      'what was under way stops',
    );
    walk.dispatch({ type: 'slow', turn });
    assert.equal(walk.state.isSlow, false, 'an earlier try says nothing any more');
  });
}

test('slowness that comes when nothing is awaited is no news', () => {
  const walk = walkTo(startWalk(), 'method');
  walk.answer({ type: 'slow' });
  assert.equal(walk.state.isSlow, false);
});

test('how many of the clusters are done is told while they are asked about', () => {
  const walk = walkTo(startWalk({ silent: ['describe'] }), 'clusters');
  walk.press('ctrl+a', 'enter');
  walk.answer({ type: 'progress', done: 2, all: 3 });
  assert.deepEqual(walk.state.progress, { done: 2, all: 3 });
  walk.answer({ type: 'described', audiences: new Map() });
  assert.equal(walk.state.progress, undefined);
});

test('clusters are probed while one chooses, and no longer', () => {
  const walk = walkTo(startWalk(), 'clusters');
  assert.equal(walk.latest('probe')?.clusters.length, 3);
  walk.answer({ type: 'probed', answers: new Map([['https://alpha.example.com:6443', false]]) });
  assert.equal(walk.state.reached.get('https://alpha.example.com:6443'), false);
  walk.press('ctrl+a', 'enter');
  assert.ok(walk.effects.some(({ kind }) => kind === 'stopProbing'));
  const back = walkTo(startWalk(), 'clusters');
  back.press('escape');
  assert.equal(back.effects.at(-1)?.kind, 'abort');
});

test('what was answered for a portal is offered first the next time', () => {
  const loginLink = 'https://dkp.example.com/token/landing/';
  const remembered = [
    {
      loginLink,
      lastUsed: 1,
      identityProvider: 'github',
      clusters: ['https://beta.example.com:6443', 'https://gone.example.com:6443'],
      method: '2' as const,
      signInTime: 'all' as const,
    },
    { loginLink: 'https://other.example.com/token/landing/', lastUsed: 2, identityProvider: 'corporate' },
  ];
  const walk = startWalk({ remembered });
  walk.press('enter', 'enter');
  assert.equal(walk.state.provider?.id, 'github', 'of this portal and no other');
  walk.press('enter');
  assert.deepEqual(
    walk.state.chosen.map(({ name }) => name),
    ['beta'],
  );
  walk.press('enter');
  assert.equal(walk.state.method, '2');
});
