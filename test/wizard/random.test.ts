import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../source/errors.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { isProfileName } from '../../source/profiles/profile-name.ts';
import type { Effect, EffectEvent } from '../../source/wizard/effects.ts';
import { layOut } from '../../source/wizard/parts/layout.ts';
import { unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { type Step, steps } from '../../source/wizard/steps/order.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { account, issuer, sampleProfile } from '../helpers/profiles.ts';
import { fc, seed } from '../helpers/seeded.ts';
import {
  answersOf,
  commonAudience,
  globalLink,
  sampleCluster,
  sampleToken,
  sampleWorld,
  startWalk,
  systemTrust,
  unknownAuthority,
  type Walk,
  type World,
  walkTo,
  workspaceLink,
} from '../helpers/wizard.ts';

const runs = 3000;
// The same walks each time; another seed is worth a try after a change.

/** Few names for many clusters: they collide all the time. */
const names = ['alpha', 'beta', 'prod', 'prod-2', 'con', 'x'];
const otherIssuer = 'https://other.example.com/dex';

const clusters = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...names),
    server: fc.constantFrom(...names),
    issuer: fc.constantFrom(issuer, issuer, otherIssuer),
  }),
  { minLength: 1, maxLength: 4, selector: ({ server }) => server },
);

const world: fc.Arbitrary<World> = fc.record({
  trust: fc.constantFrom(systemTrust, unknownAuthority),
  clusters: clusters.map(list =>
    list.map(({ name, server, issuer: ofCluster }) =>
      sampleCluster(name, {
        server: `https://${server}.example.com:6443`,
        issuer: ofCluster,
        nameIsUnique: list.filter(other => other.name === name).length === 1,
      }),
    ),
  ),
  unusable: fc.constantFrom([], [{ name: 'lost', hostname: 'lost', reason: 'no address' }]),
  providers: fc.subarray([...sampleWorld.providers], { minLength: 1 }),
  audiences: fc.dictionary(
    fc.constantFrom(...names),
    fc.constantFrom([commonAudience], ['its-own'], ['its-own', commonAudience]),
  ),
  token: fc
    .record({
      subject: fc.constantFrom('ada', 'eve'),
      audience: fc.constantFrom(commonAudience, 'its-own'),
      issuer: fc.constantFrom(issuer, issuer, otherIssuer),
    })
    .map(({ subject, audience, issuer: from }) =>
      sampleToken(subject, { audience: [audience], account: { issuer: from, subject, label: subject } }),
    ),
  ways: fc.constant(sampleWorld.ways),
  issuerAudiences: fc.constant({}),
  renewable: fc.boolean(),
});

const profiles: fc.Arbitrary<Profile[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('alpha', 'beta', 'prod', 'x'),
      server: fc.constantFrom(...names),
      owner: fc.constantFrom('ada', 'eve', undefined),
    }),
    { selector: ({ name }) => name },
  )
  .map(list =>
    list.map(({ name, server, owner }) =>
      sampleProfile(
        name,
        `https://${server}.example.com:6443`,
        owner === undefined ? {} : { account: account(owner) },
      ),
    ),
  );

type Act = (walk: Walk, world: World) => void;

const plainKeys = [
  'enter',
  'escape',
  'up',
  'down',
  'tab',
  'backtab',
  'end',
  'home',
  'backspace',
  'left',
  'ctrl+a',
  'ctrl+u',
  'space',
] as const;
const letters = ['p', 'n', 'o', 'd', 's', 'y', '1', '.', 'é'];
const events: readonly EffectEvent[] = [
  { type: 'failed', error: new UserError('NETWORK', 'No answer.') },
  { type: 'address', url: new URL('https://dkp.example.com/dex/auth'), opened: true },
  { type: 'trouble', message: 'No answer.' },
  { type: 'furtherDone' },
  { type: 'pasteRefused', error: new UserError('TOKEN_INVALID', 'No token.') },
];
const lateEvents: readonly EffectEvent[] = [
  ...events,
  { type: 'described', audiences: new Map() },
  { type: 'inspected', finding: systemTrust },
  { type: 'signedIn', token: sampleToken('eve') },
];

const keyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...plainKeys).map(key => (walk: Walk) => walk.press(key)),
  fc.constantFrom(...letters, ...names).map(text => (walk: Walk) => walk.type(text)),
  fc.constantFrom(...names).map(name => (walk: Walk) => retypeName(walk, name)),
  fc.constant((walk: Walk) => pasteFromPage(walk)),
  fc
    .constantFrom(globalLink, workspaceLink, 'eyJ.a.b', 'two\nlines')
    .map(text => (walk: Walk) => walk.paste(text)),
);
/** What the platform really answers to something under way, or that it fails, or a word out of turn. */
const answerAct: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: fc.constant((walk: Walk, at: World) => answerLatest(walk, at)), weight: 6 },
  { arbitrary: fc.constantFrom(...events).map(event => (walk: Walk) => walk.answer(event)), weight: 1 },
  {
    arbitrary: fc.record({ event: fc.constantFrom(...lateEvents), back: fc.integer({ min: 1, max: 5 }) }).map(
      ({ event, back }) =>
        (walk: Walk) =>
          walk.dispatch({ ...event, turn: walk.state.turn - back }),
    ),
    weight: 1,
  },
);
/** Straight on, so that the later questions are reached too. */
const onAct: fc.Arbitrary<Act> = fc
  .constantFrom(...steps.slice(3))
  .map(step => (walk: Walk) => walkOn(walk, step));
const acts = fc.array(
  fc.oneof(
    { arbitrary: keyAct, weight: 6 },
    { arbitrary: answerAct, weight: 3 },
    { arbitrary: onAct, weight: 2 },
  ),
  {
    maxLength: 40,
  },
);

