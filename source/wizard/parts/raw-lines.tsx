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

type Props<Line> = { readonly lines: readonly Line[]; readonly format: (line: Line) => string };

/** Prints each line once, when it first appears in the list: addresses, codes, commands, finished steps. */
export function RawLines<Line>({ lines, format }: Props<Line>) {
  const print = usePrintAbove();
  const printed = useRef(0);
  useEffect(() => {
    const open = lines.slice(printed.current);
    printed.current = Math.max(printed.current, lines.length);
    // In one write, for the live part is drawn again after each.
    if (open.length > 0) print(open.map(format).join('\n'));
  }, [lines, format, print]);
  return null;
}
