import { isCollection, isNode, isPair, isScalar, type Pair } from 'yaml';

/** The text that a node's offsets are counted in, from `base` on. */
export type Place = { readonly text: string; readonly base: number };

export function startOf(node: unknown, { base }: Place): number {
  if (!isNode(node) || !node.range) throw new Error('a node without a place');
  return base + node.range[0];
}

/** Where the text of a node ends, without blanks and comments behind it. */
export function endOf(node: unknown, place: Place): number {
  if (isPair(node)) return isNode(node.value) ? endOf(node.value, place) : endOf(node.key, place);
  if (!isNode(node) || !node.range) throw new Error('a node without a place');
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1), place);
  let end = place.base + node.range[1];
  if (isScalar(node) && node.type?.startsWith('BLOCK'))
    while (/[\r\n]/.test(place.text[end - 1] ?? '')) end--;
  return end;
}

/** Behind the colon of a pair. */
export function behindColon({ key }: Pair, place: Place): number {
  const end = endOf(key, place);
  const colon = place.text.indexOf(':', end);
  if (colon === -1 || place.text.slice(end, colon).trim() !== '') throw new Error('a key without its colon');
  return colon + 1;
}

/** The dash of the next entry of a list in block style. @param from in the line before, or before that */
export function nextDash(text: string, from: number): number {
  let line = text.indexOf('\n', from) + 1;
  while (line > 0) {
    const [blank = ''] = /^ */.exec(text.slice(line, line + 1000)) ?? [];
    if (text[line + blank.length] === '-') return line + blank.length;
    line = text.indexOf('\n', line) + 1;
  }
  throw new Error('an entry without its dash');
}
