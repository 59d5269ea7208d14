import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../source/errors.ts';
import { activeItem } from '../../../source/wizard/parts/select-list.ts';
import {
  globalLink,
  otherAuthority,
  startWalk,
  unknownAuthority,
  type Walk,
  walkTo,
} from '../../helpers/wizard.ts';

const world = { trust: unknownAuthority };

function atTrust(options: Parameters<typeof startWalk>[0] = { world }): Walk {
  const walk = startWalk(options);
  walk.type(globalLink);
  walk.press('enter');
  return walk;
}

describe('a certificate that nobody vouches for', () => {
  test('is asked about before anything else is sent, with "stop" as the first answer', () => {
    const walk = atTrust();
    assert.equal(walk.state.step, 'trust');
    assert.equal(activeItem(walk.state.trustList)?.id, 'stop');
    assert.equal(walk.latest('connect'), undefined);
    walk.press('enter');
    assert.deepEqual(walk.effects.at(-1), { kind: 'exit', outcome: undefined });
  });

  test('is trusted by choice, for this portal', () => {
    const walk = atTrust();
    walk.press('down', 'enter');
    const trust = walk.latest('connect')?.trust;
    assert.equal(trust?.kind === 'authority' && trust.pem.includes('sample'), true);
  });

  test('gives way to a CA file; a file that is none is said so and what was typed stays', () => {
    const walk = atTrust({ world, silent: ['readCa'] });
    walk.press('end', 'enter');
    walk.type('~/ca.pem');
    walk.press('enter');
    assert.deepEqual(walk.latest('readCa'), { kind: 'readCa', file: '~/ca.pem' });
    walk.fail(new UserError('CA_FILE_INVALID', 'There is no certificate in ca.pem.'));
    assert.equal(walk.state.problem?.code, 'CA_FILE_INVALID');
    assert.equal(walk.state.caField?.value, '~/ca.pem');
    walk.type('x');
    assert.equal(walk.state.problem, undefined);
    walk.press('backspace', 'enter');
    walk.answer({ type: 'caRead', trust: otherAuthority });
    assert.deepEqual(walk.latest('connect')?.trust, otherAuthority);
  });

  test('Escape leaves the file and comes back to the choice', () => {
    const walk = atTrust();
    walk.press('end', 'enter', 'escape');
    assert.deepEqual([walk.state.caField, walk.state.step], [undefined, 'trust']);
    walk.press('escape');
    assert.equal(walk.state.step, 'link');
  });

  test('trusted in another way afterwards, everything heard before is void', () => {
    const walk = walkTo(startWalk({ world }), 'names');
    assert.ok(walk.state.token);
    while (walk.state.step !== 'trust') walk.press('escape');
    walk.press('end', 'enter');
    walk.type('ca.pem');
    walk.press('enter');
    assert.equal(walk.state.step, 'provider');
    assert.deepEqual(walk.state.portal?.trust, otherAuthority);
    assert.equal(walk.effects.filter(({ kind }) => kind === 'connect').length, 2);
    assert.deepEqual([walk.state.token, walk.state.chosen, walk.state.nameRows], [undefined, [], []]);
  });

  test('trusted in the same way again, nothing is lost', () => {
    const walk = walkTo(startWalk({ world }), 'names');
    while (walk.state.step !== 'trust') walk.press('escape');
    walk.press('enter');
    assert.ok(walk.state.token);
    assert.equal(walk.effects.filter(({ kind }) => kind === 'connect').length, 1);
  });
});

test('a server that cannot be reached is told, and Enter tries again', () => {
  const walk = atTrust({ silent: ['inspect'] });
  walk.press('enter');
  assert.equal(
    walk.effects.filter(({ kind }) => kind === 'inspect').length,
    1,
    'Enter means nothing while it waits',
  );
  walk.fail();
  assert.equal(walk.state.problem?.code, 'NETWORK');
  assert.equal(walk.state.busy, undefined);
  walk.press('enter');
  assert.equal(walk.effects.filter(({ kind }) => kind === 'inspect').length, 2);
  assert.equal(walk.state.problem, undefined);
});
