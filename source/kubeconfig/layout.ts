import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { UserError } from '../errors.ts';
import { YamlFault } from '../yaml-bounds.ts';
import { documentsOf, follow, meaningOf, valueOfDocument } from './meaning.ts';
import { endOf, nextDash, startOf } from './place.ts';
import { readPlainItem } from './plain-item.ts';
import { type Fields, isFields, type Section, sections } from './section.ts';
import { lineEndOf } from './splice.ts';
import { type Block, type Stretch, split } from './split.ts';

/** A YAML node, and where in the file the text begins that its ranges count from. */
export type Spot<Kind = Node> = { readonly node: Kind; readonly document: Document; readonly base: number };

/** A key of the top-level map. */
export type TopKey = {
  readonly key: string;
  readonly value: unknown;
  /** Of a list that was read in pieces, the key alone. */
  spot(): Spot<Pair>;
  /** Where its value's text ends. */
  end(): number;
};

/** An entry of a list, as it lies in the file. */
export type Item = {
  readonly section: Section;
  /** Where it begins: its dash in block style. */
  readonly start: number;
  readonly isBlock: boolean;
  readonly value: Fields | null;
  /** Its text, where it means the same on its own. */
  readonly piece: string | undefined;
  spot(): Spot;
  /** Where its text ends. */
  end(): number;
};

export type Layout = {
  readonly path: string;
  readonly text: string;
  readonly eol: string;
  /** `empty` has no map yet; `replaces` is what stands in its place. */
  readonly style: 'block' | 'flow' | 'empty';
  readonly replaces: Stretch | undefined;
  readonly keys: readonly TopKey[];
  readonly items: readonly Item[];
};

/**
 * Finds where everything lies in a kubeconfig.
 * @param like the file as it was read before; what has not changed since is not read again
 * @throws UserError KUBECONFIG_INVALID
 */
export function layOut(text: string, path: string, like?: Layout): Layout {
  const blocks = split(text);
  const inPieces = blocks && blocks.length > 0 ? fromPieces(blocks, text, path, like) : undefined;
  const layout = inPieces ?? asAWhole(text, path);
  for (const section of sections) {
    const list = layout.keys.find(({ key }) => key === section)?.value;
    if (list !== undefined && list !== null && !Array.isArray(list)) {
      throw invalid(path, `has "${section}" that is not a list`);
    }
  }
  return layout;
}

export function invalid(path: string, fault: string): UserError {
  return new UserError('KUBECONFIG_INVALID', `${path} ${fault}.`, {
    hint: 'The file was left as it is. Mend it, or use another file.',
  });
}

function fromPieces(
  blocks: readonly Block[],
  text: string,
  path: string,
  like: Layout | undefined,
): Layout | undefined {
  const knownValueOf = valuesOf(like?.items ?? []);
  const keys: TopKey[] = [];
  const items: Item[] = [];
  for (const block of blocks) {
    if (block.items === undefined) {
      const piece = text.slice(block.start, block.end);
      const value = meaningOf(piece);
      if (!isFields(value) || !(block.key in value)) return undefined;
      if (sections.includes(block.key as Section) && !isNothing(value[block.key])) return undefined;
      const spot = () => spotOfKey(piece, block.start);
      keys.push({ key: block.key, value: value[block.key], spot, end: () => endOfSpot(spot(), text) });
      continue;
    }
    const section = block.key as Section;
    const values: unknown[] = [];
    for (const { start, end } of block.items) {
      const piece = text.slice(start, end);
      const value = knownValueOf(piece) ?? readPlainItem(piece) ?? onlyItem(meaningOf(piece));
      if (value === undefined) return undefined;
      values.push(value);
      const spot = () => spotOfItem(piece, start);
      const dash = start + piece.indexOf('-');
      items.push({
        section,
        start: dash,
        isBlock: true,
        value,
        piece,
        spot,
        end: () => endOfSpot(spot(), text),
      });
    }
    const line = text.slice(block.start, block.items[0]?.start);
    const last = items.at(-1);
    keys.push({
      key: section,
      value: values,
      spot: () => spotOfKey(line, block.start),
      end: () => last?.end() ?? block.end,
    });
  }
  return { path, text, eol: lineEndOf(text), style: 'block', replaces: undefined, keys, items };
}

