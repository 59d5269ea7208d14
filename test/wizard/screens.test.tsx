import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../source/errors.ts';
import { Blocks } from '../../source/wizard/parts/blocks.tsx';
import { textWidth } from '../../source/wizard/parts/graphemes.ts';
import { asciiMarks, unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { plainLine } from '../../source/wizard/steps/answered.ts';
import { steps } from '../../source/wizard/steps/order.ts';
import { texts } from '../../source/wizard/texts.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import {
  answeredOf,
  linesOf,
  sampleCluster,
  sampleToken,
  sampleWorld,
  startWalk,
  unknownAuthority,
  type Walk,
  walkTo,
} from '../helpers/wizard.ts';
import { asciiLook, renderToFrame, stillLook } from '../terminal/harness/frames.tsx';

const sizes = [
  [40, 10],
  [40, 12],
  [80, 24],
  [200, 50],
] as const;

/** What the live part shows in a window of this size. */
function screenOf(walk: Walk, [columns, rows]: readonly [number, number], ascii = false): string[] {
  const width = columns - 1;
  const place = { width, rows: rows - 1, marks: ascii ? asciiMarks : unicodeMarks, demoHints: [] };
  const blocks = frameBlocks(walk.state, place);
  const height = frameHeight(walk.state, place);
  return renderToFrame(<Blocks blocks={blocks} height={height} />, {
    columns: width,
    look: ascii ? asciiLook : stillLook,
  });
}

const longNames = {
  trust: unknownAuthority,
  clusters: [
    'production-europe-frankfurt-number-one',
    'beta',
    '東京都のクラスター',
    'delta',
    'epsilon',
    'zeta',
    'eta',
    'theta',
    'iota',
  ].map((name, index) =>
    sampleCluster(name, {
      server: `https://a1b2c3d4e5f6.${index}.elb.amazonaws.example.com:6443/dkp/api-server`,
    }),
  ),
  providers: [
    {
      id: 'corporate-directory-of-the-whole-organization',
      name: 'Corporate Directory of the Whole Organization',
    },
    { id: 'github', name: 'GitHub' },
  ],
  audiences: { beta: ['beta'] },
  token: sampleToken('ada', { groups: Array.from({ length: 50 }, (_, index) => `group-${index}`) }),
};

const problem = new UserError(
  'NETWORK',
  'The portal dkp.example.com does not answer: the connection was refused.',
  {
    hint: 'Check the network, the proxy (HTTPS_PROXY is not set) and the address, and try again.',
  },
);

/** Each step as it looks when one comes to it, and after something went wrong there. */
function everyScreen(): { name: string; walk: Walk }[] {
  return steps.flatMap(step => {
    const make = () =>
      walkTo(startWalk({ world: longNames, silent: step === 'login' ? ['signIn'] : ['run'] }), step);
    const wrong = make();
    wrong.fail(problem);
    return [
      { name: step, walk: make() },
      { name: `${step} with a problem`, walk: wrong },
    ];
  });
}

for (const size of sizes) {
  describe(`at ${size.join('x')}`, () => {
    test('every step fits into the window, in Unicode and in ASCII', () => {
      for (const { name, walk } of everyScreen()) {
        for (const ascii of [false, true]) {
          const frame = screenOf(walk, size, ascii);
          assert.ok(frame.length <= size[1] - 1, `${name}: ${frame.length} rows\n${frame.join('\n')}`);
          for (const line of frame) assert.ok(textWidth(line) < size[0], `${name}: ${line}`);
        }
      }
    });

    test('every step tells its keys, and a problem tells itself', () => {
      for (const { name, walk } of everyScreen()) {
        const text = screenOf(walk, size).join('\n');
        if (!name.startsWith('run'))
          assert.match(text.split('\n').at(-1) ?? '', /(Enter|Esc|Ctrl\+C) /, name);
        if (walk.state.problem) assert.match(text, /✗ The portal dkp\.example\.com does not/, name);
      }
    });

    test('the address of the active cluster can be read whole, beside it or below', () => {
      const walk = walkTo(startWalk({ world: longNames }), 'clusters');
      walk.press('down');
      const text = screenOf(walk, size)
        .map(line => line.trim())
        .join('');
      assert.ok(text.includes('https://a1b2c3d4e5f6.1.elb.amazonaws.example.com:6443/dkp/api-server'), text);
    });

    test('a taken name says so, and offers another', () => {
      const profiles = [sampleProfile('prod', 'https://elsewhere.example.com')];
      const walk = walkTo(startWalk({ profiles, world: { ...sampleWorld, ...longNames } }), 'names');
      walk.press('down', 'ctrl+u');
      walk.type('prod');
      const frame = screenOf(walk, size);
      const text = frame.map(line => line.trim()).join(' ');
      assert.match(text, /"prod" is taken by prod \(https:\/\/elsewhere\.example\.com\)\./);
      assert.match(text, /Free: beta \(Tab takes it\)/);
      assert.match(frame.at(-1) ?? '', /^Tab .*free name/);
      assert.match(text, /> ✗ beta +prod/);
    });

    test('the review tells how many logins follow', () => {
      const walk = walkTo(startWalk({ world: longNames }), 'time');
      walk.press('down', 'enter');
      walkTo(walk, 'review');
      const text = screenOf(walk, size).join(' ');
      assert.match(text, /\/home\/ada\/\.kube\/dkp-auth/);
      assert.match(text, /Then 8 more logins\./);
    });
  });
}

