import { createContext, type ReactNode, useContext } from 'react';

export type LiveSize = { readonly columns: number; readonly rows: number };

const LiveSizeContext = createContext<LiveSize>({ columns: 79, rows: 23 });

/**
 * What the live part may fill: a row less than the window, because Ink clears the screen for a frame that fills it,
 * and a column less, because some consoles wrap as soon as the last cell is written.
 */
export function liveSizeOf(window: { columns?: number; rows?: number }): LiveSize {
  return { columns: Math.max(1, (window.columns || 80) - 1), rows: Math.max(1, (window.rows || 24) - 1) };
}

export function LiveSizeProvider({ size, children }: { size: LiveSize; children: ReactNode }) {
  return <LiveSizeContext value={size}>{children}</LiveSizeContext>;
}

/** Unlike Ink's `useWindowSize` never a frame late: `mountApp` sets it before anything is drawn at the new size. */
export const useLiveSize = (): LiveSize => useContext(LiveSizeContext);
