import xterm from '@xterm/headless';

/** A terminal's screen without a window: takes bytes, knows what a person would see. */
export type Screen = {
  write(data: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** What is in the window now, a string per row, without trailing blanks. */
  screen(): string[];
  /** Everything from the first line that scrolled away to the last. */
  scrollback(): string[];
  /** Like `scrollback`, with the rows that the terminal itself wrapped joined: what selecting and copying gives. */
  logicalLines(): string[];
  cursor(): { x: number; y: number; visible: boolean };
  bracketedPaste(): boolean;
  /** Called with what the terminal answers by itself, such as a cursor report. */
  onReply(listener: (data: string) => void): void;
  onOsc(id: number, listener: (data: string) => void): void;
  dispose(): void;
};

export function createScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  let visible = true;
  for (const [final, shows] of [
    ['h', true],
    ['l', false],
  ] as const) {
    terminal.parser.registerCsiHandler({ prefix: '?', final }, params => {
      if (params.includes(25)) visible = shows;
      return false;
    });
  }
  const line = (row: number) => terminal.buffer.active.getLine(row);
  const rowsFrom = (start: number) => {
    const lines: string[] = [];
    for (let row = start; row < terminal.buffer.active.length; row++) {
      lines.push(line(row)?.translateToString(true) ?? '');
    }
    return lines;
  };
  return {
    write: data => new Promise(resolve => terminal.write(data, resolve)),
    resize: (nextColumns, nextRows) => terminal.resize(nextColumns, nextRows),
    screen: () => rowsFrom(terminal.buffer.active.baseY),
    scrollback: () => rowsFrom(0),
    logicalLines() {
      const joined: string[] = [];
      for (let row = 0; row < terminal.buffer.active.length; row++) {
        const each = line(row);
        const continues = line(row + 1)?.isWrapped ?? false;
        const text = each?.translateToString(!continues) ?? '';
        if (each?.isWrapped) joined.push((joined.pop() ?? '') + text);
        else joined.push(text);
      }
      return joined;
    },
    cursor: () => ({ x: terminal.buffer.active.cursorX, y: terminal.buffer.active.cursorY, visible }),
    bracketedPaste: () => terminal.modes.bracketedPasteMode,
    onReply(listener) {
      terminal.onData(listener);
    },
    onOsc(id, listener) {
      terminal.parser.registerOscHandler(id, data => {
        listener(data);
        return true;
      });
    },
    dispose: () => terminal.dispose(),
  };
}
