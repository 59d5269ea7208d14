import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { UserError } from '../errors.ts';
import { plainLines } from '../text.ts';
import { type Item, type Layout, layOut } from './layout.ts';
import { masked } from './mask.ts';

export type Change = { readonly path: string; readonly before: string | undefined; readonly after: string };

const contextLines = 3;

/**
 * What a change does to a kubeconfig, as a unified diff that holds no credential and is safe to show: a new one is told
 * from one that was there, and nothing else of it.
 */
export function kubeconfigDiff(change: Change): string {
  if (change.before === change.after) return '';
  try {
    return diffOf(change);
  } catch (error) {
    // One of the two is no kubeconfig, so nobody can tell what in it is a credential.
    if (!(error instanceof UserError)) throw error;
    return `--- ${change.path}\n+++ ${change.path}\n(not shown: ${error.message})\n`;
  }
}

function diffOf({ path, before, after }: Change): string {
  const [old, fresh] = [layOut(before ?? '', path), layOut(after, path)];
  const oldTexts = new Set(old.items.map(textOf(old)));
  const newTexts = new Set(fresh.items.map(textOf(fresh)));
  const known = new Set(secretsOf(old.items));
  const oldText = masked({
    layout: old,
    items: nearChanges(old, newTexts),
    wordFor: () => '"(hidden)"',
  });
  const newText = masked({
    layout: fresh,
    items: nearChanges(fresh, oldTexts),
    wordFor: secret => (known.has(secret) ? '"(hidden)"' : '"(hidden, new)"'),
  });
  const patch = createTwoFilesPatch(
    before === undefined ? '/dev/null' : path,
    path,
    oldText.replaceAll('\r\n', '\n'),
    newText.replaceAll('\r\n', '\n'),
    undefined,
    undefined,
    { context: contextLines, headerOptions: FILE_HEADERS_ONLY },
  );
  return plainLines(patch);
}

const textOf =
  ({ text }: Layout) =>
  (item: Item) =>
    item.piece ?? text.slice(item.start, item.end());

/** The entries that differ, and those that may be shown around them: of thousands, no more need be looked through. */
function nearChanges(layout: Layout, others: ReadonlySet<string>): Item[] {
  const { items } = layout;
  if (items.length < 200) return [...items];
  const near = new Set<Item>();
  for (const [index, item] of items.entries()) {
    const isEnd = items[index + 1]?.section !== item.section || items[index - 1]?.section !== item.section;
    if (!isEnd && others.has(textOf(layout)(item))) continue;
    for (const neighbour of items.slice(Math.max(0, index - contextLines), index + contextLines + 1))
      near.add(neighbour);
  }
  return [...near];
}

function secretsOf(items: readonly Item[]): string[] {
  const texts = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [String(value)];
  return items.filter(({ section }) => section === 'users').flatMap(({ value }) => texts(value));
}