/** How many entries may be gone between two that stayed, for the second to be found again. */
const farthest = 20;

/**
 * What pieces mean that were there before, asked for in the order of the file. By their order, not in a map of them: for that
 * V8 would copy each.
 */
function valuesOf(items: readonly Item[]): (piece: string) => Fields | null | undefined {
  let next = 0;
  return piece => {
    const near = items.slice(next, next + farthest);
    const found = near.findIndex(item => item.piece === piece);
    if (found === -1) return undefined;
    next += found + 1;
    return near[found]?.value;
  };
}

const isNothing = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

const endOfSpot = ({ node, base }: Spot<Node | Pair>, text: string) => endOf(node, { text, base });

function spotOfKey(piece: string, base: number): Spot<Pair> {
  const [document] = documentsOf(piece);
  if (document === undefined || !isMap(document.contents))
    throw new Error('a piece that was a map is one no more');
  return { node: document.contents.items[0] as Pair, document, base };
}

function onlyItem(value: unknown): Fields | null | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  return value[0] === null || isFields(value[0]) ? value[0] : undefined;
}

function spotOfItem(piece: string, base: number): Spot {
  const [document] = documentsOf(piece);
  const list = document?.contents;
  if (document === undefined || !isSeq(list)) throw new Error('a piece that was a list is one no more');
  return { node: list.items[0] as Node, document, base };
}

function asAWhole(text: string, path: string): Layout {
  const [document, second] = understood(text, path, () => documentsOf(text));
  if (second !== undefined) throw invalid(path, 'holds several YAML documents; kubectl reads one');
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const lines = text.slice(0, error.pos[0]).split('\n');
    throw invalid(path, `is not YAML (line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1})`);
  }
  const contents: unknown = document?.contents ?? null;
  const isEmpty =
    (isScalar(contents) && contents.value === null) || (isMap(contents) && contents.items.length === 0);
  if (document === undefined || contents === null || isEmpty) {
    const [start, end] = (isNode(contents) ? contents.range : undefined) ?? [0, 0];
    const replaces = end > start ? { start, end } : undefined;
    return { path, text, eol: lineEndOf(text), style: 'empty', replaces, keys: [], items: [] };
  }
  if (!isMap(contents)) throw invalid(path, 'is not a kubeconfig');
  return fromDocument(document, contents as YAMLMap, text, path);
}

function understood<Result>(text: string, path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw invalid(path, `${error.message} (line ${text.slice(0, error.offset).split('\n').length})`);
  }
}

function fromDocument(document: Document, map: YAMLMap, text: string, path: string): Layout {
  const values = understood(text, path, () => valueOfDocument(document) as Fields);
  const spotOf = <Kind extends Node | Pair>(node: Kind) => ({
    spot: () => ({ node, document, base: 0 }),
    end: () => endOf(node, { text, base: 0 }),
  });
  const keys = map.items.map(pair => {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    return { key, value: values[key], ...spotOf(pair) };
  });
  const items = keys.flatMap(({ key, value, spot }): Item[] => {
    const section = sections.find(candidate => candidate === key);
    const list = follow(spot().node.value, document);
    if (section === undefined || !isSeq(list) || !Array.isArray(value)) return [];
    const isBlock = list.flow !== true;
    let start = startOf(list, { text, base: 0 });
    return list.items.map((item, index) => {
      const node = item as Node;
      const before = list.items[index - 1];
      if (!isBlock) start = startOf(node, { text, base: 0 });
      else if (before !== undefined) start = nextDash(text, endOf(before, { text, base: 0 }));
      const fields: unknown = value[index];
      if (fields !== null && !isFields(fields)) {
        const line = text.slice(0, start).split('\n').length;
        throw invalid(path, `has something else than an entry under "${section}" (line ${line})`);
      }
      return { section, start, isBlock, value: fields, piece: undefined, ...spotOf(node) };
    });
  });
  const style = map.flow ? 'flow' : 'block';
  return { path, text, eol: lineEndOf(text), style, replaces: undefined, keys, items };
}
