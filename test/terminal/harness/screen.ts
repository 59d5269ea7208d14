import xterm from '@xterm/headless';

export type Cell = {
  readonly text: string;
  /** Columns it takes; the second cell of a wide character is left out. */
  readonly width: number;
  readonly bold: boolean;
  readonly inverse: boolean;
  readonly underline: boolean;
  /** A number of the 256 colours; undefined is the terminal's own. */
  readonly color: number | undefined;
  readonly background: number | undefined;
};

/** A terminal's screen without a window: takes bytes, knows what a person would see. */
export type Screen = {
  write(data: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** What is in the window now, a string per row, without trailing blanks. */
  screen(): string[];
  /** The window, cell by cell with its attributes. */
  cells(): Cell[][];
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

function cellsOf(line: ReturnType<xterm.Terminal['buffer']['active']['getLine']>): Cell[] {
  const cells: Cell[] = [];
  for (let column = 0; column < (line?.length ?? 0); column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    cells.push({
      text: cell.getChars() || ' ',
      width: cell.getWidth(),
      bold: cell.isBold() !== 0,
      inverse: cell.isInverse() !== 0,
      underline: cell.isUnderline() !== 0,
      color: cell.isFgPalette() ? cell.getFgColor() : undefined,
      background: cell.isBgPalette() ? cell.getBgColor() : undefined,
    });
  }
  return cells;
}

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
    cells: () =>
      Array.from({ length: terminal.rows }, (_, row) => cellsOf(line(terminal.buffer.active.baseY + row))),
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
