import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { UserError } from '../errors.ts';
import { type Fields, isFields, type Section, sections } from './section.ts';
import { type Block, type Stretch, split } from './split.ts';

/** A YAML node, and where in the file the text begins that its ranges count from. */
export type Spot<Kind = Node> = { readonly node: Kind; readonly document: Document; readonly base: number };

/** A key of the top-level map. */
export type TopKey = { readonly key: string; readonly value: unknown; spot(): Spot<Pair> };

/** An entry of a list, as it lies in the file. */
export type Item = {
  readonly section: Section;
  /** From where on its text is looked for: its line's beginning, or its own in flow style. */
  readonly start: number;
  readonly value: Fields | null;
  /** Its text, where it means the same on its own. */
  readonly piece: string | undefined;
  spot(): Spot;
};

export type Layout = {
  readonly path: string;
  readonly text: string;
  /** `empty` has no map yet; `replaces` is what stands in its place. */
  readonly style: 'block' | 'flow' | 'empty';
  readonly replaces: Stretch | undefined;
  readonly keys: readonly TopKey[];
  readonly items: readonly Item[];
};

// What one anchor may be used for; a file that lets aliases of aliases multiply passes it at once.
const maxAliasCount = 20_000;
const parseOptions = { logLevel: 'silent', merge: true } as const;

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
  const known = new Map<string, Fields | null>();
  for (const { piece, value } of like?.items ?? []) if (piece !== undefined) known.set(piece, value);
  const keys: TopKey[] = [];
  const items: Item[] = [];
  for (const block of blocks) {
    if (block.items === undefined) {
      const piece = text.slice(block.start, block.end);
      const value = meaningOf(piece);
      if (!isFields(value) || !(block.key in value)) return undefined;
      keys.push({
        key: block.key,
        value: value[block.key],
        spot: () => {
          const document = documentOf(piece);
          return {
            node: (document.contents as unknown as YAMLMap).items[0] as Pair,
            document,
            base: block.start,
          };
        },
      });
      continue;
    }
    const section = block.key as Section;
    const values: unknown[] = [];
    for (const { start, end } of block.items) {
      const piece = text.slice(start, end);
      const value = known.get(piece) ?? onlyItem(meaningOf(piece));
      if (value === undefined) return undefined;
      values.push(value);
      items.push({ section, start, value, piece, spot: () => spotOfItem(piece, start) });
    }
    const { start, end } = block;
    keys.push({
      key: section,
      value: values,
      spot: () => {
        const document = documentOf(text.slice(start, end));
        return { node: (document.contents as unknown as YAMLMap).items[0] as Pair, document, base: start };
      },
    });
  }
  return { path, text, style: 'block', replaces: undefined, keys, items };
}

function documentOf(piece: string): Document {
  return parseAllDocuments(piece, parseOptions)[0] as Document;
}

/** What a piece means on its own; undefined when it does not stand on its own. */
function meaningOf(piece: string): unknown {
  const documents = parseAllDocuments(piece, parseOptions);
  const [document] = documents;
  if (documents.length !== 1 || document === undefined || document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount });
  } catch {
    return undefined;
  }
}

function onlyItem(value: unknown): Fields | null | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  return value[0] === null || isFields(value[0]) ? value[0] : undefined;
}

function spotOfItem(piece: string, base: number): Spot {
  const document = documentOf(piece);
  const list = document.contents;
  if (!isSeq(list)) throw new Error('a piece that was a list is one no more');
  return { node: list.items[0] as Node, document, base };
}

function asAWhole(text: string, path: string): Layout {
  const documents = parseAllDocuments(text, parseOptions);
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) throw invalid(path, 'holds several YAML documents; kubectl reads one');
  // Its message quotes the line, which may hold a token.
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const [place] = error.linePos ?? [];
    throw invalid(path, `is not YAML${place ? ` (line ${place.line}, column ${place.col})` : ''}`);
  }
  const contents: unknown = document?.contents ?? null;
  if (document === undefined || contents === null || (isScalar(contents) && contents.value === null)) {
    const [start, end] = (isNode(contents) ? contents.range : undefined) ?? [0, 0];
    const replaces = end > start ? { start, end } : undefined;
    return { path, text, style: 'empty', replaces, keys: [], items: [] };
  }
  if (!isMap(contents)) throw invalid(path, 'is not a kubeconfig');
  return fromDocument(document as Document, contents as YAMLMap, text, path);
}

function fromDocument(document: Document, map: YAMLMap, text: string, path: string): Layout {
  let values: Fields;
  try {
    values = document.toJS({ maxAliasCount }) as Fields;
  } catch {
    throw invalid(path, 'holds aliases that lead nowhere or never end');
  }
  const keys = map.items.map(pair => {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    return { key, value: values[key], spot: () => ({ node: pair, document, base: 0 }) };
  });
  const items = keys.flatMap(({ key, value, spot }): Item[] => {
    const section = sections.find(candidate => candidate === key);
    const list = follow(spot().node.value, document);
    if (section === undefined || !isSeq(list) || !Array.isArray(value)) return [];
    return list.items.map((item, index) => {
      const node = item as Node;
      const start = node.range?.[0] ?? 0;
      const line = text.slice(0, start).split('\n').length;
      const fields: unknown = value[index];
      if (fields !== null && !isFields(fields)) {
        throw invalid(path, `has something else than an entry under "${section}" (line ${line})`);
      }
      return { section, start, value: fields, piece: undefined, spot: () => ({ node, document, base: 0 }) };
    });
  });
  return { path, text, style: map.flow ? 'flow' : 'block', replaces: undefined, keys, items };
}

/** What a node stands for: itself, or what its alias leads to. */
export function follow(node: unknown, document: Document): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}
