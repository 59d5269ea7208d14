import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer } from '../../../source/wizard/plain/answer.ts';
import type { Step } from '../../../source/wizard/steps/order.ts';
import { sampleProfile } from '../../helpers/profiles.ts';
import { startWalk, type Walk, type WalkOptions, walkTo } from '../../helpers/wizard.ts';

const at = (step: Step, options: WalkOptions = {}) => walkTo(startWalk(options), step);

/** Gives a line to the wizard, as the front end does. */
function say(walk: Walk, line: string): string {
  const reading = readAnswer(walk.state, line);
  if (reading.kind === 'keys') for (const key of reading.keys) walk.dispatch({ type: 'key', key });
  return reading.kind;
}

test('a single choice is made by its number, by a part of its name, or by an empty line', () => {
  for (const [line, provider] of [
    ['2', 'github'],
    ['git', 'github'],
    ['GitHub', 'github'],
    ['', 'corporate'],
    [' 1 ', 'corporate'],
  ] as const) {
    const walk = at('provider');
    say(walk, line);
    assert.equal(walk.state.provider?.id, provider, line);
  }
});

test('several are chosen by numbers, names or "all"', () => {
  for (const [line, names] of [
    ['1 3', ['alpha', 'gamma']],
    ['3,1', ['alpha', 'gamma']],
    ['all', ['alpha', 'beta', 'gamma']],
    ['bet', ['beta']],
  ] as const) {
    const walk = at('clusters');
    say(walk, line);
    assert.deepEqual(
      walk.state.chosen.map(({ name }) => name),
      names,
      line,
    );
  }
});

test('a part that several names have lists them, and what nothing is called does nothing', () => {
  const walk = at('clusters');
  const reading = readAnswer(walk.state, 'a');
  assert.deepEqual(reading, { kind: 'found', places: [0, 1, 2] });
  assert.equal(readAnswer(walk.state, 'zzz').kind, 'nothing');
  assert.equal(readAnswer(walk.state, '9').kind, 'nothing');
  assert.equal(readAnswer(at('provider').state, '1 2').kind, 'nothing');
});

test('a number is a number first, and a part of a name where there is no such number', () => {
  const clusters = ['prod-7', 'lab'].map(name => ({ name }));
  const walk = at('clusters', {
    world: {
      clusters: clusters.map(({ name }) => ({
        name,
        nameIsUnique: true,
        hostname: name,
        server: `https://${name}.example.com`,
        ca: undefined,
        issuer: 'https://dkp.example.com/dex',
      })),
    },
  });
  say(walk, '7');
  assert.deepEqual(
    walk.state.chosen.map(({ name }) => name),
    ['prod-7'],
  );
});

test('a text replaces what was proposed, an empty line takes it, and of a taken name the free one', () => {
  const profiles = [sampleProfile('alpha', 'https://elsewhere.example.com')];
  const walk = at('names', { profiles });
  say(walk, 'mine');
  assert.equal(walk.state.nameRows[0]?.field.value, 'mine');
  assert.equal(walk.state.activeName, 1);
  say(walk, 'alpha');
  assert.equal(walk.state.activeName, 1, 'a taken name is not accepted');
  say(walk, '');
  assert.equal(walk.state.activeName, 2);
  const [, second] = walk.state.nameRows;
  assert.notEqual(second?.field.value, 'alpha');
  say(walk, '');
  assert.equal(walk.state.step, 'review');
});

test('"<" goes back, "!" leaves, "?" explains', () => {
  const walk = at('method');
  say(walk, '<');
  assert.equal(walk.state.step, 'clusters');
  const before = walk.state.printed.length;
  say(walk, '?');
  assert.ok(walk.state.printed.length > before);
  say(walk, '!');
  assert.deepEqual(walk.effects.at(-1), { kind: 'exit', outcome: undefined });
});
