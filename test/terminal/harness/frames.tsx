import { PassThrough, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import type { ReactNode } from 'react';
import { type Look, LookProvider, lookFor } from '../../../source/wizard/parts/look.tsx';
import { type MountedApp, type MountOptions, mountApp } from '../../../source/wizard/parts/mount.tsx';
import { type KeyName, keyBytes } from './press.ts';
import { createScreen, type Screen } from './screen.ts';
import { createWatch, frameOf, type Watch } from './watch.ts';

export type FrameOptions = { readonly columns?: number; readonly look?: Look };

export const asciiLook = lookFor({ unicode: false, motion: false });
export const stillLook = lookFor({ unicode: true, motion: false });

/** The lines of a part drawn once, without a terminal and without colours. Sizes come from the part's own properties. */
export function renderToFrame(
  element: ReactNode,
  { columns = 80, look = stillLook }: FrameOptions = {},
): string[] {
  const frame = renderToString(<LookProvider look={look}>{element}</LookProvider>, { columns });
  return stripVTControlCharacters(frame).split('\n');
}

type Shown = 'screen' | 'cells' | 'scrollback' | 'logicalLines' | 'cursor' | 'bracketedPaste';

export type MountedFrame = Pick<Screen, Shown> & {
  press(...keys: KeyName[]): void;
  send(bytes: string): void;
  waitFor: Watch['waitFor'];
  resize(columns: number, rows: number): void;
  readonly app: MountedApp;
  /** How many bytes were written since the last call: what a slow link has to carry. */
  bytesWritten(): number;
};

export type MountedOptions = FrameOptions &
  Pick<MountOptions, 'screenReader' | 'frame' | 'reflows'> & { readonly rows?: number };

/** An app in this process on a made-up terminal: quicker than a real one, and what it shows is the same. */
export function mountOnScreen(
  test: { after(run: () => Promise<void>): void },
  element: ReactNode,
  { columns = 80, rows = 24, look = stillLook, ...others }: MountedOptions = {},
): MountedFrame {
  const screen = createScreen(columns, rows);
  const watch = createWatch(screen, () => frameOf(screen.screen(), columns));
  let bytes = 0;
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      bytes += Buffer.byteLength(chunk);
      // A terminal's driver puts the cursor back to the first column on every line end.
      void screen.write(chunk.toString().replaceAll(/\r?\n/g, '\r\n')).then(() => {
        watch.changed();
        done();
      });
    },
  });
  const stderr = Object.assign(output, { isTTY: true, columns, rows }) as unknown as WriteStream;
  const input = new PassThrough();
  const nothing = () => input;
  const stdin = Object.assign(input, { isTTY: true, setRawMode: nothing, ref: nothing, unref: nothing });
  const app = mountApp(element, { stdin: stdin as unknown as ReadStream, stderr, look, ...others });
  test.after(async () => {
    app.unmount();
    await app.waitUntilExit().catch(() => {});
    screen.dispose();
  });
  return {
    screen: screen.screen,
    cells: screen.cells,
    scrollback: screen.scrollback,
    logicalLines: screen.logicalLines,
    cursor: screen.cursor,
    bracketedPaste: screen.bracketedPaste,
    waitFor: watch.waitFor,
    app,
    press(...keys) {
      for (const key of keys) input.write(keyBytes[key]);
    },
    send: text => void input.write(text),
    resize(nextColumns, nextRows) {
      screen.resize(nextColumns, nextRows);
      Object.assign(stderr, { columns: nextColumns, rows: nextRows });
      stderr.emit('resize');
    },
    bytesWritten() {
      const written = bytes;
      bytes = 0;
      return written;
    },
  };
}
