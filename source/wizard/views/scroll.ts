import type { Key } from '../parts/keys.ts';

/** How far a text is scrolled, and what of it there is room for; all in rows. */
export type Scroll = { readonly top: number; readonly rows: number; readonly all: number };

/** The rows between `start` and `end` are drawn, and below them where that is; the whole text where it fits. */
export function scrollWindow({ top, rows, all }: Scroll): { readonly start: number; readonly end: number } {
  if (all <= rows) return { start: 0, end: all };
  const size = pageOf(rows);
  const start = Math.max(0, Math.min(top, all - size));
  return { start, end: start + size };
}

/** One row says where in the text this is. */
const pageOf = (rows: number) => Math.max(1, rows - 1);

/** Where a key scrolls to; undefined for a key that does not scroll, and where all is drawn already. */
export function scrollBy(key: Key, scroll: Scroll): number | undefined {
  const { rows, all } = scroll;
  if (all <= rows) return undefined;
  const page = pageOf(rows);
  const { start } = scrollWindow(scroll);
  const to = {
    up: start - 1,
    down: start + 1,
    pageup: start - page,
    pagedown: start + page,
    home: 0,
    end: all,
  };
  const wanted = Object.hasOwn(to, key.name) ? to[key.name as keyof typeof to] : undefined;
  return wanted === undefined ? undefined : Math.max(0, Math.min(wanted, all - page));
}
