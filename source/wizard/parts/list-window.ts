/** Which rows of a long list are drawn: at most `height`, with the active one near the middle. */
export function listWindow(count: number, active: number, height: number): { start: number; end: number } {
  const size = Math.max(0, Math.min(count, height));
  const wanted = Math.max(0, active) - Math.floor((size - 1) / 2);
  const start = Math.max(0, Math.min(count - size, wanted));
  return { start, end: start + size };
}
