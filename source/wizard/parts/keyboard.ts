import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { createAssembler } from './input-assembler.ts';

/**
 * The terminal's input as Ink reads it, with escape sequences put together again. It reads only in raw mode, so that
 * what is typed while another program has the terminal stays with that program.
 * @param typed what was read before
 */
export function createKeyboard(source: ReadStream, typed = ''): ReadStream {
  const assembler = createAssembler();
  const output = new PassThrough({ decodeStrings: false });
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let before = typed;

  const pass = (text: string) => {
    if (text !== '') output.write(text);
    const patience = assembler.patience();
    if (patience !== undefined) timer = setTimeout(() => pass(assembler.flush()), patience);
  };
  const onData = (chunk: Buffer | string) => {
    clearTimeout(timer);
    pass(assembler.push(chunk.toString()));
  };

  const setRawMode = (isRaw: boolean) => {
    source.setRawMode(isRaw);
    if (isRaw && !isReading) {
      // A second decoder would lose the half of a character that the first one holds.
      if (source.readableEncoding === null) source.setEncoding('utf8');
      source.on('data', onData).resume();
      if (before !== '') onData(before);
      before = '';
    } else if (!isRaw && isReading) {
      clearTimeout(timer);
      source.off('data', onData).pause();
    }
    isReading = isRaw;
    return output;
  };
  const ref = () => {
    source.ref();
    return output;
  };
  const unref = () => {
    source.unref();
    return output;
  };
  return Object.assign(output, { isTTY: true, setRawMode, ref, unref }) as unknown as ReadStream;
}
