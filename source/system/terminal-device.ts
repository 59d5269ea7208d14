import { closeSync, constants, openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';

export type TerminalDevice = { readonly stream: NodeJS.WriteStream; close(): void };

/**
 * The terminal that controls this process, to talk to the person where stderr leads elsewhere.
 * @returns undefined when there is none
 */
export function openTerminalDevice(): TerminalDevice | undefined {
  if (process.platform === 'win32') return undefined;
  let descriptor: number;
  try {
    descriptor = openSync('/dev/tty', constants.O_WRONLY | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
  if (!isatty(descriptor)) {
    closeSync(descriptor);
    return undefined;
  }
  const stream = new WriteStream(descriptor);
  // A window that was closed.
  stream.on('error', () => undefined);
  return { stream, close: () => void stream.destroy() };
}
