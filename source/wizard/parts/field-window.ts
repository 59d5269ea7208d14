import { graphemes, textWidth } from './graphemes.ts';

/** What is shown of a line, and the column of the cursor in it. */
export type FieldWindow = { readonly text: string; readonly cursor: number };

/** Scrolls a line sideways so that the cursor stays inside `width` columns, one of them for the cursor itself. */
export function fieldWindow(value: string, cursor: number, width: number): FieldWindow {
  const left = graphemes(value.slice(0, cursor));
  const [under = '', ...right] = graphemes(value.slice(cursor));
  let used = Math.max(1, textWidth(under));
  // Text behind the cursor gives way first, but a third of the field stays for it.
  const reserved = Math.min(textWidth(right.join('')), Math.floor(width / 3));
  const kept: string[] = [];
  for (const character of left.reverse()) {
    if (used + textWidth(character) + reserved > width) break;
    used += textWidth(character);
    kept.push(character);
  }
  const before = kept.reverse().join('');
  let text = before + (textWidth(under) <= width ? under : '');
  for (const character of right) {
    used += textWidth(character);
    if (used > width) break;
    text += character;
  }
  return { text, cursor: textWidth(before) };
}