test('a longer list fills the window and no more', () => {
  const clusters = Array.from({ length: 60 }, (_, index) => sampleCluster(`cluster-${index}`));
  const walk = walkTo(startWalk({ world: { clusters } }), 'clusters');
  const frame = screenOf(walk, [80, 24]);
  assert.equal(frame.filter(line => line.includes('[ ]')).length, 14);
  assert.equal(frame.length, 23);
});

test('answers are short', () => {
  const walk = walkTo(startWalk({ silent: ['run'] }), 'time');
  walk.press('down', 'enter');
  walkTo(walk, 'review');
  assert.deepEqual(
    answeredOf(walk).map(line => plainLine(line, '✓')),
    [
      '✓ Login link: dkp.example.com (global)',
      '✓ Certificate: trusted by this machine',
      '✓ Identity provider: Corporate Directory',
      '✓ Sign in: ada@corp.example (employees)',
      '✓ Clusters: alpha, beta, gamma',
      '✓ Kubeconfig: Method 1',
      '✓ Other clusters: sign in now',
      '✓ Profile names: alpha, beta, gamma',
    ],
  );
});

test('keys that mean nothing are not offered', () => {
  const keysAt = (walk: Walk) => screenOf(walk, [80, 24]).at(-1);
  const walk = startWalk({ silent: ['inspect', 'signIn', 'run'] });
  assert.equal(keysAt(walk), 'Enter go on · Ctrl+C leave · ? help');
  walkTo(walk, 'trust');
  assert.equal(keysAt(walk), 'Esc back · Ctrl+C leave · ? help');
  const login = walkTo(startWalk({ silent: ['signIn', 'run'] }), 'login');
  const url = new URL('https://dkp.example.com/dex/auth');
  login.answer({ type: 'address', url, opened: false });
  assert.equal(keysAt(login), 'Esc back · p paste a token instead · q QR code · n new · Ctrl+C leave · ?');
  login.answer({ type: 'address', url, opened: true });
  assert.equal(keysAt(login), 'o open again · Esc back · p paste · q QR · n new · Ctrl+C leave · ?');
  login.answer({ type: 'signedIn', token: sampleToken('ada') });
  walkTo(login, 'run');
  assert.equal(keysAt(login), 'Ctrl+C leave · ? help');
});

test('the fingerprint of a certificate stands above the question, whole and alone on its line', () => {
  const walk = walkTo(startWalk({ world: longNames }), 'trust');
  const digits = (linesOf(walk).at(-1) ?? '').replaceAll(':', '').toLowerCase();
  assert.equal(
    digits,
    unknownAuthority.kind === 'unknown' && unknownAuthority.certificates.authority.fingerprint,
  );
});

test('"?" says above what a question is about, and everything that a small window has no room for', () => {
  for (const step of steps) {
    const walk = walkTo(
      startWalk({
        world: longNames,
        silent: ['run', 'signIn'].slice(0, step === 'login' ? 2 : 1) as ['run'],
      }),
      step,
    );
    walk.fail(problem);
    const before = walk.state.printed.length;
    walk.type('?');
    const text = walk.state.printed
      .slice(before)
      .map(line => plainLine(line, ''))
      .join('\n');
    assert.ok(text.includes(texts.help[step]), step);
    assert.match(text, /Ctrl\+C leave/);
    if (walk.state.problem !== undefined) {
      assert.ok(text.includes(problem.message), step);
      assert.ok(text.includes(problem.hint ?? ''), step);
    }
  }
});

test('"?" in an address is part of it', () => {
  const walk = startWalk();
  walk.type('dkp.example.com/?tenant-id=red');
  assert.equal(walk.state.linkField.value, 'dkp.example.com/?tenant-id=red');
});
