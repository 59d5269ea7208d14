/** Replaces what lies between two offsets of a text. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

/** Applies splices to the text whose offsets they have; those at one place come in the order given. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const inOrder = splices.toSorted((one, other) => one.start - other.start || one.end - other.end);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: added } of inOrder) {
    if (start > at) parts.push(text.slice(at, start));
    parts.push(added);
    at = Math.max(at, end);
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** The offset behind the end of the line that an offset lies in. */
export function behindLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline === -1 ? text.length : newline + 1;
}

export function lineStartOf(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** How far an offset is from the beginning of its line; a byte order mark takes no room. */
export function columnOf(text: string, offset: number): number {
  const start = lineStartOf(text, offset);
  return offset - start - (start === 0 && text.startsWith('\ufeff') ? 1 : 0);
}

/** Behind the lines that follow an offset at a line's beginning and hold a comment further to the right than a column. */
export function behindComments(text: string, offset: number, column: number): number {
  let at = offset;
  for (;;) {
    const end = behindLine(text, at);
    const [, indent = ''] = /^( *)#/.exec(text.slice(at, end)) ?? [];
    if (indent.length <= column) return at;
    at = end;
  }
}

export function lineEndOf(text: string): '\n' | '\r\n' {
  const newline = text.indexOf('\n');
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}
