/**
 * Words are in the terminal's own colour always, bold or inverse at most: no other is readable on every background. The
 * few coloured marks repeat what words say.
 */
export const theme = {
  bad: { bold: true },
  warn: { bold: true },
  strong: { bold: true },
  active: { inverse: true },
  match: { underline: true },
} as const;

/**
 * Of the 240 fixed colours, those that stand out from light and from dark backgrounds alike. The first 16 are whatever
 * the person's palette makes of them, so a terminal that has no more gets none.
 */
export const markColors = { good: 65, bad: 196 } as const;
export type MarkColor = keyof typeof markColors;

const fewestColors = 2;

export const inkColor = (kind: MarkColor, level: number) =>
  level < fewestColors ? {} : { color: `ansi256(${markColors[kind]})` };

/** For text that does not go through Ink. */
export const paint = (kind: MarkColor, text: string, level: number) =>
  level < fewestColors ? text : `\u001b[38;5;${markColors[kind]}m${text}\u001b[39m`;
