import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseLoginLink } from '../../../source/portal/login-link.ts';
import { parseProfileName } from '../../../source/profiles/profile-name.ts';
import { setText } from '../../../source/wizard/parts/text-field.ts';
import { faultFinder, nameFault, namesStep } from '../../../source/wizard/steps/names.ts';
import { account, sampleProfile } from '../../helpers/profiles.ts';
import {
  globalLink,
  sampleCluster,
  sampleToken,
  startWalk,
  type Walk,
  type WalkOptions,
  walkTo,
} from '../../helpers/wizard.ts';

const elsewhere = 'https://elsewhere.example.com:6443';
const taken = sampleProfile('prod', elsewhere, {
  cluster: { name: 'frankfurt', server: elsewhere, hostname: 'elsewhere.example.com' },
});
const one = { clusters: [sampleCluster('alpha')] };

function atNames(options: WalkOptions = {}): Walk {
  return walkTo(startWalk(options), 'names');
}

function retype(walk: Walk, name: string): void {
  walk.press('ctrl+u');
  walk.type(name);
}

function faultOf(walk: Walk, index = walk.state.activeName) {
  const row = walk.state.nameRows[index];
  return row && nameFault(walk.state, row);
}

const names = (walk: Walk) => walk.state.nameRows.map(({ field }) => field.value);

describe('a name that another cluster has', () => {
  test('is refused as it is typed, and says which cluster has it', () => {
    const walk = atNames({ profiles: [taken], world: one });
    retype(walk, 'pro');
    assert.equal(faultOf(walk), undefined);
    walk.type('d');
    assert.equal(faultOf(walk)?.message, `"prod" is taken by frankfurt (${elsewhere}).`);
    walk.type('2');
    assert.equal(faultOf(walk), undefined);
  });

  test('cannot be accepted: Enter does nothing', () => {
    const walk = atNames({ profiles: [taken], world: one });
    retype(walk, 'prod');
    const before = walk.state;
    walk.press('enter', 'enter');
    assert.deepEqual(walk.state, before);
    assert.equal(walk.latest('plan'), undefined);
  });

  test('comes with a free one, which Tab takes', () => {
    const walk = atNames({
      profiles: [taken, sampleProfile('prod-2', elsewhere), sampleProfile('alpha', elsewhere)],
      world: one,
    });
    assert.deepEqual(names(walk), ['alpha-2']);
    retype(walk, 'prod');
    assert.equal(faultOf(walk)?.free, 'prod-3');
    walk.press('tab');
    assert.deepEqual(names(walk), ['prod-3']);
    walk.press('enter');
    assert.equal(walk.state.step, 'review');
  });

  test('is refused whatever it is padded with', () => {
    const walk = atNames({ profiles: [taken], world: one });
    retype(walk, '  prod ');
    assert.match(faultOf(walk)?.message ?? '', /taken by frankfurt/);
  });

  test('is not proposed', () => {
    const walk = atNames({ profiles: [sampleProfile('alpha', elsewhere)], world: one });
    assert.deepEqual(names(walk), ['alpha-2']);
  });
});

describe('a name given twice in one run', () => {
  test('is refused in both rows until one of them changes', () => {
    const walk = atNames();
    retype(walk, 'beta');
    assert.equal(faultOf(walk, 0)?.message, '"beta" is the name for beta already.');
    assert.equal(faultOf(walk, 1)?.message, '"beta" is the name for alpha already.');
    walk.press('enter');
    assert.equal(walk.state.activeName, 0);
    walk.press('tab');
    assert.deepEqual(names(walk), ['alpha', 'beta', 'gamma']);
    assert.equal(faultOf(walk, 1), undefined);
  });

  test('stops the way on, and leads back to the row that is wrong', () => {
    const walk = atNames();
    retype(walk, 'gamma');
    walk.press('down', 'down', 'enter');
    assert.equal(walk.state.step, 'names');
    walk.press('up', 'up', 'tab', 'down', 'down', 'ctrl+u');
    walk.press('up', 'enter', 'enter');
    assert.equal(walk.state.step, 'names');
    assert.equal(walk.state.activeName, 2);
  });

  test('is not proposed beside what was typed for another cluster before', () => {
    const walk = walkTo(startWalk(), 'clusters');
    walk.press('space', 'enter');
    walkTo(walk, 'names');
    retype(walk, 'beta');
    while (walk.state.step !== 'clusters') walk.press('escape');
    walk.press('ctrl+a', 'enter');
    walkTo(walk, 'names');
    assert.deepEqual(names(walk), ['beta', 'beta-2', 'gamma']);
    assert.deepEqual(
      [0, 1, 2].map(row => faultOf(walk, row)),
      [undefined, undefined, undefined],
    );
  });
});

