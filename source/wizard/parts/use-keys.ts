import { useInput, usePaste } from 'ink';
import { type Key, keysOf } from './keys.ts';

/**
 * Calls `handler` once per key, in order. Several calls can come before the next render, so a handler
 * dispatches to a reducer and reads no React state. Mount it once, at the root: Ink drops half-read
 * sequences and leaves raw mode whenever its last input hook goes away.
 */
export function useKeys(handler: (key: Key) => void, { isActive = true }: { isActive?: boolean } = {}): void {
  useInput(
    (input, key) => {
      for (const each of keysOf(input, key)) handler(each);
    },
    { isActive },
  );
  usePaste(text => handler({ name: 'paste', text }), { isActive });
}
