import type { ReadStream, WriteStream } from 'node:tty';
import { render, renderToString } from 'ink';
import { Component, type ReactNode } from 'react';
import type { EarlyScreen } from '../../system/early-screen.ts';
import { drainInput, guardTerminal } from '../../system/terminal-guard.ts';
import { type Drawn, DrawnProvider, eraseAbove, reflowedRows } from './drawn.tsx';
import { createKeyboard } from './keyboard.ts';
import { LiveSizeProvider } from './live-size.tsx';
import { type LiveSize, liveSizeOf } from './live-size-of.ts';
import { defaultLook, type Look, LookProvider } from './look.tsx';

export type MountOptions = {
  readonly stdin?: ReadStream;
  /** Where it draws: stdout is for results. */
  readonly stderr?: WriteStream;
  readonly look?: Look;
  readonly screenReader?: boolean;
  /** The first frame, where it stands on the terminal already. */
  readonly early?: EarlyScreen | undefined;
  /** The live part alone, drawn once more to know what is on the screen when the window gets narrower. */
  readonly frame?: () => ReactNode;
  /** A narrower terminal breaks the lines that are on it anew. */
  readonly reflows?: boolean;
  /** Clean-up before the process ends by a signal; the terminal is restored by then. */
  readonly onSignal?: (signal: NodeJS.Signals) => void | Promise<void>;
};

export type MountedApp = {
  /** What the app gave to `useApp().exit()`; rejects with what broke it. The terminal is as it was by then. */
  waitUntilExit(): Promise<unknown>;
  unmount(): void;
};

/** With Ink's usual 30 a key waits for up to 33 ms before it is seen. */
const framesPerSecond = 120;
const clearLine = '\r\u001b[K';
/** Drawing anything has React do what is open in every tree, an effect that ends the app among it. */
const settle = () => void renderToString(null);

type BoundaryProps = {
  readonly onFailure: (error: unknown) => void;
  readonly onEnd: () => void;
  readonly children: ReactNode;
};

/** Ink would show the stack and lines of source code. */
class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override readonly state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });

  override componentDidCatch(error: unknown) {
    this.props.onFailure(error);
  }

  override componentWillUnmount() {
    this.props.onEnd();
  }

  override render() {
    return this.state.failed ? null : this.props.children;
  }
}

/** Draws on stderr, reads from stdin, and gives the terminal back however it ends. */
export function mountApp(element: ReactNode, options: MountOptions = {}): MountedApp {
  const { stdin = process.stdin, stderr = process.stderr, look = defaultLook, early } = options;
  let failure: { readonly error: unknown } | undefined;
  let isDying = false;
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  const fail = (error: unknown) => {
    failure ??= { error };
    // Not at once: it may come from the middle of React's own work.
    queueMicrotask(() => instance.unmount());
  };
  const keyboard = createKeyboard(stdin, early?.handOver());
  // Ink turns echo off after the first frame only, and what is typed until then would be printed into it.
  keyboard.setRawMode(true);
  if (early === undefined) stderr.write(clearLine);
  const drawn: Drawn = { cursor: undefined };
  const wrapped = (node: ReactNode, size: LiveSize) => (
    <LookProvider look={look}>
      <LiveSizeProvider size={size}>{node}</LiveSizeProvider>
    </LookProvider>
  );
  const tree = () => (
    <Boundary onFailure={fail} onEnd={end}>
      <DrawnProvider drawn={drawn}>{wrapped(element, liveSizeOf(stderr))}</DrawnProvider>
    </Boundary>
  );
  const instance = render(tree(), {
    stdin: keyboard,
    stdout: stderr,
    stderr,
    exitOnCtrlC: false,
    patchConsole: true,
    interactive: true,
    incrementalRendering: true,
    maxFps: framesPerSecond,
    isScreenReaderEnabled: options.screenReader ?? false,
  });
  const release = guardTerminal(instance, {
    devices: { stdin, stderr },
    onSignal: signal => {
      isDying = true;
      return options.onSignal?.(signal);
    },
    onFailure: fail,
  });
  early?.release();
  // Ahead of Ink's own listener, which would first draw the old layout, wider or taller than the window is now.
  let size = liveSizeOf(stderr);
  const onResize = () => {
    // After the end it would erase rows of others, and ask for pastes in brackets, on a terminal that is given back.
    settle();
    if (hasEnded) return;
    const next = liveSizeOf(stderr);
    const isNarrower = next.columns < size.columns;
    const rows =
      isNarrower && options.reflows ? reflowedRows(wrapped(options.frame?.(), size), next, drawn) : 0;
    size = next;
    instance.clear();
    if (rows > 0) stderr.write(eraseAbove(rows));
    instance.rerender(tree());
  };
  stderr.prependListener('resize', onResize);
  const finish = async () => {
    // The signal is about to be raised again: nobody has anything left to do.
    if (isDying) await new Promise(() => {});
    stderr.off('resize', onResize);
    await drainInput(stdin);
    release();
  };
  const exit = instance.waitUntilExit().then(
    async value => {
      await finish();
      if (failure) throw failure.error;
      return value;
    },
    async error => {
      await finish();
      throw failure?.error ?? error;
    },
  );
  exit.catch(() => {});
  return { waitUntilExit: () => exit, unmount: () => instance.unmount() };
}
