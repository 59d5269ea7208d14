import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'uqr';
import { Blocks } from '../../source/wizard/parts/blocks.tsx';
import { textWidth } from '../../source/wizard/parts/graphemes.ts';
import { asciiMarks, unicodeMarks } from '../../source/wizard/parts/marks.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { issuerAnswers, sampleCode, startWalk, type Walk, walkTo } from '../helpers/wizard.ts';
import { asciiLook, renderToFrame, stillLook } from '../terminal/harness/frames.tsx';

function atCode(): Walk {
  const walk = walkTo(startWalk({ answers: { issuer: issuerAnswers }, silent: ['issuerLogin'] }), 'login');
  walk.answer({ type: 'deviceCode', code: sampleCode, opened: false });
  return walk;
}

function screenOf({ state }: Walk, columns: number, rows: number, ascii = false): string[] {
  const width = columns - 1;
  const place = { width, rows: rows - 1, marks: ascii ? asciiMarks : unicodeMarks, demoHints: [] };
  const height = frameHeight(state, place);
  const look = ascii ? asciiLook : stillLook;
  return renderToFrame(<Blocks blocks={frameBlocks(state, place)} height={height} />, {
    columns: width,
    look,
  });
}

/** The modules as a phone sees them, light being what is drawn. */
function modulesIn(lines: readonly string[], ascii: boolean): boolean[][] {
  if (ascii) return lines.map(line => (line.match(/../g) ?? []).map(cell => cell !== '##'));
  return lines.flatMap(line => [
    [...line].map(cell => cell === ' ' || cell === '▄'),
    [...line].map(cell => cell === ' ' || cell === '▀'),
  ]);
}

describe('the screen of a one-time code', () => {
  for (const [columns, rows] of [
    [40, 12],
    [40, 24],
    [80, 24],
    [200, 50],
  ] as const) {
    test(`shows the code and the keys in ${columns} columns and ${rows} rows, and no more than fits`, () => {
      const screen = screenOf(atCode(), columns, rows);
      assert.ok(
        screen.some(line => line.trim() === [...sampleCode.userCode].join('\u00a0')),
        screen.join('\n'),
      );
      assert.ok(screen.some(line => line.includes('Waiting for you')));
      assert.ok(screen.at(-1)?.includes('Esc back'));
      assert.ok(screen.length < rows);
      assert.ok(screen.every(line => textWidth(line) < columns));
    });
  }

  test('warns of codes that somebody sent, and names the host', () => {
    const text = screenOf(atCode(), 80, 24).join(' ');
    assert.match(text, /page at dkp\.example\.com\. Never enter a code that somebody sent you\./);
  });

  for (const ascii of [false, true]) {
    test(`has a QR code that says the same address, in ${ascii ? 'letters' : 'half blocks'}`, () => {
      const walk = atCode();
      walk.type('q');
      const screen = screenOf(walk, 200, 60, ascii);
      const drawn = screen.filter(line => (ascii ? line.includes('####') : /[█▀▄]{2}/.test(line)));
      const url = sampleCode.verificationUriComplete?.href ?? '';
      const { data, size } = encode(url, { ecc: 'L', border: 2 });
      assert.deepEqual(modulesIn(drawn, ascii).slice(0, size), data);
      assert.ok(screen.some(line => line.trim() === [...sampleCode.userCode].join('\u00a0')));
    });
  }

  test('says how large a window the QR code needs, and does not offer it where it does not fit', () => {
    const walk = atCode();
    assert.ok(!screenOf(walk, 80, 15).join('\n').includes('QR'));
    walk.type('q');
    assert.match(
      screenOf(walk, 80, 15).join(' '),
      /The QR code needs a window of \d+ columns and \d+ rows\./,
    );
  });
});
