import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { addKey, changeList, type NewItem } from './edit-list.ts';
import { rename, replaceBy, setContent } from './edit-value.ts';
import { type Item, invalid, type Layout, layOut } from './layout.ts';
import { blockLines, scalarText, wellFormed } from './render.ts';
import { type Fields, fieldOf, isFields, type Section, sections } from './section.ts';
import { applySplices, type Splice } from './splice.ts';

/** A change to one entry of a kubeconfig, or to its current context. */
export type Change =
  | {
      /** Gives an entry this content; adds the entry where there is none. */
      readonly kind: 'set';
      readonly section: Section;
      readonly name: string;
      readonly content: Fields;
      /** Stands above the first field. */
      readonly comment?: string | undefined;
    }
  | { readonly kind: 'remove'; readonly section: Section; readonly name: string }
  /** Of the entry alone; contexts that name it are changes of their own. */
  | { readonly kind: 'rename'; readonly section: Section; readonly name: string; readonly to: string }
  | { readonly kind: 'current-context'; readonly name: string };

/**
 * Changes a kubeconfig and nothing else in it: what the changes do not name stays byte for byte as it was. The result is read
 * again, and given only if exactly the wanted entries differ.
 * @param text undefined for a file that is still to be
 * @throws UserError KUBECONFIG_INVALID
 */
export function editKubeconfig(text: string | undefined, path: string, changes: readonly Change[]): string {
  return edit(layOut(text ?? '', path), changes).text;
}

export function edit(layout: Layout, changes: readonly Change[]): Layout {
  const wanted = wantedOf(layout, changes);
  let text: string;
  let after: Layout;
  try {
    text =
      layout.style === 'empty'
        ? withFreshMap(layout, wanted)
        : applySplices(layout.text, splicesOf(layout, wanted));
    if (text === layout.text) return layout;
    after = layOut(text, layout.path, layout);
  } catch (error) {
    throw unchangeable(layout.path, error);
  }
  if (!isAsWanted(layout, after, wanted)) throw unchangeable(layout.path);
  return after;
}

type Wanted = {
  readonly changed: ReadonlyMap<Item, { content?: Fields; comment?: string | undefined; to?: string }>;
  readonly removed: ReadonlySet<Item>;
  readonly added: ReadonlyMap<Section, readonly NewItem[]>;
  readonly currentContext: string | undefined;
};

function wantedOf({ items, path }: Layout, changes: readonly Change[]): Wanted {
  const byName = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item.section, String(item.value?.['name'] ?? ''));
    byName.set(key, [...(byName.get(key) ?? []), item]);
  }
  const changed = new Map<Item, { content?: Fields; comment?: string | undefined; to?: string }>();
  const removed = new Set<Item>();
  const added = new Map<string, { section: Section; item: NewItem }>();
  let currentContext: string | undefined;
  for (const change of changes) {
    if (change.kind === 'current-context') {
      currentContext = change.name.toWellFormed();
      continue;
    }
    const { section } = change;
    const name = change.name.toWellFormed();
    const [item, second] = byName.get(keyOf(section, name)) ?? [];
    if (second !== undefined) {
      throw invalid(path, `has two ${section} named "${plainText(name)}", which kubectl refuses`);
    }
    if (change.kind === 'set') {
      const content = wellFormed(change.content) as Fields;
      const { comment } = change;
      if (item === undefined) {
        added.set(keyOf(section, name), {
          section,
          item: { value: { name, [fieldOf[section]]: content }, comment },
        });
      } else if (!isSaid(item, content)) {
        changed.set(item, { ...changed.get(item), content, comment });
      }
    } else if (item === undefined) {
      throw new Error(`there is no entry "${name}" to ${change.kind} in ${section}`);
    } else if (change.kind === 'remove') {
      removed.add(item);
    } else {
      changed.set(item, { ...changed.get(item), to: change.to.toWellFormed() });
    }
  }
  const lists = Map.groupBy(added.values(), ({ section }) => section);
  return {
    changed,
    removed,
    added: new Map([...lists].map(([section, news]) => [section, news.map(({ item }) => item)])),
    currentContext,
  };
}

