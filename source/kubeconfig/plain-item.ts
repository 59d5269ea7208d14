import type { Fields } from './section.ts';

const keyLine = /^( *)(- )?([A-Za-z][\w-]*):(?: ([^ ].*))?$/;
const listLine = /^( *)- ([^ ].*)$/;
// Cannot be anything but a text, in any version of YAML.
const text = /^[A-Za-z/-][\w+/=.@~-]*(?::[\w+/=.@~-]+)*$/;
const otherWords = /^(?:-+|y|n|yes|no|on|off|true|false|null|nan|inf|-[.\d].*|-inf|---.*)$/i;
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const longestWord = 'false'.length;

type Level = { readonly indent: number; readonly map: Record<string, unknown> };

/**
 * Reads an entry that is written as kubectl writes it: a key on each line, plain texts, lists of plain texts. Most are, and
 * of thousands this takes a tenth of the time and memory that the YAML library takes.
 * @returns undefined for one that the YAML library has to read
 */
export function readPlainItem(piece: string): Fields | undefined {
  const levels: Level[] = [];
  let first: Fields | undefined;
  /** A key whose value is still to come. */
  let open: { map: Record<string, unknown>; key: string; indent: number } | undefined;
  let list: { indent: number; values: unknown[] } | undefined;
  for (const line of linesOf(piece)) {
    const found = keyLine.exec(line);
    if (found === null) {
      const [, blank, value] = listLine.exec(line) ?? [];
      const meaning = value === undefined ? undefined : meaningOf(value);
      if (open === undefined || blank === undefined || meaning === undefined) return undefined;
      if (list === undefined) {
        if (blank.length < open.indent) return undefined;
        list = { indent: blank.length, values: [] };
        open.map[open.key] = list.values;
      }
      if (blank.length !== list.indent) return undefined;
      list.values.push(meaning);
      continue;
    }
    const [, blank = '', dash, key = '', value] = found;
    const indent = blank.length + (dash?.length ?? 0);
    if ((dash !== undefined) !== (levels.length === 0)) return undefined;
    if (levels.length === 0) levels.push({ indent, map: {} });
    else if (open !== undefined && list === undefined && indent > open.indent) {
      const map = {};
      open.map[open.key] = map;
      levels.push({ indent, map });
    }
    while ((levels.at(-1)?.indent ?? indent) > indent) levels.pop();
    const level = levels.at(-1);
    if (level?.indent !== indent || Object.hasOwn(level.map, key)) return undefined;
    const meaning = value === undefined ? null : meaningOf(value);
    if (meaning === undefined) return undefined;
    level.map[key] = meaning;
    open = value === undefined ? { map: level.map, key, indent } : undefined;
    list = undefined;
    first ??= level.map;
  }
  return first;
}

// V8 copies what is split or looked up in a map, and takes what is cut out by offsets for a view of the whole text.
function* linesOf(piece: string): Generator<string> {
  for (let start = 0; start < piece.length; ) {
    const newline = piece.indexOf('\n', start);
    const end = newline === -1 ? piece.length : newline;
    yield piece.slice(start, end);
    start = end + 1;
  }
}

/** undefined: for the YAML library to say. */
function meaningOf(value: string): unknown {
  if (value.length <= longestWord && words.has(value)) return words.get(value);
  return text.test(value) && !otherWords.test(value) ? value : undefined;
}
