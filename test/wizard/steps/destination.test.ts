import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../source/errors.ts';
import { startWalk, type Walk, type WalkOptions, walkTo } from '../../helpers/wizard.ts';

const atReview = (options: WalkOptions = {}) => walkTo(startWalk(options), 'review');
/** What the last plan was asked for, and how many there were. */
const planned = ({ effects }: Walk) => {
  const plans = effects.filter(effect => effect.kind === 'plan');
  const { merge, onConflict } = plans.at(-1)?.options ?? assert.fail();
  return { count: plans.length, merge: merge === true, onConflict };
};
const conflict = new UserError('KUBECONFIG_CONFLICT', 'config already has a context "alpha".');

test('m merges into the kubeconfig of kubectl, and m again writes a file of its own', () => {
  const walk = atReview();
  assert.deepEqual(planned(walk), { count: 1, merge: false, onConflict: undefined });
  walk.type('m');
  assert.deepEqual(planned(walk), { count: 2, merge: true, onConflict: undefined });
  walk.type('m');
  assert.deepEqual(planned(walk), { count: 3, merge: false, onConflict: undefined });
  walk.type('m');
  walk.press('enter');
  assert.equal(walk.latest('run')?.options.merge, true);
});

test('m waits until a plan under way is there', () => {
  const walk = atReview({ silent: ['plan'] });
  walk.type('m');
  assert.deepEqual(planned(walk), { count: 1, merge: false, onConflict: undefined });
});

for (const [what, answers] of [
  ['--output', { output: '/home/ada/config' }],
  ['--merge', { merge: true }],
] as const) {
  test(`m does nothing where ${what} has said where`, () => {
    const walk = atReview({ answers });
    const before = planned(walk);
    walk.type('m');
    assert.deepEqual(planned(walk), before);
  });
}

for (const [key, way] of [
  ['r', 'rename'],
  ['o', 'replace'],
] as const) {
  test(`${key} answers a name that is taken, and plans again`, () => {
    const walk = atReview({ silent: ['plan'], answers: { merge: true } });
    walk.type(key);
    assert.equal(planned(walk).count, 1, 'nothing is taken yet');
    walk.fail(conflict);
    walk.type(key);
    assert.deepEqual(planned(walk), { count: 2, merge: true, onConflict: way });
    assert.equal(walk.state.problem, undefined);
  });

  test(`${key} is no answer to another problem`, () => {
    const walk = atReview({ silent: ['plan'], answers: { merge: true } });
    walk.fail(new UserError('KUBECONFIG_INVALID', 'config is not YAML.'));
    walk.type(key);
    assert.equal(planned(walk).count, 1);
  });
}

test('m after an answer to a name that was taken asks about it anew', () => {
  const walk = atReview({ silent: ['plan'] });
  walk.fail(conflict);
  walk.type('r');
  walk.fail(conflict);
  walk.type('m');
  assert.deepEqual(planned(walk), { count: 3, merge: true, onConflict: undefined });
});
