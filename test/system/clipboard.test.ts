import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clipboardSequence } from '../../source/system/clipboard.ts';

const text = 'https://dkp.example.com/dex/device?user_code=ABCD-EFGH';
const data = Buffer.from(text).toString('base64');
const osc52 = `\u001b]52;c;${data}\u0007`;

describe('asking the terminal to copy', () => {
  test('is OSC 52', () => {
    assert.equal(clipboardSequence(text, { TERM: 'xterm-256color' }), osc52);
  });

  test('goes to tmux itself, and through it with every escape doubled: which of the two it takes is its setting', () => {
    assert.equal(
      clipboardSequence(text, { TERM: 'tmux-256color', TMUX: '/tmp/tmux-1000/default,1,0' }),
      `${osc52}\u001bPtmux;\u001b${osc52}\u001b\\`,
    );
  });

  test('goes through screen in pieces that it takes', () => {
    const long = 'x'.repeat(900);
    const wrapped = clipboardSequence(long, { TERM: 'screen', STY: '1.pts' }) ?? '';
    const pieces = wrapped.split('\u001b\\').filter(piece => piece !== '');
    assert.ok(pieces.length > 3 && pieces.every(piece => piece.startsWith('\u001bP') && piece.length <= 256));
    assert.equal(
      pieces.map(piece => piece.slice(2)).join(''),
      `\u001b]52;c;${Buffer.from(long).toString('base64')}\u0007`,
    );
  });

  for (const term of [undefined, 'dumb', 'linux']) {
    test(`is not done where TERM is ${term}`, () => {
      assert.equal(clipboardSequence(text, { TERM: term }), undefined);
    });
  }

  test('is not done with more than terminals take', () => {
    assert.equal(clipboardSequence('x'.repeat(60_000), { TERM: 'xterm' }), undefined);
  });
});
