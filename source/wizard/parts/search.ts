import { graphemes } from './graphemes.ts';

/** How two texts are compared: letters without case, accents and width. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ς', 'σ');
}

export type Searchable = { readonly label: string; readonly extra: string };

export const searchable = (label: string, extra = ''): Searchable => ({
  label: fold(label),
  extra: fold(extra),
});

export const tokensOf = (filter: string) => fold(filter).split(/\s+/u).filter(Boolean);

const startsWord = (text: string, token: string) => {
  for (let at = text.indexOf(token); at !== -1; at = text.indexOf(token, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true;
  }
  return false;
};

/** Where the letters of a token stand in a text, each as early as it can; undefined when they are not all there. */
function scattered(text: string, token: string): number[] | undefined {
  const places: number[] = [];
  let from = 0;
  for (const letter of token) {
    const at = text.indexOf(letter, from);
    if (at === -1) return undefined;
    places.push(at);
    from = at + letter.length;
  }
  return places;
}

/** Two letters are in almost every name. */
const fewestScattered = 3;

const isScattered = (text: string, token: string) =>
  token.length >= fewestScattered && scattered(text, token) !== undefined;

/** 0 starts with it · 1 a word starts with each · 2 in the label · 3 elsewhere · 4 its letters in their order · undefined: no match. */
function rank({ label, extra }: Searchable, tokens: readonly string[]): 0 | 1 | 2 | 3 | 4 | undefined {
  if (tokens.every(token => label.includes(token))) {
    if (label.startsWith(tokens[0] ?? '')) return 0;
    return tokens.every(token => startsWord(label, token)) ? 1 : 2;
  }
  const isIn = (token: string) => label.includes(token) || extra.includes(token);
  if (tokens.every(isIn)) return 3;
  return tokens.every(token => isIn(token) || isScattered(label, token)) ? 4 : undefined;
}

/**
 * Positions of what matches every word of the filter, best first, otherwise in the order given. Where no name holds the
 * words, those that hold their letters in their order.
 */
export function search(entries: readonly Searchable[], filter: string): number[] {
  const tokens = tokensOf(filter);
  if (tokens.length === 0) return entries.map((_, position) => position);
  const buckets: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
  for (const [position, entry] of entries.entries()) {
    const found = rank(entry, tokens);
    if (found !== undefined) buckets[found].push(position);
  }
  const [first, second, third, fourth, last] = buckets;
  const found = [...first, ...second, ...third, ...fourth];
  // In long names letters are in any order; only where nothing better is found that is what was meant.
  return found.length > 0 ? found : last;
}

export type Piece = { readonly start: number; readonly text: string; readonly match: boolean };

/** The text cut into matching and other pieces, so that a view can mark the matches. */
export function matchPieces(text: string, filter: string): Piece[] {
  const tokens = tokensOf(filter);
  const characters = graphemes(text);
  if (tokens.length === 0) return [{ start: 0, text, match: false }];
  const folded = characters.map(fold);
  const starts: number[] = [];
  let whole = '';
  for (const part of folded) {
    starts.push(whole.length);
    whole += part;
  }
  const marked = new Array<boolean>(whole.length).fill(false);
  for (const token of tokens) {
    if (!whole.includes(token)) for (const at of scattered(whole, token) ?? []) marked.fill(true, at, at + 1);
    for (let at = whole.indexOf(token); at !== -1; at = whole.indexOf(token, at + token.length)) {
      marked.fill(true, at, at + token.length);
    }
  }
  const pieces: { start: number; text: string; match: boolean }[] = [];
  for (const [index, character] of characters.entries()) {
    const match = marked[starts[index] ?? 0] ?? false;
    const last = pieces.at(-1);
    if (last && last.match === match) last.text += character;
    else pieces.push({ start: index, text: character, match });
  }
  return pieces;
}
