import { graphemes } from './graphemes.ts';

function boundaries(value: string): number[] {
  const offsets = [0];
  let offset = 0;
  for (const character of graphemes(value)) {
    offset += character.length;
    offsets.push(offset);
  }
  return offsets;
}

export const before = (value: string, cursor: number) =>
  boundaries(value).findLast(offset => offset < cursor) ?? 0;
export const after = (value: string, cursor: number) =>
  boundaries(value).find(offset => offset > cursor) ?? value.length;
/** An edit can join characters (a letter and the accent that now follows it): the cursor goes behind them. */
export const settle = (value: string, cursor: number) =>
  boundaries(value).find(offset => offset >= cursor) ?? value.length;

export function wordStart(value: string, cursor: number): number {
  const match = /[\p{L}\p{N}\p{M}_]+[^\p{L}\p{N}\p{M}_]*$/u.exec(value.slice(0, cursor));
  return before(value, (match?.index ?? 0) + 1);
}

export function wordEnd(value: string, cursor: number): number {
  const match = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]+/u.exec(value.slice(cursor));
  return match ? settle(value, cursor + match[0].length) : value.length;
}

export const blankWordStart = (value: string, cursor: number) =>
  before(value, value.slice(0, cursor).replace(/\S*\s*$/u, '').length + 1);
