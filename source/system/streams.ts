import type { EarlyScreen } from './early-screen.ts';
import type { Environment } from './paths.ts';

/** What a command talks through: results on stdout, conversation on stderr. */
export type Streams = {
  readonly env: Environment;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** The first frame of what asks, where it stands on the terminal already. */
  readonly early?: EarlyScreen | undefined;
};

export const processStreams: Streams = {
  env: process.env,
  // Node makes each when it is first asked for, and most commands need no keys.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
};

/** Whether a person can be asked: both the keys and the screen are a terminal. */
export function canAsk({ stdin, stderr }: Pick<Streams, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** What a write says to a reader that is gone: a pipe, a terminal window. */
export const goneAway: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/** Writes all of a text; a reader that has gone away is not an error of ours. */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, error => {
      if (error && !goneAway.has((error as NodeJS.ErrnoException).code)) reject(error);
      else resolve();
    });
  });
}
