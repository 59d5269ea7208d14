import { isCollection, type Node } from 'yaml';
import { type Item, invalid, type Layout, layOut } from './layout.ts';
import { type LineStarts, lineAt, lineStarts } from './lines.ts';
import { follow } from './meaning.ts';
import { type Fields, fieldOf, isFields, type Section } from './section.ts';

export { type Fields, type Section, sections } from './section.ts';

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

/**
 * Reads a kubeconfig, in YAML or JSON, with the place of every entry. An empty file is an empty kubeconfig, as it is for kubectl.
 * @throws UserError KUBECONFIG_INVALID: what is wrong and in which line; the content, which may hold a token, is never quoted
 */
export function readKubeconfig(text: string, path: string): Kubeconfig {
  return kubeconfigOf(layOut(text, path));
}

export function kubeconfigOf(layout: Layout): Kubeconfig {
  const { path, text } = layout;
  const starts = lineStarts(text);
  const current = layout.keys.find(({ key }) => key === 'current-context');
  const name = current?.value;
  return {
    path,
    text,
    entries: layout.items.flatMap(item =>
      item.value === null ? [] : [entryOf(item, item.value, path, starts)],
    ),
    currentContext:
      current !== undefined && typeof name === 'string' && name !== ''
        ? { name, line: lineAt(starts, startOf(current.spot().node.key as Node) + current.spot().base) }
        : undefined,
  };
}

const startOf = (node: Node) => node.range?.[0] ?? 0;

function entryOf(item: Item, value: Fields, path: string, starts: LineStarts): Entry {
  const { section } = item;
  const kind = fieldOf[section];
  const line = lineAt(starts, item.start);
  const { name = '', [kind]: content } = value;
  if (typeof name !== 'string') throw invalid(path, `has a ${kind} whose name is not a text (line ${line})`);
  if (!isFields(content ?? {})) throw invalid(path, `has a ${kind} that is not a map (line ${line})`);
  return {
    section,
    name,
    content: (content ?? {}) as Fields,
    line,
    lineOf: (...fields) => {
      const { node, document, base } = item.spot();
      let found = follow(node, document);
      for (const field of [kind, ...fields]) {
        if (!isCollection(found)) return line;
        found = follow(found.get(field, true), document);
      }
      return found === undefined ? line : lineAt(starts, base + startOf(found));
    },
  };
}
