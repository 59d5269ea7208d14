import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LoginAnswers } from '../../source/login/answers.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import type { EffectEvent } from '../../source/wizard/effects.ts';
import { type Step, steps } from '../../source/wizard/steps/order.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import {
  answeredOf,
  globalLink,
  sampleCluster,
  sampleOutcome,
  sampleToken,
  startWalk,
  systemTrust,
  unknownAuthority,
  type Walk,
  type WalkOptions,
  walkTo,
  workspaceLink,
} from '../helpers/wizard.ts';

const alpha = sampleCluster('alpha');
const onlyAlpha = { clusters: [alpha] };
const oneProvider = { providers: [{ id: 'corporate', name: 'Corporate Directory' }] };
const link = (text: string) => ({ link: parseLoginLink(text) });
const named = (byCluster: Record<string, string>): Pick<LoginAnswers, 'profiles'> => ({
  profiles: {
    byCluster: new Map(Object.entries(byCluster).map(([cluster, name]) => [cluster, parseProfileName(name)])),
  },
});

/** The questions that somebody was really asked on the way to the end. */
function asked(options: WalkOptions): { questions: Step[]; walk: Walk } {
  const walk = startWalk(options);
  walkTo(walk, 'review');
  walk.press('enter');
  return { questions: [...walk.state.history], walk };
}

type Case = { readonly name: string; readonly options: WalkOptions; readonly questions: readonly Step[] };

const cases: readonly Case[] = [
  {
    name: 'nothing is known: everything is asked',
    options: { world: { trust: unknownAuthority } },
    questions: ['link', 'trust', 'provider', 'login', 'clusters', 'method', 'time', 'names', 'review'],
  },
  {
    name: 'the system trusts the certificate: it is not asked about',
    options: { world: { trust: systemTrust } },
    questions: ['link', 'provider', 'login', 'clusters', 'method', 'time', 'names', 'review'],
  },
  {
    name: 'a single identity provider is not asked for',
    options: { world: oneProvider },
    questions: ['link', 'login', 'clusters', 'method', 'time', 'names', 'review'],
  },
  {
    name: 'a single cluster is not asked for, nor when to sign in to others',
    options: { world: onlyAlpha },
    questions: ['link', 'provider', 'login', 'method', 'names', 'review'],
  },
  {
    name: 'the link was given: it is not asked for',
    options: { answers: link(workspaceLink) },
    questions: ['provider', 'login', 'clusters', 'method', 'time', 'names', 'review'],
  },
  {
    name: 'a token that is written out is needed at once, so there is no question when',
    options: { answers: { ...link(globalLink), method: 'token' } },
    questions: ['provider', 'login', 'clusters', 'names', 'review'],
  },
  {
    name: 'every flag that answers a question saves it',
    options: {
      answers: {
        ...link(globalLink),
        identityProvider: 'github',
        clusters: ['alpha', 'beta'],
        method: '2',
        signInTime: 'all',
        ...named({ alpha: 'a', beta: 'b' }),
      },
    },
    questions: ['login', 'review'],
  },
  {
    name: 'no login now: nobody is sent to a browser',
    options: { answers: { ...link(globalLink), signInTime: 'none' } },
    questions: ['provider', 'clusters', 'method', 'names', 'review'],
  },
];

describe('which questions are asked', () => {
  for (const { name, options, questions } of cases) {
    test(name, () => {
      const { questions: found, walk } = asked(options);
      assert.deepEqual(found, questions);
      assert.equal(walk.latest('exit')?.outcome !== undefined, true);
    });
  }

  test('a sign-in by page begins with the page of the cluster that was named', () => {
    const walk = startWalk({
      answers: { ...link(globalLink), signIn: 'page', clusters: ['beta'] },
    });
    assert.equal(walk.state.step, 'login');
    assert.equal(walk.latest('openPage')?.cluster.name, 'beta');
    assert.equal(walk.latest('connect')?.withProviders, false);
    assert.equal(walk.latest('signIn'), undefined);
  });

  test('what was not asked is shown as answered', () => {
    const { walk } = asked({ world: { ...oneProvider, ...onlyAlpha } });
    assert.deepEqual(answeredOf(walk), [
      { label: 'Login link', value: 'dkp.example.com (global)' },
      { label: 'Certificate', value: 'trusted by this machine' },
      { label: 'Identity provider', value: 'Corporate Directory' },
      { label: 'Sign in', value: 'ada@corp.example (employees)' },
      { label: 'Clusters', value: 'alpha' },
      { label: 'Kubeconfig', value: 'Method 1' },
      { label: 'Profile names', value: 'alpha' },
    ]);
  });
});

