import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inkColor, markColors, paint, theme } from '../../../source/wizard/parts/theme.ts';

/** Common backgrounds: xterm, VS Code, Solarized, Gruvbox, Nord, and their light sisters. */
const backgrounds = [
  '#000000',
  '#1e1e1e',
  '#002b36',
  '#282828',
  '#2e3440',
  '#ffffff',
  '#fdf6e3',
  '#fbf1c7',
  '#eeeeee',
];
/** WCAG 2.2, success criterion 1.4.11: graphics that help to understand. Text is in the terminal's own colours. */
const leastContrast = 3;

const levels = [0, 95, 135, 175, 215, 255];

/** The colour of a number from 16 to 231, the same in every terminal that has 256. */
function fixedColor(number: number): [number, number, number] {
  const index = number - 16;
  const level = (step: number) => levels[step] ?? 0;
  return [level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6)];
}

const fromHex = (hex: string) => [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance (WCAG 2.2). */
function luminance(color: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = color.map(value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

for (const [name, number] of Object.entries(markColors)) {
  test(`the mark "${name}" stands out from light and dark backgrounds`, () => {
    assert.ok(number >= 16 && number <= 231, 'a colour that no palette changes');
    for (const background of backgrounds) {
      const ratio = contrast(fixedColor(number), fromHex(background));
      assert.ok(ratio >= leastContrast, `${ratio.toFixed(2)} on ${background}`);
    }
  });
}

test('words have no colour of ours, so they are as readable as everything else in the terminal', () => {
  for (const style of Object.values(theme)) {
    assert.deepEqual(
      Object.keys(style).filter(key => !['bold', 'inverse', 'underline'].includes(key)),
      [],
    );
  }
});

test('where colours are whatever a palette makes of them, or none at all, nothing is coloured', () => {
  for (const level of [0, 1]) {
    assert.deepEqual(inkColor('bad', level), {});
    assert.equal(paint('good', 'x', level), 'x');
  }
  assert.equal(paint('good', 'x', 2), '\u001b[38;5;65mx\u001b[39m');
});