describe('a profile of the same cluster', () => {
  const { server } = sampleCluster('alpha');

  test('may be used again by its own account', () => {
    const walk = atNames({
      profiles: [sampleProfile('mine', server, { account: account('ada') })],
      world: one,
    });
    assert.deepEqual(names(walk), ['mine']);
    assert.equal(faultOf(walk), undefined);
  });

  test('is refused to another account, by its name', () => {
    const theirs = sampleProfile('theirs', server, { account: account('eve', 'eve@corp.example') });
    const walk = atNames({ profiles: [theirs], world: one });
    assert.deepEqual(names(walk), ['alpha']);
    retype(walk, 'theirs');
    assert.equal(faultOf(walk)?.message, '"theirs" belongs to another account: eve@corp.example.');
    walk.press('enter');
    assert.equal(walk.state.step, 'names');
    walk.press('tab', 'enter');
    assert.equal(walk.state.step, 'review');
  });

  test('without an account yet may be used by whoever signs in first', () => {
    const walk = atNames({ profiles: [sampleProfile('unclaimed', server)], world: one });
    assert.deepEqual(names(walk), ['unclaimed']);
    assert.equal(faultOf(walk), undefined);
  });
});

describe('what is no name', () => {
  for (const [typed, why, free] of [
    ['', 'is empty', 'alpha'],
    ['Prod', 'may hold a-z', 'prod'],
    ['../x', 'may hold a-z', 'x'],
    ['con', 'is reserved on Windows', 'alpha'],
    ['prоd', 'may hold a-z', 'pr-d'],
    ['a'.repeat(64), 'is longer than 63 characters', 'a'.repeat(63)],
  ] as const) {
    test(`${JSON.stringify(typed.slice(0, 12))} ${why}`, () => {
      const walk = atNames({ world: one });
      retype(walk, typed);
      assert.ok(faultOf(walk)?.message.startsWith(`The name ${why}`), faultOf(walk)?.message);
      assert.equal(faultOf(walk)?.free, free);
      walk.press('enter');
      assert.equal(walk.state.step, 'names');
    });
  }
});

describe('names from the command line', () => {
  const byCluster = (entries: Record<string, string>) => ({
    profiles: {
      byCluster: new Map(Object.entries(entries).map(([cluster, name]) => [cluster, parseProfileName(name)])),
    },
  });

  test('that name a taken profile are a problem on the screen, not a way past it', () => {
    const walk = startWalk({
      answers: {
        link: parseLoginLink(globalLink),
        method: '2',
        profiles: { single: parseProfileName('prod'), byCluster: new Map() },
      },
      profiles: [taken],
      world: one,
    });
    walkTo(walk, 'names');
    assert.equal(walk.state.problem?.code, 'PROFILE_TAKEN');
    walk.press('enter');
    assert.equal(walk.state.step, 'names');
  });

  test('fill their rows and leave the others to proposals', () => {
    const walk = atNames({ answers: byCluster({ beta: 'mine' }) });
    assert.deepEqual(names(walk), ['alpha', 'mine', 'gamma']);
  });

  test('for a cluster that is not chosen are a problem on the screen', () => {
    const walk = atNames({ answers: byCluster({ delta: 'mine' }) });
    assert.equal(walk.state.problem?.code, 'UNKNOWN_CLUSTER');
    walk.type('x');
    assert.equal(walk.state.problem, undefined);
  });
});

test('the token of the login goes to one profile whatever the names are', () => {
  const walk = atNames({ world: { token: sampleToken('ada') } });
  retype(walk, 'zeta');
  walk.press('enter', 'enter', 'enter', 'enter');
  assert.deepEqual(
    [...(walk.latest('run')?.tokens ?? [])].map(([name, { token }]) => [name, token]),
    [['zeta', 'token-of-ada']],
  );
});

describe('thousands of names', () => {
  /** How often the names were read while the last one was accepted: what a check of each against each would square. */
  function readsAtTheEnd(count: number): number {
    const clusters = Array.from({ length: count }, (_, index) => sampleCluster(`cluster-${index}`));
    const walk = atNames({ world: { clusters } });
    let reads = 0;
    const nameRows = walk.state.nameRows.map(row => ({
      ...row,
      field: new Proxy(row.field, {
        get(field, property) {
          if (property === 'value') reads += 1;
          return Reflect.get(field, property);
        },
      }),
    }));
    reads = 0;
    const state = { ...walk.state, nameRows, activeName: count - 1 };
    assert.equal(namesStep.key(state, { name: 'enter' })?.go, 'next');
    return reads;
  }

  test('are checked in the end with work that grows as they do', () => {
    const [few, many] = [readsAtTheEnd(500), readsAtTheEnd(5000)];
    assert.ok(many <= few * 11, `${few} reads for 500, ${many} for 5,000`);
  });

  test('are found faulty exactly where a single one would be', () => {
    const spoilt = [parseProfileName('delta')];
    const other = sampleProfile('gamma', 'https://gamma.example.com:6443');
    const walk = atNames({ profiles: [taken, other] });
    const tried = ['prod', 'gamma', 'delta', 'same', 'same', '', 'UPPER', 'fine', 'alpha', 'beta'];
    for (const first of tried)
      for (const second of tried) {
        const [one, two, ...rest] = walk.state.nameRows;
        assert.ok(one && two);
        const named = [
          { ...one, field: setText(one.field, first) },
          { ...two, field: setText(two.field, second) },
          ...rest,
        ];
        const state = { ...walk.state, spoilt, nameRows: named };
        const isFaulty = faultFinder(state);
        for (const row of named)
          assert.equal(isFaulty(row), nameFault(state, row) !== undefined, `${first}, ${second}`);
      }
  });
});