describe('what comes out', () => {
  for (const [method, keys] of [
    ['1', []],
    ['2', ['down']],
    ['token', ['down', 'down']],
  ] as const) {
    for (const [address, workspace] of [
      [globalLink, undefined],
      [workspaceLink, 'team-red'],
    ] as const) {
      test(`method ${method} with the ${workspace ?? 'global'} link becomes plain options and one token`, () => {
        const walk = startWalk();
        walk.type(address);
        walkTo(walk, 'method');
        walk.press(...keys, 'enter');
        walkTo(walk, 'review');
        walk.press('enter');
        const run = walk.latest('run');
        assert.ok(run);
        const { options, tokens } = run;
        assert.equal(options.method, method);
        assert.equal(options.portal.link?.workspace, workspace);
        assert.equal(options.identityProvider, 'corporate');
        assert.equal(options.allClusters, true);
        assert.equal(options.signInTime, 'first');
        assert.deepEqual(
          options.choices.map(({ profile, cluster, signIn }) => [profile, cluster.name, signIn]),
          [
            ['alpha', 'alpha', 'portal'],
            ['beta', 'beta', 'portal'],
            ['gamma', 'gamma', 'portal'],
          ],
        );
        assert.deepEqual([...tokens.keys()], ['alpha']);
      });
    }
  }

  test('the login serves the first cluster whose tokens are of its kind, and that one comes first', () => {
    const walk = startWalk({ world: { audiences: { alpha: ['alpha'] } } });
    walkTo(walk, 'review');
    walk.press('enter');
    const run = walk.latest('run');
    assert.deepEqual(
      run?.options.choices.map(({ profile, signIn }) => [profile, signIn]),
      [
        ['beta', 'portal'],
        ['alpha', 'page'],
        ['gamma', 'portal'],
      ],
    );
    assert.deepEqual([...(run?.tokens.keys() ?? [])], ['beta']);
  });

  test('a token from another issuer than the cluster trusts serves nobody', () => {
    const elsewhere = sampleToken('ada');
    const walk = startWalk({
      world: { token: { ...elsewhere, account: { ...elsewhere.account, issuer: 'https://other.example' } } },
    });
    walkTo(walk, 'review');
    walk.press('enter');
    assert.deepEqual([...(walk.latest('run')?.tokens.keys() ?? ['none'])], []);
  });
});

describe('back and forth', () => {
  test('Escape goes through every question that was asked and the way forward leads to the same end', () => {
    const walk = startWalk({ world: { trust: unknownAuthority } });
    walk.type(workspaceLink);
    walk.press('enter', 'down', 'enter', 'down', 'enter');
    walk.press('down', 'space', 'down', 'space', 'enter');
    walk.press('down', 'enter', 'down', 'enter');
    walk.press('ctrl+u');
    walk.type('my-beta');
    walk.press('down', 'ctrl+u');
    walk.type('my-gamma');
    walk.press('enter');
    assert.equal(walk.state.step, 'review');
    const first = walk.latest('plan')?.options;

    const seen: Step[] = [];
    while (walk.state.history.length > 0) {
      walk.press('escape');
      seen.push(walk.state.step);
    }
    assert.deepEqual(seen, ['names', 'time', 'method', 'clusters', 'login', 'provider', 'trust', 'link']);
    assert.equal(walk.state.linkField.value, workspaceLink);

    for (const question of ['link', 'trust', 'provider', 'login', 'clusters', 'method', 'time']) {
      assert.equal(walk.state.step, question);
      walk.press('enter');
    }
    assert.deepEqual(
      walk.state.nameRows.map(({ field }) => field.value),
      ['my-beta', 'my-gamma'],
    );
    walk.press('enter', 'enter');
    const { portal: _, ...again } = walk.latest('plan')?.options ?? {};
    const { portal: __, ...before } = first ?? {};
    assert.deepEqual(again, before);
    assert.equal(walk.effects.filter(({ kind }) => kind === 'signIn').length, 1);
    assert.equal(walk.effects.filter(({ kind }) => kind === 'connect').length, 1);
  });

  test('what is under way stops when one goes back', () => {
    const walk = startWalk({ silent: ['connect'] });
    walk.type(globalLink);
    walk.press('enter');
    assert.equal(walk.state.step, 'provider');
    walk.press('escape');
    assert.equal(walk.state.step, 'link');
    assert.equal(walk.effects.at(-1)?.kind, 'abort');
  });

  test('another link forgets what the first one told, the same one does not', () => {
    const walk = walkTo(startWalk(), 'names');
    while (walk.state.step !== 'link') walk.press('escape');
    walk.press('enter');
    assert.equal(walk.state.token?.account.subject, 'ada');
    while (walk.state.step !== 'link') walk.press('escape');
    walk.press('ctrl+u');
    walk.type(workspaceLink);
    walk.press('enter');
    assert.equal(walk.effects.filter(({ kind }) => kind === 'connect').length, 2);
    assert.equal(walk.latest('connect')?.link.workspace, 'team-red');
    assert.deepEqual([walk.state.token, walk.state.chosen, walk.state.nameRows], [undefined, [], []]);
  });

  test('a wrong account is changed at the same provider: back to the login, and in again', () => {
    const walk = walkTo(startWalk(), 'clusters');
    walk.press('escape');
    assert.equal(walk.state.step, 'login');
    walk.press('down', 'enter');
    const logins = walk.effects.filter(effect => effect.kind === 'signIn');
    assert.deepEqual(
      logins.map(({ provider }) => provider),
      ['corporate', 'corporate'],
    );
    assert.equal(walk.state.step, 'clusters');
    walk.press('escape', 'enter');
    assert.equal(walk.state.step, 'clusters');
    assert.equal(walk.effects.filter(effect => effect.kind === 'signIn').length, 2, 'kept, not made again');
  });

  test('another provider is another account: the login begins anew', () => {
    const walk = walkTo(startWalk(), 'clusters');
    walk.press('escape', 'escape', 'down', 'enter');
    const logins = walk.effects.filter(effect => effect.kind === 'signIn');
    assert.deepEqual(
      logins.map(({ provider }) => provider),
      ['corporate', 'github'],
    );
  });
});

