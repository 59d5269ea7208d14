import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import { UserError } from '../errors.ts';

export type Section = 'clusters' | 'contexts' | 'users';
export const sections: readonly Section[] = ['clusters', 'contexts', 'users'];
/** Under which field of an entry its content is (Kubernetes' NamedCluster, NamedContext, NamedAuthInfo). */
export const fieldOf = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

export type Fields = Readonly<Record<string, unknown>>;

export type Entry = {
  readonly section: Section;
  readonly name: string;
  /** As kubectl reads it: aliases and merge keys resolved. */
  readonly content: Fields;
  /** The line it begins in, from 1. */
  readonly line: number;
  /** The line of a field of its content, from 1, or of the entry where there is no such field. */
  lineOf(...path: readonly (string | number)[]): number;
};

export type Kubeconfig = {
  readonly path: string;
  readonly text: string;
  /** In the order of the file, duplicates included. */
  readonly entries: readonly Entry[];
  readonly currentContext: { readonly name: string; readonly line: number } | undefined;
};

// What one anchor may be used for; a file that lets aliases of aliases multiply passes it at once.
const maxAliasCount = 20_000;

/**
 * Reads a kubeconfig, in YAML or JSON, with the place of every entry. An empty file is an empty kubeconfig, as it is for kubectl.
 * @throws UserError KUBECONFIG_INVALID: what is wrong and in which line; the content, which may hold a token, is never quoted
 */
export function readKubeconfig(text: string, path: string): Kubeconfig {
  const lines = new LineCounter();
  const document = parse(text, path, lines);
  if (document === undefined) return { path, text, entries: [], currentContext: undefined };
  const at = (node: unknown) => (isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1);
  const values = valuesOf(document, path);
  const entries = sections.flatMap(section => {
    const list = document.get(section, true);
    return entriesOf(section, follow(list, document), values[section], { document, path, at });
  });
  const current = document.get('current-context', true);
  const name = values['current-context'];
  return {
    path,
    text,
    entries: entries.sort((one, other) => one.start - other.start).map(({ entry }) => entry),
    currentContext: typeof name === 'string' && name !== '' ? { name, line: at(current) } : undefined,
  };
}

function parse(text: string, path: string, lineCounter: LineCounter): Document | undefined {
  const documents = parseAllDocuments(text, { logLevel: 'silent', merge: true, lineCounter });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) throw invalid(path, 'holds several YAML documents; kubectl reads one');
  if (document === undefined) return undefined;
  const [error] = document.errors;
  // Its message quotes the line, which may hold a token.
  if (error !== undefined) throw invalid(path, `is not YAML${placeOf(error)}`);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  if (!isMap(contents)) throw invalid(path, 'is not a kubeconfig');
  return document as Document;
}

function placeOf({ linePos }: YAMLError): string {
  return linePos === undefined ? '' : ` (line ${linePos[0].line}, column ${linePos[0].col})`;
}

export function invalid(path: string, fault: string): UserError {
  return new UserError('KUBECONFIG_INVALID', `${path} ${fault}.`, {
    hint: 'The file was left as it is. Mend it, or use another file.',
  });
}

function valuesOf(document: Document, path: string): Fields {
  try {
    return document.toJS({ maxAliasCount }) as Fields;
  } catch {
    throw invalid(path, 'holds aliases that lead nowhere or never end');
  }
}

type Place = { readonly document: Document; readonly path: string; readonly at: (node: unknown) => number };

function entriesOf(section: Section, list: unknown, value: unknown, place: Place) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !isSeq(list)) throw invalid(place.path, `has "${section}" that is not a list`);
  return list.items.flatMap((item, index) => {
    const fields: unknown = value[index];
    if (fields === null) return [];
    return [{ start: (item as Node).range?.[0] ?? 0, entry: entryOf(section, item, fields, place) }];
  });
}

function entryOf(section: Section, item: unknown, value: unknown, { document, path, at }: Place): Entry {
  const line = at(item);
  const kind = fieldOf[section];
  if (!isFields(value))
    throw invalid(path, `has something else than a ${kind} under "${section}" (line ${line})`);
  const { name = '', [kind]: content } = value;
  if (typeof name !== 'string') throw invalid(path, `has a ${kind} whose name is not a text (line ${line})`);
  if (!isFields(content ?? {})) throw invalid(path, `has a ${kind} that is not a map (line ${line})`);
  return {
    section,
    name,
    content: (content ?? {}) as Fields,
    line,
    lineOf: (...fields) => {
      let node = follow(item, document);
      for (const field of [kind, ...fields]) {
        if (!isCollection(node)) return line;
        node = follow(node.get(field, true), document);
      }
      return node === undefined ? line : at(node);
    },
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function follow(node: unknown, document: Document): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}