function walkOn(walk: Walk, step: Step): void {
  try {
    walkTo(walk, step);
  } catch {
    // Something on the way has no answer yet.
  }
}

function retypeName(walk: Walk, name: string): void {
  if (walk.state.step !== 'names') walkOn(walk, 'names');
  walk.press('ctrl+u');
  walk.type(name);
}

function pasteFromPage(walk: Walk): void {
  if (walk.state.step !== 'login') return;
  walk.type('p');
  walk.press('down', 'enter');
  walk.paste('eyJ.a.b');
  walk.press('enter');
}

function answerLatest(walk: Walk, at: World): void {
  const effect = walk.effects.findLast(({ kind }) => kind !== 'abort');
  if (effect === undefined) return;
  if (effect.kind === 'run') {
    const choice = effect.options.choices.at(-1);
    if (choice !== undefined) walk.answer({ type: 'further', choice });
    return;
  }
  for (const event of answersOf(effect, at)) walk.answer(event);
}

const silences = fc.subarray([
  'inspect',
  'connect',
  'signIn',
  'openPage',
  'checkPaste',
  'describe',
  'plan',
] as const);

/** Plays acts and looks at every state and effect on the way. */
function play(
  check: (walk: Walk, newEffects: readonly Effect[], at: World, owners: readonly Profile[]) => void,
): void {
  fc.assert(
    fc.property(world, profiles, acts, silences, fc.boolean(), (at, owners, list, silent, pinned) => {
      const answers = pinned ? ({ signIn: 'page' } as const) : {};
      const walk = startWalk({ world: at, profiles: owners, answers, silent: [...silent, 'run'] });
      let seen = 0;
      for (const act of list) {
        act(walk, at);
        check(walk, walk.effects.slice(seen), at, owners);
        seen = walk.effects.length;
      }
    }),
    { numRuns: runs, seed },
  );
}

describe('whatever keys and answers come in whatever order', () => {
  test('the wizard goes on, and Ctrl+C always leaves', () => {
    const reached = new Set<string>();
    play(walk => {
      reached.add(walk.state.step);
      assert.ok(steps.includes(walk.state.step));
      assert.equal(
        new Set(walk.state.history).size,
        walk.state.history.length,
        'no question is asked twice at once',
      );
      assert.equal(walk.state.history.includes(walk.state.step), false);
    });
    assert.deepEqual([...reached].sort(), [...steps].sort(), 'the acts reach every step');
    play(walk => {
      const before = walk.effects.length;
      walk.press('ctrl+c');
      assert.deepEqual(walk.effects.slice(before), [{ kind: 'exit', outcome: undefined }]);
    });
  });

  test('a run has valid names, each once, and none that belongs to another cluster or account', () => {
    let count = 0;
    play((walk, effects, _, owners) => {
      for (const effect of effects) {
        if (effect.kind !== 'run') continue;
        count += 1;
        const { choices } = effect.options;
        assert.ok(choices.length > 0);
        assert.equal(choices.length, walk.state.chosen.length);
        assert.equal(
          new Set(choices.map(({ profile }) => profile)).size,
          choices.length,
          'a name is used twice',
        );
        assert.equal(new Set(choices.map(({ cluster }) => cluster.server)).size, choices.length);
        for (const { profile, cluster } of choices) {
          assert.ok(isProfileName(profile), profile);
          const owner = owners.find(({ name }) => name === profile);
          if (owner === undefined) continue;
          assert.equal(owner.cluster.server, cluster.server, `${profile} belongs to another cluster`);
          if (owner.account && walk.state.token)
            assert.equal(owner.account.subject, walk.state.token.account.subject);
        }
      }
    });
    assert.ok(count > 30, `only ${count} runs were reached`);
  });

  test("a run gives the login's token to one profile at most, and only to a cluster that takes it", () => {
    let given = 0;
    play((walk, effects) => {
      for (const effect of effects) {
        if (effect.kind !== 'run') continue;
        const { options, tokens } = effect;
        assert.ok(tokens.size <= 1, 'a token serves one profile');
        for (const [profile, token] of tokens) {
          given += 1;
          const choice =
            options.choices.find(each => each.profile === profile) ?? assert.fail('for a profile of the run');
          assert.equal(options.choices[0], choice, 'the one that is served comes first');
          assert.equal(token.account.issuer, choice.cluster.issuer);
          if (choice.signIn === 'page')
            assert.equal(choice.cluster, walk.state.pageCluster, "from that cluster's own page");
          else if (choice.audiences) assert.ok(choice.audiences.some(name => token.audience.includes(name)));
        }
      }
    });
    assert.ok(given > 10, `only ${given} tokens were given`);
  });

  test('an answer to an earlier question changes nothing', () => {
    play(walk => {
      for (const event of lateEvents) {
        const before = walk.state;
        walk.dispatch({ ...event, turn: before.turn - 1 });
        assert.equal(walk.state, before);
      }
    });
  });

  test('every state is drawn inside its window, with its keys', () => {
    play(walk => {
      for (const [width, rows] of [
        [39, 9],
        [79, 23],
      ] as const) {
        const place = { width, rows, marks: unicodeMarks, demoHints: [] };
        const blocks = frameBlocks(walk.state, place);
        const height = frameHeight(walk.state, place);
        const laidOut = layOut(blocks, height);
        assert.ok(laidOut.reduce((sum, each) => sum + each.rows, 0) <= height);
        assert.ok(laidOut.some(({ block }) => block.key === 'keys'));
        assert.equal(
          new Set(blocks.map(({ key }) => key)).size,
          blocks.length,
          'each block has a key of its own',
        );
      }
    });
  });
});
