export type LiveSize = { readonly columns: number; readonly rows: number };

/**
 * What the live part may fill: a row less than the window, because Ink clears the screen for a frame that fills it,
 * and a column less, because some consoles wrap as soon as the last cell is written.
 */
export function liveSizeOf(window: { columns?: number; rows?: number }): LiveSize {
  return { columns: Math.max(1, (window.columns || 80) - 1), rows: Math.max(1, (window.rows || 24) - 1) };
}
