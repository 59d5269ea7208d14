import { isDeepStrictEqual } from 'node:util';
import { isMap, isNode, isScalar, type Pair, type YAMLMap } from 'yaml';
import type { Item } from './layout.ts';
import { behindColon, endOf, type Place, startOf } from './place.ts';
import { blockLines, flowGap, flowText, scalarText } from './render.ts';
import { type Fields, fieldOf, isFields } from './section.ts';
import { behindComments, behindLine, columnOf, lineStartOf, type Splice } from './splice.ts';

type Text = { readonly text: string; readonly eol: string };

type Manner = {
  readonly inFlow: boolean;
  /** The new value in block style, each line indented; undefined for one that fits behind its key. */
  readonly lines?: readonly string[] | undefined;
  /** Where the old value ends. */
  readonly end?: number;
};

/** Puts another value in the place of a pair's. */
export function replaceBy(
  pair: Pair,
  value: unknown,
  { inFlow, lines, end }: Manner,
  place: Place,
  eol: string,
): Splice {
  const colon = behindColon(pair, place);
  const old = isNode(pair.value) ? pair.value : undefined;
  const behind = Math.max(colon, end ?? (old === undefined ? colon : endOf(old, place)));
  if (lines !== undefined) {
    return { start: colon, end: behind, text: lines.map(line => `${eol}${line}`).join('') };
  }
  // What stands between a colon and a plain value stays.
  const isBare = isScalar(old) && old.range?.[0] !== old.range?.[1] && !old.anchor && !old.tag;
  const start = isBare ? startOf(old, place) : colon;
  const flow = () => flowText(value, flowGap(place.text, startOf(pair.key, place), eol).lines);
  const shown = inFlow ? flow() : isObject(value) ? flowText(value) : scalarText(value);
  return { start, end: behind, text: isBare ? shown : ` ${shown}` };
}

function replaceValue(
  pair: Pair,
  value: unknown,
  inFlow: boolean,
  place: Place,
  eol: string,
  comment?: string,
) {
  if (inFlow || !isObject(value) || Object.keys(value).length === 0) {
    return replaceBy(pair, value, { inFlow }, place, eol);
  }
  const column = columnOf(place.text, startOf(pair.key, place)) + (Array.isArray(value) ? 0 : 2);
  const lines = blockLines(value, { comment }).map(line => ' '.repeat(column) + line);
  return replaceBy(pair, value, { inFlow, lines }, place, eol);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Gives an entry another content. A cluster and a context keep what of them stays letter by letter, with their comments; a user
 * is written anew, because what is said beside a credential is about that one.
 * @throws Error where the entry is written in a way that cannot be changed in place
 */
export function setContent(item: Item, content: Fields, file: Text, comment?: string): Splice[] {
  const { map, place } = mapOf(item, file);
  const kind = fieldOf[item.section];
  const pair = pairOf(map, kind);
  if (pair === undefined) return [insertPair(map, kind, content, place, file.eol)];
  const old = pair.value;
  const isAnew =
    item.section === 'users' ||
    !isMap(old) ||
    old.flow ||
    old.anchor !== undefined ||
    Object.keys(content).length === 0;
  if (isAnew || !old.items.every(({ key }) => isScalar(key) && key.value !== '<<')) {
    return [replaceValue(pair, content, map.flow === true, place, file.eol, comment)];
  }
  return setFields(old as YAMLMap, item.value?.[kind], content, place, file.eol);
}

/** @throws Error where the name is not written out in the entry */
export function rename(item: Item, to: string, file: Text): Splice {
  const { map, place } = mapOf(item, file);
  const pair = pairOf(map, 'name');
  if (pair === undefined) throw new Error('an entry without a name');
  return replaceValue(pair, to, map.flow === true, place, file.eol);
}

export function setScalar(pair: Pair, value: string, inFlow: boolean, place: Place, eol: string): Splice {
  return replaceBy(pair, value, { inFlow }, place, eol);
}

function mapOf(item: Item, { text }: Text): { map: YAMLMap; place: Place } {
  const { node, base } = item.spot();
  if (!isMap(node)) throw new Error('an entry that is an alias');
  return { map: node as YAMLMap, place: { text, base } };
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(({ key: node }) => isScalar(node) && node.value === key);
}

function setFields(map: YAMLMap, before: unknown, content: Fields, place: Place, eol: string): Splice[] {
  const old: Fields = isFields(before) ? before : {};
  const splices: Splice[] = [];
  for (const pair of map.items) {
    const key = String((pair.key as { value?: unknown }).value);
    if (!(key in content)) splices.push(removePair(pair, place));
    else if (!isDeepStrictEqual(old[key], content[key])) {
      splices.push(replaceValue(pair, content[key], false, place, eol));
    }
  }
  const added = Object.entries(content).filter(([key]) => !(key in old));
  for (const [key, value] of added) splices.push(insertPair(map, key, value, place, eol));
  return splices;
}

function removePair(pair: Pair, place: Place): Splice {
  const { text } = place;
  const column = columnOf(text, startOf(pair.key, place));
  const end = behindComments(text, behindLine(text, endOf(pair, place)), column);
  return { start: lineStartOf(text, startOf(pair.key, place)), end, text: '' };
}

/** Adds a pair behind the last of a map. */
function insertPair(map: YAMLMap, key: string, value: unknown, place: Place, eol: string): Splice {
  const { text } = place;
  const last = map.items.at(-1);
  if (last === undefined) throw new Error('a map without a key');
  const at = endOf(last, place);
  if (map.flow) {
    const gap = flowGap(text, startOf(last.key, place), eol);
    return { start: at, end: at, text: `,${gap.text}${JSON.stringify(key)}: ${flowText(value, gap.lines)}` };
  }
  const column = columnOf(text, startOf(map.items[0]?.key, place));
  const lines = blockLines({ [key]: value }).map(line => ' '.repeat(column) + line);
  return insertLines(at, column, lines, { text, eol });
}

/** Adds lines below the one that an offset lies in, and below the comments that belong to it. */
export function insertLines(
  offset: number,
  column: number,
  lines: readonly string[],
  { text, eol }: Text,
): Splice {
  const at = behindComments(text, behindLine(text, offset), column);
  const isOpen = at === text.length && text.at(-1) !== '\n';
  const added = lines.join(eol);
  return { start: at, end: at, text: isOpen ? `${eol}${added}` : `${added}${eol}` };
}
