import { createContext, type ReactNode, useContext } from 'react';
import type { LiveSize } from './live-size-of.ts';

const LiveSizeContext = createContext<LiveSize>({ columns: 79, rows: 23 });

export function LiveSizeProvider({ size, children }: { size: LiveSize; children: ReactNode }) {
  return <LiveSizeContext value={size}>{children}</LiveSizeContext>;
}

/** Unlike Ink's `useWindowSize` never a frame late: `mountApp` sets it before anything is drawn at the new size. */
export const useLiveSize = (): LiveSize => useContext(LiveSizeContext);
