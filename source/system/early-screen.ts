import { writeSync } from 'node:fs';
import { type ReadStream, WriteStream } from 'node:tty';
import { restoreTerminal } from './terminal.ts';
import { guardTerminal } from './terminal-guard.ts';

/** A frame that stands on the terminal while what draws the others is loaded. Each of these may be called at any time. */
export type EarlyScreen = {
  /** Resolves once what was typed and how the window changed meanwhile is known, but never when the person has left. */
  ready(): Promise<void>;
  /**
   * Gives keys and screen away: the next frame that is written to stderr takes the place of this one.
   * @returns what was typed so far
   */
  handOver(): string;
  /** Somebody else sees to it from now on that the terminal is given back. */
  release(): void;
  /** Takes the frame off the terminal and gives it back; does nothing after `release`. */
  end(): void;
};

export type EarlyPicture = {
  /** The frame, and where the cursor goes. */
  readonly bytes: string;
  /** Rows from the frame's first to the cursor's in a window of so many columns. */
  rowsAbove(columns: number): number;
};

export type EarlyTerminal = { readonly stdin: ReadStream; readonly stderr: WriteStream };

const interrupt = '\u0003';
const hideCursor = '\u001b[?25l';
const bracketedPaste = '\u001b[?2004h';
const beginUpdate = '\u001b[?2026h';
const eraseBelow = '\u001b[J';
const eraseRight = '\u001b[K';

/**
 * Draws a frame before anything is loaded that could react to keys: they are kept, apart from Ctrl+C.
 * @param onInterrupt ends the process after Ctrl+C; the frame is gone by then, and the terminal still without echo
 */
export function openEarlyScreen(
  picture: EarlyPicture,
  terminal: EarlyTerminal,
  onInterrupt: () => void,
): EarlyScreen {
  const { stdin, stderr } = terminal;
  const size = stderr.getWindowSize();
  let typed = '';
  let isOpen = true;
  let hasLeft = false;
  let stopReplacing = () => {};

  const upTo = (columns: number) => {
    const rows = picture.rowsAbove(columns);
    return rows === 0 ? '\r' : `\u001b[${rows}A\r`;
  };
  const now = () => windowNow() ?? size;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    // Or it would keep the process alive.
    stdin.off('data', onData).pause();
    stopReplacing();
    writeSync(2, upTo(now()[0]) + eraseBelow);
  };
  const onData = (text: string) => {
    typed += text;
    if (!typed.includes(interrupt)) return;
    hasLeft = true;
    close();
    onInterrupt();
  };
  const release = guardTerminal({ unmount: close }, { devices: terminal });
  try {
    // First, or keys would be printed into the frame.
    stdin.setRawMode(true);
    stdin.setEncoding('utf8').on('data', onData).resume();
    stderr.write(`\r${eraseRight}${hideCursor}${bracketedPaste}${picture.bytes}`);
  } catch (error) {
    isOpen = false;
    stdin.off('data', onData).pause();
    release();
    throw error;
  }

  return {
    async ready() {
      // Nothing is heard while files are loaded. Of what waits the first turn may have had a part already.
      for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve));
      if (hasLeft) await new Promise(() => {});
    },
    handOver() {
      stdin.off('data', onData);
      stopReplacing = replaceBy(stderr, () => {
        const [columns, rows] = now();
        const isSame = columns === size[0] && rows === size[1];
        return beginUpdate + hideCursor + upTo(columns) + (isSame ? '' : eraseBelow);
      });
      return typed;
    },
    release() {
      isOpen = false;
      release();
    },
    end() {
      if (!isOpen) return;
      close();
      restoreTerminal(terminal);
      release();
    },
  };
}

/**
 * Puts something before what is written next, and has the first frame clear what is left of each of its rows and all rows
 * below: written over the same words, on no terminal anything flickers.
 */
function replaceBy(stderr: WriteStream, prefix: () => string): () => void {
  const write = stderr.write;
  let isFirst = true;
  const stop = () => {
    stderr.write = write;
  };
  const replacing = (given: string | Uint8Array, ...rest: []) => {
    let text = String(given);
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      stop();
      text = text.slice(0, end).replaceAll('\n', `${eraseRight}\n`) + eraseBelow + text.slice(end);
    }
    const before = isFirst ? prefix() : '';
    isFirst = false;
    return write.call(stderr, before + text, ...rest);
  };
  stderr.write = replacing as typeof write;
  return stop;
}

/** As it is at this moment: a stream keeps what it last heard, and while files are loaded it hears nothing. */
function windowNow(): [number, number] | undefined {
  try {
    const fresh = new WriteStream(2);
    const { columns, rows } = fresh;
    fresh.destroy();
    return columns > 0 ? [columns, rows] : undefined;
  } catch {
    return undefined;
  }
}
