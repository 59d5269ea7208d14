import { type Alias, type Document, isAlias, isNode, type Node, parseAllDocuments } from 'yaml';
import { boundedValue, nestedTooDeeply } from '../yaml-bounds.ts';

// Pretty errors quote the line, which may hold a token, and each of thousands takes its time.
const options = { logLevel: 'silent', prettyErrors: false, merge: true, uniqueKeys: false } as const;

/**
 * All documents of a text; errors are in them.
 * @throws YamlFault where the parser's stack does not suffice
 */
export function documentsOf(text: string): Document[] {
  try {
    const documents = parseAllDocuments(text, options);
    return Array.isArray(documents) ? (documents as Document[]) : [];
  } catch (error) {
    if (error instanceof RangeError) throw nestedTooDeeply();
    throw error;
  }
}

/** What a piece means on its own; undefined when it does not stand on its own. */
export function meaningOf(piece: string): unknown {
  try {
    const [document, second] = documentsOf(piece);
    if (document === undefined || second !== undefined || document.errors.length > 0) return undefined;
    const { value, targets } = boundedValue(document);
    // How much aliases may add is counted for the file as a whole.
    return targets.size === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

const aliasesOf = new WeakMap<Document, ReadonlyMap<Alias, Node>>();

/**
 * What a document means; what its aliases lead to is kept for `follow`.
 * @throws YamlFault
 */
export function valueOfDocument(document: Document): unknown {
  const { value, targets } = boundedValue(document);
  aliasesOf.set(document, targets);
  return value;
}

/** What a node stands for: itself, or what its alias leads to; a piece has no aliases. */
export function follow(node: unknown, document: Document): Node | undefined {
  if (isAlias(node)) return aliasesOf.get(document)?.get(node);
  return isNode(node) ? node : undefined;
}
