import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SignInWay } from '../../source/profiles/profile.ts';
import { chooseWay, type Possibility, type Surroundings } from '../../source/sign-in/choose.ts';
import { type BrowserChoice, hasBrowser } from '../../source/system/browser.ts';

const offers = (...ways: SignInWay[]): Possibility[] => ways.map(way => ({ way, missing: undefined }));
const all = offers('portal', 'browser', 'device', 'paste');
const here = (changes: Partial<Surroundings>): Surroundings => ({
  browser: false,
  terminal: true,
  ...changes,
});

const table: [string, Possibility[], Surroundings, SignInWay | undefined][] = [
  ['a laptop with a browser', all, here({ browser: true }), 'browser'],
  ['over SSH', all, here({}), 'device'],
  ['a server without a display', all, here({}), 'device'],
  ['no terminal and no browser', all, here({ terminal: false }), 'device'],
  [
    'an issuer without device codes, behind a platform',
    offers('portal', 'browser', 'paste'),
    here({}),
    'portal',
  ],
  ['an issuer without device codes, alone', offers('browser', 'paste'), here({}), 'paste'],
  ['the same without a terminal', offers('browser', 'paste'), here({ terminal: false }), undefined],
  ['a stock platform with a browser', offers('portal'), here({ browser: true }), 'portal'],
  ['nothing for a person', [], here({ browser: true }), undefined],
];

describe('auto picks', () => {
  for (const [where, possible, surroundings, way] of table) {
    test(`${way ?? 'nothing'} for ${where}`, () => {
      const choice = chooseWay(possible, surroundings);
      assert.equal(choice?.way, way);
      if (choice !== undefined) assert.notEqual(choice.why, '');
    });
  }

  test('and says what every other way would need', () => {
    const possible: Possibility[] = [
      ...offers('device', 'paste'),
      { way: 'browser', missing: 'the issuer offers no S256' },
    ];
    const choice = chooseWay(possible, here({ terminal: false }));
    assert.equal(choice?.way, 'device');
    const others = new Map(choice?.others.map(({ way, needs }) => [way, needs]));
    assert.equal(others.get('browser'), 'the issuer offers no S256');
    assert.match(others.get('paste') ?? '', /terminal/);
  });
});

const linux: [string, BrowserChoice['env'], boolean][] = [
  ['DISPLAY', { DISPLAY: ':0' }, true],
  ['WAYLAND_DISPLAY', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['WSL', { WSL_DISTRO_NAME: 'Debian' }, true],
  ['BROWSER', { BROWSER: 'firefox' }, true],
  ['a text browser in BROWSER', { BROWSER: '/usr/bin/lynx', DISPLAY: ':0' }, false],
  ['a display forwarded through SSH', { DISPLAY: 'localhost:10.0', SSH_CONNECTION: 'a 1 b 2' }, false],
  ['SSH with a terminal', { SSH_TTY: '/dev/pts/1' }, false],
  ['nothing', {}, false],
];

describe('a browser that the person would see', () => {
  for (const [what, env, expected] of linux) {
    test(`${expected ? 'is there' : 'is not there'} with ${what}`, () => {
      assert.equal(hasBrowser({ env }), expected);
    });
  }
});
