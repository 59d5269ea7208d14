import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoginLink } from '../../../source/portal/login-link.ts';
import { globalLink, sampleCluster, startWalk, walkTo } from '../../helpers/wizard.ts';

const link = parseLoginLink(globalLink);

test('at least one must be ticked', () => {
  const walk = walkTo(startWalk(), 'clusters');
  walk.press('enter');
  assert.equal(walk.state.step, 'clusters');
  assert.match(walk.state.problem?.message ?? '', /at least one/);
  walk.press('space', 'enter');
  assert.deepEqual(
    walk.state.chosen.map(({ name }) => name),
    ['alpha'],
  );
});

test('typing finds one, and what was ticked before stays', () => {
  const walk = walkTo(startWalk(), 'clusters');
  walk.press('space');
  walk.type('gam');
  walk.press('space', 'escape', 'enter');
  assert.deepEqual(
    walk.state.chosen.map(({ name }) => name),
    ['alpha', 'gamma'],
  );
});

test('one that cannot be used is shown with the reason and cannot be ticked', () => {
  const unusable = [
    {
      name: 'lost',
      hostname: 'lost.example.com',
      reason: 'the portal gives no https address of its API server',
    },
  ];
  const walk = walkTo(startWalk({ world: { unusable } }), 'clusters');
  const shown = walk.state.clusterSelect?.items.find(({ label }) => label === 'lost');
  assert.match(shown?.disabledReason ?? '', /no https address/);
  walk.press('end', 'space', 'ctrl+a', 'enter');
  assert.equal(
    walk.state.chosen.some(({ name }) => name === 'lost'),
    false,
  );
});

test('two of one name are two, told apart by their addresses', () => {
  const twins = [
    sampleCluster('prod', { nameIsUnique: false, server: 'https://red.example.com:6443' }),
    sampleCluster('prod', { nameIsUnique: false, server: 'https://blue.example.com:6443' }),
  ];
  const walk = walkTo(startWalk({ world: { clusters: twins } }), 'clusters');
  walk.press('down', 'space', 'enter');
  assert.deepEqual(
    walk.state.chosen.map(({ server }) => server),
    ['https://blue.example.com:6443'],
  );
});

test('a cluster named by flag that is not there is a problem, and the list is there to choose from', () => {
  const walk = startWalk({ answers: { link, identityProvider: 'corporate', clusters: ['delta'] } });
  assert.deepEqual([walk.state.step, walk.state.problem?.code], ['clusters', 'UNKNOWN_CLUSTER']);
  walk.press('space', 'enter');
  assert.equal(walk.state.step, 'method');
});

test('asking their pages can fail, and Enter tries again', () => {
  const walk = startWalk({
    answers: { link, identityProvider: 'corporate', clusters: 'all' },
    silent: ['describe'],
  });
  walk.fail();
  assert.equal(walk.state.problem?.code, 'NETWORK');
  walk.press('enter');
  assert.equal(walk.effects.filter(({ kind }) => kind === 'describe').length, 2);
});
