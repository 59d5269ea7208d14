import { isSeq } from 'yaml';
import { insertLines, replaceBy } from './edit-value.ts';
import type { Item, Layout } from './layout.ts';
import { startOf } from './place.ts';
import { blockLines, flowGap, flowText } from './render.ts';
import type { Fields, Section } from './section.ts';
import { behindComments, behindLine, columnOf, lineStartOf, type Splice } from './splice.ts';

/** An entry to be added to a list. */
export type NewItem = { readonly value: Fields; readonly comment?: string | undefined };

/**
 * Adds entries to the end of a list and takes others out, in the list's own style.
 * @throws Error where the list is written in a way that cannot be changed in place
 */
export function changeList(
  layout: Layout,
  section: Section,
  added: readonly NewItem[],
  removed: ReadonlySet<Item>,
): Splice[] {
  const { text, eol } = layout;
  const items = layout.items.filter(item => item.section === section);
  const kept = items.filter(item => !removed.has(item));
  if (added.length === 0 && kept.length === items.length) return [];
  const values = added.map(({ value }) => value);
  const key = layout.keys.find(candidate => candidate.key === section);
  if (key === undefined) return [addKey(layout, section, values, blockItems(added, columnOfLists(layout)))];
  const { node: pair, base } = key.spot();
  const place = { text, base };
  const isFlow = isSeq(pair.value) ? pair.value.flow === true : layout.style === 'flow';
  const last = items.at(-1);
  if (last === undefined || kept.length === 0) {
    const inFlow = layout.style === 'flow';
    const lines = inFlow || added.length === 0 ? undefined : blockItems(added, columnOfLists(layout));
    return [replaceBy(pair, values, { inFlow, lines, end: key.end() }, place, eol)];
  }
  if (isFlow) return changeFlowList(items, kept, values, layout);
  const splices = items.filter(item => removed.has(item)).map(item => removeLines(item, text));
  if (added.length === 0) return splices;
  const column = columnOf(text, last.start);
  return [...splices, insertLines(last.end(), column, blockItems(added, column), layout)];
}

function blockItems(added: readonly NewItem[], column: number): string[] {
  return added.flatMap(({ value, comment }) =>
    blockLines(value, { isIndented: column > 0, comment }).map(
      (line, index) => `${' '.repeat(column)}${index === 0 ? '- ' : '  '}${line}`,
    ),
  );
}

// As the other lists of the file have it.
function columnOfLists({ style, items: [item], text }: Layout): number {
  return style === 'block' && item?.isBlock ? columnOf(text, item.start) : 0;
}

/** Adds a key at the end of the top-level map. @param lines its value's, in block style, or the value behind the key */
export function addKey(
  layout: Layout,
  key: string,
  value: unknown,
  lines: readonly string[] | string,
): Splice {
  const { text, eol, style } = layout;
  const last = layout.keys.at(-1);
  if (last === undefined) throw new Error('a map without a key');
  if (style === 'flow') {
    const { node, base } = last.spot();
    const gap = flowGap(text, startOf(node.key, { text, base }), eol);
    const at = last.end();
    return { start: at, end: at, text: `,${gap.text}${JSON.stringify(key)}: ${flowText(value, gap.lines)}` };
  }
  const shown = typeof lines === 'string' ? [`${key}: ${lines}`] : [`${key}:`, ...lines];
  return insertLines(last.end(), 0, shown, layout);
}

function removeLines({ start, end }: Item, text: string): Splice {
  const behind = behindComments(text, behindLine(text, end()), columnOf(text, start));
  return { start: lineStartOf(text, start), end: behind, text: '' };
}

function changeFlowList(
  items: readonly Item[],
  kept: readonly Item[],
  values: readonly Fields[],
  { text, eol }: Layout,
): Splice[] {
  const splices: Splice[] = [];
  const lastKept = kept.at(-1);
  const last = items.at(-1);
  if (last === undefined || lastKept === undefined) throw new Error('a list without an entry');
  for (const [index, item] of items.entries()) {
    const next = items[index + 1];
    if (kept.includes(item) || next === undefined || item.start > lastKept.start) continue;
    splices.push({ start: item.start, end: next.start, text: '' });
  }
  if (last !== lastKept) splices.push({ start: lastKept.end(), end: last.end(), text: '' });
  const gap = flowGap(text, last.start, eol);
  const added = values.map(value => `,${gap.text}${flowText(value, gap.lines)}`).join('');
  return [...splices, { start: last.end(), end: last.end(), text: added }];
}
