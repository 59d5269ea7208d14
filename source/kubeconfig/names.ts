import type { Layout } from './layout.ts';
import { type Fields, fieldOf, isFields, type Section } from './section.ts';

/** An entry as kubectl finds it under its name, and the file it is in. */
export type Named = { readonly name: string; readonly content: Fields; readonly path: string };

/**
 * The names of a kubeconfig of one file or several as kubectl looks them up: of two entries of one name, the first counts.
 * What is put in is found from then on.
 */
export class Names {
  readonly #entries: Record<Section, Map<string, Named>> = {
    clusters: new Map(),
    contexts: new Map(),
    users: new Map(),
  };
  readonly #contextsOf = { cluster: new Map<string, Set<string>>(), user: new Map<string, Set<string>>() };

  constructor(layouts: readonly Layout[]) {
    for (const { items, path } of layouts) {
      for (const { section, value } of items) {
        const name = value?.['name'] ?? '';
        if (value === null || typeof name !== 'string' || this.find(section, name) !== undefined) continue;
        const content = value[fieldOf[section]];
        this.put(section, { name, content: isFields(content) ? content : {}, path });
      }
    }
  }

  find(section: Section, name: string): Named | undefined {
    return this.#entries[section].get(name);
  }

  all(section: Section): Iterable<Named> {
    return this.#entries[section].values();
  }

  put(section: Section, entry: Named): void {
    if (section === 'contexts') this.#index(entry);
    this.#entries[section].set(entry.name, entry);
  }

  /** The contexts that name a cluster or a user. */
  contextsOf(kind: 'cluster' | 'user', name: string): Named[] {
    return [...(this.#contextsOf[kind].get(name) ?? [])].flatMap(
      context => this.find('contexts', context) ?? [],
    );
  }

  #index({ name, content }: Named): void {
    const before = this.find('contexts', name)?.content;
    for (const kind of ['cluster', 'user'] as const) {
      this.#contextsOf[kind].get(String(before?.[kind]))?.delete(name);
      const key = String(content[kind]);
      const contexts = this.#contextsOf[kind].get(key) ?? new Set();
      this.#contextsOf[kind].set(key, contexts.add(name));
    }
  }
}
