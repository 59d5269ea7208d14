import type { ReadStream } from 'node:tty';
import { restoreTerminal, type TerminalDevices } from './terminal.ts';

export type GuardOptions = {
  readonly devices?: TerminalDevices;
  /** Runs after the terminal is back and before the process ends by the signal; it gets a second at most. */
  readonly onSignal?: ((signal: NodeJS.Signals) => void | Promise<void>) | undefined;
  /** An exception that nobody caught, or a rejected promise; without it the process dies of it as usual. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
};

const signals: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']
    : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

const patience = 1000;

/**
 * However the process ends while something draws on the terminal, the terminal is as it was. Node leaves it raw after
 * SIGHUP and SIGQUIT, and a handler has no time to wait: everything here happens at once, then the signal is raised
 * again, so that the parent sees what ended us. Returns the function that ends the guard.
 */
export function guardTerminal(app: { unmount(): void }, options: GuardOptions = {}): () => void {
  const devices = options.devices ?? process;
  const stream = devices.stderr as Partial<NodeJS.EventEmitter>;

  const restore = () => {
    try {
      app.unmount();
    } catch {}
    restoreTerminal(devices);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    restore();
    const raise = () => {
      release();
      process.kill(process.pid, signal);
    };
    if (!options.onSignal) return raise();
    const late = setTimeout(raise, patience);
    Promise.resolve(options.onSignal(signal))
      .catch(() => {})
      .finally(() => {
        clearTimeout(late);
        raise();
      });
  };
  const onFailure = (error: unknown) => {
    restore();
    options.onFailure?.(error);
  };
  // A terminal that went away answers every write with an error, which would end the process before its clean-up.
  const ignore = () => {};

  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('exit', restore);
    process.off('uncaughtException', onFailure);
    process.off('unhandledRejection', onFailure);
    process.off('uncaughtExceptionMonitor', restore);
    stream.off?.('error', ignore);
  };

  for (const signal of signals) process.on(signal, onSignal);
  process.on('exit', restore);
  if (options.onFailure) process.on('uncaughtException', onFailure).on('unhandledRejection', onFailure);
  else process.on('uncaughtExceptionMonitor', restore);
  stream.on?.('error', ignore);
  return release;
}

/** Throws away what was typed and not read yet, so that it does not reach the shell as a command. */
export async function drainInput(stdin: ReadStream, milliseconds = 30): Promise<void> {
  if (!stdin.isTTY || stdin.destroyed) return;
  const ignore = () => {};
  stdin.setRawMode(true);
  stdin.on('data', ignore).resume();
  await new Promise(resolve => setTimeout(resolve, milliseconds));
  stdin.off('data', ignore).pause();
  stdin.setRawMode(false);
}