const keyOf = (section: Section, name: string) => `${section} ${name}`;

/** Whether an entry has a content already; kubectl writes null for what is not there. */
function isSaid({ section, value }: Item, content: Fields): boolean {
  const kind = fieldOf[section];
  return value !== null && kind in value && isDeepStrictEqual(withoutNull(value[kind]), withoutNull(content));
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isFields(value)) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNull(field)]));
}

function splicesOf(layout: Layout, { changed, removed, added, currentContext }: Wanted): Splice[] {
  const { text, eol } = layout;
  const splices: Splice[] = [];
  for (const [item, { content, comment, to }] of changed) {
    if (removed.has(item)) continue;
    if (content !== undefined) splices.push(...setContent(item, content, layout, comment));
    if (to !== undefined) splices.push(rename(item, to, layout));
  }
  const isThere = (section: Section) => layout.keys.some(({ key }) => key === section);
  // A new list comes behind what is added to the last one.
  for (const section of sections.toSorted((one, other) => Number(isThere(other)) - Number(isThere(one)))) {
    splices.push(...changeList(layout, section, added.get(section) ?? [], removed));
  }
  const current = layout.keys.find(({ key }) => key === 'current-context');
  if (currentContext === undefined || current?.value === currentContext) return splices;
  if (current === undefined) {
    return [...splices, addKey(layout, 'current-context', currentContext, scalarText(currentContext))];
  }
  const { node, base } = current.spot();
  const inFlow = layout.style === 'flow';
  return [...splices, replaceBy(node, currentContext, { inFlow }, { text, base }, eol)];
}

function withFreshMap({ text, eol, replaces }: Layout, { added, currentContext }: Wanted): string {
  if (added.size === 0 && currentContext === undefined) return text;
  const before =
    replaces === undefined ? text : text.slice(0, replaces.start) + text.slice(replaces.end).trim();
  const lists = sections.flatMap(section => {
    const items = added.get(section) ?? [];
    if (items.length === 0) return [`${section}: []`];
    const lines = items.flatMap(({ value, comment }) =>
      blockLines(value, { comment }).map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}`),
    );
    return [`${section}:`, ...lines];
  });
  const current = currentContext === undefined ? [] : [`current-context: ${scalarText(currentContext)}`];
  const lines = ['apiVersion: v1', 'kind: Config', ...lists, ...current, ''];
  const gap = /[^\n\ufeff]$/.test(before) ? eol : '';
  return `${before}${gap}${lines.join(eol)}`;
}

/** Whether exactly what should differ does. */
function isAsWanted(
  before: Layout,
  after: Layout,
  { changed, removed, added, currentContext }: Wanted,
): boolean {
  for (const section of sections) {
    const old = before.items
      .filter(item => item.section === section && !removed.has(item))
      .map(item => {
        const { content, to } = changed.get(item) ?? {};
        return {
          ...item.value,
          ...(content !== undefined && { [fieldOf[section]]: content }),
          ...(to !== undefined && { name: to }),
        };
      });
    const wanted = [...old, ...(added.get(section) ?? []).map(({ value }) => value)];
    const found = after.items.filter(item => item.section === section).map(({ value }) => ({ ...value }));
    if (!isDeepStrictEqual(found, wanted)) return false;
  }
  const isOther = ({ key }: { key: string }) =>
    key !== 'current-context' && !sections.includes(key as Section);
  const rest = ({ keys }: Layout) => keys.filter(isOther).map(({ key, value }) => [key, value]);
  const wasFresh = before.style === 'empty' && before.text !== after.text;
  if (!wasFresh && !isDeepStrictEqual(rest(after), rest(before))) return false;
  const current = ({ keys }: Layout) => keys.find(({ key }) => key === 'current-context')?.value;
  return isDeepStrictEqual(current(after), currentContext ?? current(before));
}

function unchangeable(path: string, cause?: unknown): UserError {
  return new UserError(
    'KUBECONFIG_INVALID',
    `${path} is written in a way (with aliases, for example) that no entry can be changed in without touching others.`,
    {
      hint: 'The file was left as it is. Write to another file, or have kubectl write this one anew first.',
      cause,
    },
  );
}
