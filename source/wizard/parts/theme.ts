/**
 * The 16 ANSI colours only, so that the person's own palette applies; words and marks say the same without them.
 * No blue, yellow or dim: each is unreadable on one of the common backgrounds.
 */
export const theme = {
  good: { color: 'green' },
  bad: { color: 'red', bold: true },
  warn: { color: 'magenta', bold: true },
  accent: { color: 'cyan' },
  strong: { bold: true },
  active: { inverse: true },
  match: { underline: true },
} as const;
