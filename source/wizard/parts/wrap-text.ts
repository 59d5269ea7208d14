import { graphemes, textWidth } from './graphemes.ts';

/** A text in rows of at most `width` columns, broken at blanks; only a word wider than a row is broken itself. */
export function wrapText(text: string, width: number): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    const joined = row === '' ? word : `${row} ${word}`;
    if (textWidth(joined) <= width) {
      row = joined;
      continue;
    }
    if (row !== '') rows.push(row);
    row = '';
    for (const character of graphemes(word)) {
      if (row !== '' && textWidth(row) + textWidth(character) > width) {
        rows.push(row);
        row = '';
      }
      row += character;
    }
  }
  return [...rows, row];
}
