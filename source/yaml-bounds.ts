import { type Alias, type Document, isAlias, isCollection, isMap, isPair, isScalar, type Node } from 'yaml';

/** What is wrong with a document that is well-formed YAML, and where, as an offset into its text. */
export class YamlFault extends Error {
  readonly offset: number;
  constructor(words: string, node: unknown) {
    super(words);
    this.offset = (node as Node | undefined)?.range?.[0] ?? 0;
  }
}

export const nestedTooDeeply = (node?: unknown) => new YamlFault('is nested too deeply', node);

/** Anchors and aliases together. To find an alias's anchor, `yaml` looks through all before it. */
const mostReferences = 10_000;
/** What aliases and merge keys may add, in nodes and in hundreds of characters: a second's work at most. */
const mostAdded = 500_000;
/** Both a stack's worth, and more than any kubeconfig. */
const deepest = 200;

/** What a node costs: as a tree without aliases, to be made, and to be made again where it is merged. */
type Cost = {
  readonly size: number;
  readonly work: number;
  readonly merging: number;
  readonly depth: number;
};

/** What a document means, and what each of its aliases leads to. */
export type Meaning = { readonly value: unknown; readonly targets: ReadonlyMap<Alias, Node> };

/**
 * The value of a stranger's document. Its aliases share what they stand for, so it is made in little time; but it is refused
 * when whoever walks through it as a tree would not come to an end soon. Fields are names, each once in a map, as Kubernetes
 * reads them; the parser's own search for repeated ones takes the square of their number, and has to be off.
 * @throws YamlFault
 */
export function boundedValue(
  document: Document,
  reviver?: (key: unknown, value: unknown) => unknown,
): Meaning {
  try {
    const targets = measure(document.contents);
    // Cycles and what grows beyond measure are out; its own count would take the square of the aliases.
    return { value: document.toJS({ maxAliasCount: -1, ...(reviver && { reviver }) }), targets };
  } catch (error) {
    if (error instanceof YamlFault) throw error;
    if (error instanceof RangeError) throw nestedTooDeeply();
    throw new YamlFault('has a merge key (<<) without a map', undefined);
  }
}

function measure(contents: unknown): Map<Alias, Node> {
  const anchored = new Map<string, Node>();
  const costs = new Map<Node, Cost>();
  const targets = new Map<Alias, Node>();
  let references = 0;
  let added = 0;

  const refer = (node: Node) => {
    references += 1;
    if (references > mostReferences) throw new YamlFault('has too many anchors and aliases', node);
  };
  const add = (amount: number, node: unknown) => {
    added += amount;
    if (added > mostAdded) throw new YamlFault('holds aliases that multiply what it says', node);
  };

  function follow(alias: Alias): Cost {
    refer(alias);
    const target = anchored.get(alias.source);
    if (target === undefined) throw new YamlFault('holds an alias that leads nowhere', alias);
    const cost = costs.get(target);
    if (cost === undefined) throw new YamlFault('holds an alias within what it stands for', alias);
    targets.set(alias, target);
    add(cost.size, alias);
    return { ...cost, work: 1 };
  }

  function costOf(node: unknown, depth: number): Cost {
    if (depth > deepest) throw nestedTooDeeply(node);
    if (isAlias(node)) {
      const cost = follow(node);
      if (depth + cost.depth > deepest) throw nestedTooDeeply(node);
      return cost;
    }
    const anchor = (node as Node | null)?.anchor;
    if (anchor !== undefined) {
      refer(node as Node);
      anchored.set(anchor, node as Node);
    }
    const cost = isCollection(node) ? costOfItems(node.items, node, depth) : costOfScalar(node);
    if (anchor !== undefined) costs.set(node as Node, cost);
    return cost;
  }

  function costOfItems(items: readonly unknown[], node: Node, depth: number): Cost {
    const names = new Set<unknown>();
    let [size, work, merging, deep] = [1, 1, 1, 1];
    for (const item of items) {
      const key = isPair(item) ? costOf(checkKey(item.key, names), depth + 1) : nothing;
      const value = costOf(isPair(item) ? item.value : item, depth + 1);
      const isMerged = isPair(item) && isMergeKey(item.key);
      // A merged map is made anew each time, and so is what is merged into it.
      if (isMerged) add(value.merging, node);
      size += key.size + value.size;
      work += key.work + (isMerged ? value.merging : value.work);
      merging += isMap(node) ? 0 : value.merging;
      deep = Math.max(deep, value.depth + 1);
    }
    return { size, work, merging: isMap(node) ? work : merging, depth: deep };
  }

  function checkKey(key: unknown, names: Set<unknown>): unknown {
    const named = isAlias(key) ? anchored.get(key.source) : key;
    // The text of such a key is made by going through all anchors.
    if (isCollection(named)) throw new YamlFault('has a field whose name is not a text', key);
    const name = isScalar(named) ? named.value : named;
    if (names.has(name)) throw new YamlFault('has a field twice', key);
    names.add(name);
    return key;
  }

  costOf(contents, 0);
  return targets;
}

const nothing: Cost = { size: 0, work: 0, merging: 0, depth: 0 };

function costOfScalar(node: unknown): Cost {
  const value = isScalar(node) ? node.value : undefined;
  const size = 1 + (typeof value === 'string' ? value.length / 100 : 0);
  return { size, work: 1, merging: 1, depth: 1 };
}

// With `merge` on, the parser gives such a key a symbol; where it is off, "<<" is a name like another.
const isMergeKey = (key: unknown) => isScalar(key) && (typeof key.value === 'symbol' || key.value === '<<');
