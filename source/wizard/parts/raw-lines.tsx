import { useStdout } from 'ink';
import { useCallback, useEffect, useRef } from 'react';

/**
 * Prints a line above the live part, into the scrollback, exactly as it is: the terminal wraps it, so that selecting
 * it gives back one line. Ink's own text, `<Static>` too, is broken into separate lines. The text must be clean.
 */
export function usePrintAbove(): (line: string) => void {
  const { write } = useStdout();
  return useCallback(line => write(`${line}\n`), [write]);
}

/** Prints each line once, when it first appears in the list: addresses, codes, commands, finished steps. */
export function RawLines({ lines }: { readonly lines: readonly string[] }) {
  const print = usePrintAbove();
  const printed = useRef(0);
  useEffect(() => {
    for (const line of lines.slice(printed.current)) print(line);
    printed.current = Math.max(printed.current, lines.length);
  }, [lines, print]);
  return null;
}