describe('answers that come too late', () => {
  const late: readonly {
    readonly step: Step;
    readonly silent: 'inspect' | 'connect' | 'signIn' | 'describe' | 'plan';
  }[] = [
    { step: 'trust', silent: 'inspect' },
    { step: 'provider', silent: 'connect' },
    { step: 'login', silent: 'signIn' },
    { step: 'clusters', silent: 'describe' },
    { step: 'review', silent: 'plan' },
  ];
  for (const { step, silent } of late) {
    test(`of ${silent} change nothing after Escape, nor does its failure`, () => {
      const walk = startWalk({ silent: [silent] });
      walkTo(walk, step);
      if (step === 'clusters') walk.press('ctrl+a', 'enter');
      assert.ok(walk.latest(silent), `${silent} is under way`);
      const { turn } = walk.state;
      walk.press('escape');
      const before = walk.state;
      const replies = startWalk();
      walkTo(replies, 'review');
      const events: EffectEvent[] = [
        { type: 'inspected', finding: systemTrust },
        { type: 'signedIn', token: sampleToken('eve') },
        { type: 'described', audiences: new Map() },
        { type: 'planned', plan: replies.state.plan ?? assert.fail() },
      ];
      for (const event of events) walk.dispatch({ ...event, turn });
      assert.equal(walk.state, before);
    });
  }

  test('a second login makes the answer of the first one void', () => {
    const walk = walkTo(startWalk({ silent: ['signIn'] }), 'login');
    const { turn } = walk.state;
    walk.type('n');
    walk.dispatch({ type: 'signedIn', token: sampleToken('eve'), turn });
    assert.equal(walk.state.token, undefined);
    walk.answer({ type: 'signedIn', token: sampleToken('ada') });
    assert.deepEqual(walk.state.token, sampleToken('ada'));
  });
});

describe('leaving', () => {
  for (const step of steps) {
    test(`Ctrl+C leaves at once from ${step}`, () => {
      const walk = walkTo(
        startWalk({ world: { trust: unknownAuthority }, silent: ['signIn', 'run'] }),
        step === 'link' ? 'link' : 'trust',
      );
      if (step !== 'link' && step !== 'trust') reach(walk, step);
      assert.equal(walk.state.step, step);
      walk.press('ctrl+c');
      assert.deepEqual(walk.effects.at(-1), { kind: 'exit', outcome: undefined });
    });
  }

  test('Escape at the first question asks, and only "y" leaves', () => {
    const walk = startWalk();
    walk.type('dkp');
    walk.press('escape');
    assert.equal(walk.state.leaving, true);
    walk.type('n');
    assert.deepEqual([walk.state.leaving, walk.state.linkField.value], [false, 'dkp']);
    walk.press('escape');
    walk.type('y');
    assert.deepEqual(walk.effects, [{ kind: 'exit', outcome: undefined }]);
  });

  test('the outcome of the run ends the wizard', () => {
    const walk = walkTo(startWalk({ silent: ['run'] }), 'review');
    walk.press('enter');
    const run = walk.latest('run') ?? assert.fail();
    walk.answer({ type: 'done', outcome: sampleOutcome(run) });
    assert.equal(walk.latest('exit')?.outcome?.options, run.options);
  });
});

function reach(walk: Walk, step: Step): void {
  const answerLogin = () => walk.answer({ type: 'signedIn', token: sampleToken('ada') });
  while (walk.state.step !== step) {
    if (walk.state.step === 'login') answerLogin();
    else walkTo(walk, steps[steps.indexOf(walk.state.step) + 1] ?? 'run');
  }
}

test('a profile of the same cluster and account is proposed again', () => {
  const profiles = [
    sampleProfile('my-alpha', alpha.server, { account: sampleToken('ada').account }),
    sampleProfile('beta', 'https://elsewhere.example.com'),
  ];
  const walk = walkTo(startWalk({ profiles }), 'names');
  assert.deepEqual(
    walk.state.nameRows.map(({ field }) => field.value),
    ['my-alpha', 'beta-2', 'gamma'],
  );
});
