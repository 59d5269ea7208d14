import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type IPty, spawn } from '@lydell/node-pty';
import { type KeyName, keyBytes } from './press.ts';
import { createScreen, type Screen } from './screen.ts';
import { createWatch, frameOf, type Watch } from './watch.ts';

export type TerminalOptions = {
  readonly command: string;
  readonly args?: readonly string[];
  /** On top of a small environment of a person's terminal; `undefined` removes. CI is never inherited. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
};

/** As a shell sees it: ended by a signal is 128 and its number. */
export type Exit = { readonly code: number };

export type TerminalModes = { readonly icanon: boolean; readonly echo: boolean; readonly isig: boolean };

export type Terminal = Pick<Screen, 'screen' | 'cells' | 'scrollback' | 'logicalLines'> & {
  /** Each key in a write of its own; after Escape a pause, as a person's hand makes it. */
  press(...keys: KeyName[]): Promise<void>;
  /** Letters as a person types them, a write each. */
  type(text: string): void;
  /** Bytes in one write. */
  send(bytes: string): void;
  /** As terminals paste: in brackets where the program asked for it, line ends as Enter. */
  paste(text: string): void;
  waitFor: Watch['waitFor'];
  resize(columns: number, rows: number): void;
  readonly exit: Promise<Exit>;
  readonly pid: Promise<number>;
  /** The kernel's settings of this terminal, readable after the program's end too. */
  modes(): Promise<TerminalModes>;
  cursor(): { x: number; y: number; visible: boolean };
  cursorVisible(): boolean;
  bracketedPaste(): boolean;
  /** Every byte the program wrote. */
  rawOutput(): string;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Closes the window, as a lost connection does. */
  close(): void;
};

const run = promisify(execFile);

// Keeps the terminal open after the program, as a shell does, and tells about it in a sequence that no screen shows.
const osc = 7717;
// A synchronized update: terminals that know it show nothing until its end.
const updateBegins = '\u001b[?2026h';
const updateEnds = '\u001b[?2026l';
const wrapper = [
  'trap : INT QUIT TERM',
  `sh -c 'printf "\\033]${osc};pid=%s\\007" $$; exec "$@"' sh "$@"`,
  `printf "\\033]${osc};exit=%s\\007" $?`,
  'while :; do sleep 3600; done',
].join('\n');

const inherited = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE'];

function environment(extra: TerminalOptions['env'] = {}): Record<string, string> {
  const base = Object.fromEntries(inherited.map(name => [name, process.env[name]]));
  const all = { ...base, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...extra };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function readModes(path: string): Promise<TerminalModes> {
  const flag = process.platform === 'darwin' ? '-f' : '-F';
  const { stdout } = await run('stty', ['-a', flag, path], { timeout: 5000 });
  const has = (name: string) => new RegExp(`(?:^|\\s)${name}(?:\\s|;|$)`).test(stdout);
  return { icanon: has('icanon'), echo: has('echo'), isig: has('isig') };
}

function deferred<T>() {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>(resolve => {
    settle = resolve;
  });
  return { promise, resolve: (value: T) => settle(value) };
}

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

/** Runs a program in a real pseudo-terminal with a screen; it is killed when the test ends. */
export function openTerminal(test: { after(run: () => void): void }, options: TerminalOptions): Terminal {
  const { columns = 80, rows = 24 } = options;
  const screen = createScreen(columns, rows);
  const pty: IPty & { readonly ptsName?: string } = spawn(
    'sh',
    ['-c', wrapper, 'sh', options.command, ...(options.args ?? [])],
    { cols: columns, rows, cwd: options.cwd ?? process.cwd(), env: environment(options.env) },
  );
  let size = { columns, rows };
  let raw = '';
  let shown = '';
  let isOpen = true;
  let isRunning = true;
  let program: number | undefined;
  const pid = deferred<number>();
  const exit = deferred<Exit>();
  const watch = createWatch(
    screen,
    () => `${frameOf(screen.screen(), size.columns)}\nlast bytes: ${JSON.stringify(raw.slice(-400))}`,
    () => shown.lastIndexOf(updateBegins) > shown.lastIndexOf(updateEnds),
  );
  screen.onOsc(osc, data => {
    const [name, value] = data.split('=');
    if (name === 'pid') {
      program = Number(value);
      pid.resolve(program);
    } else {
      isRunning = false;
      exit.resolve({ code: Number(value) });
    }
  });
  exit.promise.then(({ code }) => watch.ended(`the program ended with ${code}`));
  screen.onReply(data => isOpen && pty.write(data));
  pty.onData(data => {
    raw += data;
    void screen.write(data).then(() => {
      shown += data;
      watch.changed();
    });
  });
  pty.onExit(() => {
    isOpen = false;
    exit.resolve({ code: 129 });
  });

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    pty.kill('SIGHUP');
  };
  test.after(() => {
    for (const id of [isRunning ? program : undefined, -pty.pid]) {
      try {
        if (id !== undefined) process.kill(id, 'SIGKILL');
      } catch {}
    }
    screen.dispose();
  });

  return {
    screen: screen.screen,
    cells: screen.cells,
    scrollback: screen.scrollback,
    logicalLines: screen.logicalLines,
    cursor: screen.cursor,
    cursorVisible: () => screen.cursor().visible,
    bracketedPaste: screen.bracketedPaste,
    waitFor: watch.waitFor,
    exit: exit.promise,
    pid: pid.promise,
    rawOutput: () => raw.replaceAll(new RegExp(`\\u001b\\]${osc};[^\\u0007]*\\u0007`, 'g'), ''),
    async press(...keys) {
      for (const key of keys) {
        pty.write(keyBytes[key]);
        await pause(key === 'escape' ? 120 : 0);
      }
    },
    type(text) {
      for (const character of text) pty.write(character);
    },
    send: bytes => pty.write(bytes),
    paste(text) {
      const sent = text.replaceAll(/\r?\n/g, '\r');
      pty.write(screen.bracketedPaste() ? `\u001b[200~${sent}\u001b[201~` : sent);
    },
    resize(nextColumns, nextRows) {
      size = { columns: nextColumns, rows: nextRows };
      screen.resize(nextColumns, nextRows);
      pty.resize(nextColumns, nextRows);
    },
    modes: () => readModes(pty.ptsName ?? ''),
    async kill(signal) {
      process.kill(await pid.promise, signal);
    },
    close,
  };
}
