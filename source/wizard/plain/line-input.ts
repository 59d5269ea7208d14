import { StringDecoder } from 'node:string_decoder';

export type LineInput = {
  /** Nothing of what is typed is to be seen, however long it is. */
  hide(isHidden: boolean): void;
  close(): void;
};

export type LineInputOptions = {
  readonly stdin: NodeJS.ReadStream;
  readonly onLine: (line: string) => void;
  /** Ctrl+C where the terminal makes no signal of it. */
  readonly onInterrupt: () => void;
  readonly onEnd: () => void;
};

const interrupt = '\u0003';
const endOfInput = '\u0004';
const erase = /[^\u007f\b][\u007f\b]/;
const pasteMarks = /\u001b\[20[01]~/g;

/**
 * Lines from a terminal or a pipe. A terminal edits and shows the line itself, which is all that a console without cursor
 * control can do; but it keeps no more than 4,095 bytes of one, so what is long or secret is read raw and unseen.
 */
export function openLines({ stdin, onLine, onInterrupt, onEnd }: LineInputOptions): LineInput {
  const decoder = new StringDecoder('utf8');
  const isTerminal = stdin.isTTY === true;
  let rest = '';
  let isHidden = false;

  const onData = (chunk: Buffer | string) => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    if (isHidden && text.includes(interrupt)) return onInterrupt();
    if (isHidden && text.includes(endOfInput)) return onEnd();
    const parts = (rest + text).split(/\r\n|\r|\n/);
    rest = parts.pop() ?? '';
    for (const line of parts) onLine(isTerminal ? cleaned(line) : line);
  };
  const onClose = () => {
    if (rest !== '') onLine(rest);
    rest = '';
    onEnd();
  };
  stdin.on('data', onData).on('end', onClose).resume();
  return {
    hide(hidden) {
      if (!isTerminal || hidden === isHidden) return;
      isHidden = hidden;
      stdin.setRawMode(hidden);
    },
    close() {
      this.hide(false);
      stdin.off('data', onData).off('end', onClose).pause();
    },
  };
}

function cleaned(line: string): string {
  let text = line.replaceAll(pasteMarks, '');
  while (erase.test(text)) text = text.replace(erase, '');
  return text;
}
