import { textWidth } from './graphemes.ts';

/** A key and what it does; `short` stands in when there is little room. The most important come first. */
export type KeyHint = {
  readonly key: string;
  readonly does: string;
  readonly short?: string;
  /** There however narrow the window is. */
  readonly stays?: boolean;
};

const long = ({ key, does }: KeyHint) => `${key} ${does}`;
const short = ({ key, does, short: brief }: KeyHint) => `${key} ${brief ?? does}`.trimEnd();

/** As many hints as fit on one line: the last ones get short first, then they go; but never those that stay. */
export function footerText(hints: readonly KeyHint[], width: number, separator = ' · '): string {
  for (let kept = hints.length; kept >= 0; kept--) {
    const line = hints.map((hint, index) => (index < kept ? long(hint) : short(hint))).join(separator);
    if (textWidth(line) <= width) return line;
  }
  const staying = hints.filter(({ stays }) => stays);
  const last = staying.map(short);
  const kept: string[] = [];
  for (const hint of hints.filter(({ stays }) => !stays).map(short)) {
    if (textWidth([...kept, hint, ...last].join(separator)) > width) break;
    kept.push(hint);
  }
  const fits = (line: string) => textWidth(line) <= width;
  return [staying.map(long), last].map(end => [...kept, ...end].join(separator)).find(fits) ?? '';
}
