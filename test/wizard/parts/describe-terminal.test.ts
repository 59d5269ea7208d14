import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyColorChoice,
  type ColorLevel,
  describeTerminal,
  type TerminalDescription,
  type TerminalEnvironment,
  type TerminalWishes,
} from '../../../source/system/terminal.ts';

const tty = { stdin: { isTTY: true }, stderr: { isTTY: true, columns: 100, rows: 30 } };
const piped = { stdin: {}, stderr: {} };
const usual = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' };

const cases: [string, TerminalEnvironment, Partial<TerminalDescription>, TerminalWishes?][] = [
  [
    'a usual terminal',
    {},
    { interactive: true, cursorControl: true, color: 2, unicode: true, motion: true, columns: 100 },
  ],
  ['CI', { CI: 'true' }, { interactive: false }],
  ['CI=false', { CI: 'false' }, { interactive: true }],
  ['CI and --interactive', { CI: '1' }, { interactive: true }, { interactive: true }],
  ['--no-input', {}, { interactive: false }, { interactive: false }],
  [
    'dumb',
    { TERM: 'dumb' },
    { interactive: true, cursorControl: false, color: 0, unicode: false, motion: false },
  ],
  ['NO_COLOR', { NO_COLOR: '1' }, { color: 0 }],
  ['an empty NO_COLOR', { NO_COLOR: '' }, { color: 2 }],
  ['NO_COLOR over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '3' }, { color: 0 }],
  ['FORCE_COLOR', { FORCE_COLOR: '1', TERM: 'dumb' }, { color: 1 }],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, { color: 0 }],
  ['FORCE_COLOR without a value', { FORCE_COLOR: '' }, { color: 1 }],
  ['--color=never over FORCE_COLOR', { FORCE_COLOR: '3' }, { color: 0 }, { color: 'never' }],
  ['--color=always over NO_COLOR', { NO_COLOR: '1', TERM: 'vt100' }, { color: 1 }, { color: 'always' }],
  ['true colour', { COLORTERM: 'truecolor' }, { color: 3 }],
  ['LANG=C', { LANG: 'C' }, { unicode: false }],
  ['LC_ALL over LANG', { LC_ALL: 'C' }, { unicode: false }],
  ['an empty LC_ALL', { LC_ALL: '', LANG: 'de_DE.utf8' }, { unicode: true }],
  ['the Linux console', { TERM: 'linux' }, { unicode: false, color: 1 }],
  ['no animation', { DKP_AUTH_NO_ANIMATION: '1' }, { motion: false, links: false, cursorControl: true }],
];

for (const [name, env, expected, wishes] of cases) {
  test(name, () => {
    const found = describeTerminal({ ...usual, ...env }, tty, wishes, 'linux');
    assert.deepEqual({ ...found, ...expected }, found);
  });
}

test('pipes', () => {
  const found = describeTerminal(usual, piped, {}, 'linux');
  assert.deepEqual(found, {
    interactive: false,
    cursorControl: false,
    color: 0,
    unicode: true,
    motion: false,
    reflows: true,
    links: false,
    columns: 80,
    rows: 24,
  });
});

test('Windows speaks Unicode in its new terminal only', () => {
  assert.equal(describeTerminal({}, tty, {}, 'win32').unicode, false);
  assert.equal(describeTerminal({ WT_SESSION: 'x' }, tty, {}, 'win32').unicode, true);
});

test('the colour library is told one thing only', () => {
  for (const [level, expected] of [
    [2, { FORCE_COLOR: '2' }],
    [0, { FORCE_COLOR: '0', NO_COLOR: '1' }],
  ] as [ColorLevel, object][]) {
    const env: { FORCE_COLOR?: string; NO_COLOR?: string } = { NO_COLOR: '1' };
    applyColorChoice(level, env);
    assert.deepEqual(env, expected);
  }
});

const linking: [string, Record<string, string>, boolean][] = [
  ['a terminal that does not say who it is', {}, false],
  ['kitty', { TERM: 'xterm-kitty' }, true],
  ['WezTerm', { TERM_PROGRAM: 'WezTerm' }, true],
  ['GNOME Terminal', { VTE_VERSION: '7600' }, true],
  ['an old VTE', { VTE_VERSION: '4600' }, false],
  ['Windows Terminal', { WT_SESSION: '1' }, true],
  ['tmux 3.4 and later', { TMUX: '/tmp/t', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4' }, true],
  ['an older tmux', { TMUX: '/tmp/t', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.3a' }, false],
  ['screen inside kitty', { STY: '1.tty', TERM: 'xterm-kitty' }, false],
  ['TERM=dumb', { TERM: 'dumb', TERM_PROGRAM: 'WezTerm' }, false],
];
for (const [where, env, expected] of linking) {
  test(`links in ${where}: ${expected}`, () => {
    assert.equal(describeTerminal({ ...usual, ...env }, tty, {}, 'linux').links, expected);
  });
}

test('the Linux console, xterm itself and screen leave narrowed lines as they are', () => {
  const reflows = (env: Record<string, string>) =>
    describeTerminal({ ...usual, ...env }, tty, {}, 'linux').reflows;
  assert.equal(reflows({}), true);
  assert.equal(reflows({ TERM: 'linux' }), false);
  assert.equal(reflows({ XTERM_VERSION: 'XTerm(390)' }), false);
  assert.equal(reflows({ STY: '1.tty' }), false);
});
