import { type Section, sections } from './section.ts';

/** Offsets into the text of a file. */
export type Stretch = { readonly start: number; readonly end: number };

/** One key of the top-level map, with all lines up to the next; the entries of a section are stretches of their own. */
export type Block = Stretch & {
  readonly key: string;
  readonly items: readonly Stretch[] | undefined;
};

const keyLine = /^([A-Za-z][\w-]*):[ \t]*(#.*)?$/;
const keyAndMore = /^([A-Za-z][\w-]*):(?=\s|$)/;

/**
 * Cuts a kubeconfig in YAML's block style at its top-level keys and at the entries of its lists, by indentation alone, so
 * that a large file can be read piece by piece, in little memory. Whatever could make a piece mean something else on its
 * own (flow style, several documents, directives) is left alone; an alias that leads to another piece is found when the
 * piece is read.
 * @returns undefined when the file must be read as a whole
 */
export function split(text: string): Block[] | undefined {
  const blocks: (Block & { items: { start: number; end: number }[] | undefined; end: number })[] = [];
  const keys = new Set<string>();
  let dash: number | undefined;
  let marked = false;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline + 1;
    const last = blocks.at(-1);
    const indent = indentAt(text, start, end);
    if (indent === undefined) {
      // Blank or a comment: part of what it follows.
      if (last !== undefined) extend(last, end);
    } else if (last?.items !== undefined && isDash(text, start + indent) && indent === (dash ?? indent)) {
      dash = indent;
      last.items.push({ start, end });
      last.end = end;
    } else if (indent > 0) {
      if (last === undefined || (last.items !== undefined && (dash === undefined || indent <= dash)))
        return undefined;
      extend(last, end);
    } else if (!marked && blocks.length === 0 && text.slice(start, end).trimEnd() === '---') {
      marked = true;
    } else {
      const line = text.slice(start, Math.min(end, start + 100)).trimEnd();
      const key = keyAndMore.exec(line)?.[1];
      if (key === undefined || keys.has(key)) return undefined;
      keys.add(key);
      const isList = sections.includes(key as Section) && keyLine.test(line);
      blocks.push({ key, start, end, items: isList ? [] : undefined });
      dash = undefined;
    }
    start = end;
  }
  return blocks.map(block => (block.items?.length === 0 ? { ...block, items: undefined } : block));
}

function extend(block: { end: number; items: { end: number }[] | undefined }, end: number): void {
  block.end = end;
  const item = block.items?.at(-1);
  if (item !== undefined) item.end = end;
}

/** How many spaces a line begins with; undefined for a blank one or a comment. */
function indentAt(text: string, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && text[at] === ' ') at++;
  const first = text[at];
  if (at === end || first === '\n' || first === '\r' || first === '#') return undefined;
  return at - start;
}

function isDash(text: string, at: number): boolean {
  return text[at] === '-' && (at + 1 === text.length || ' \r\n'.includes(text[at + 1] ?? ''));
}
