import { toUserError, type UserError } from './errors.ts';
import { masked } from './secrets.ts';
import { debug, debugError } from './system/debug.ts';
import { goneAway, write } from './system/streams.ts';
import { plainLines } from './text.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof exitCodes;

export type Executable = {
  /** What its messages begin with. */
  readonly name: string;
  /** Errors go to stdout too, as one JSON document. */
  readonly json: boolean;
  /** Programs that show what their plugin says have room for one line. */
  readonly oneLine?: boolean;
};

/** Runs what an executable is for: signals stop it, errors are told on stderr, and the exit code is set. */
export async function runToEnd(
  executable: Executable,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let stoppedBy: StopSignal | undefined;
  for (const name of Object.keys(exitCodes) as StopSignal[]) {
    process.on(name, () => {
      stoppedBy ??= name;
      stop.abort(new DOMException(`Stopped by ${name}`, 'AbortError'));
    });
  }
  // A reader that goes away (`| head`) is no error of ours, nor is a terminal window that was closed.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!goneAway.has(error.code)) throw error;
    });
  }
  try {
    await run(stop.signal);
  } catch (error) {
    debugError(error);
    process.exitCode = await report(toUserError(error), executable);
  }
  if (stoppedBy !== undefined) process.exitCode = exitCodes[stoppedBy];
  debug('end', { exitCode: Number(process.exitCode ?? 0), stoppedBy });
}

async function report(error: UserError, { name, json, oneLine = false }: Executable): Promise<number> {
  const { code } = error;
  // Whatever went into an error on its way here, only text leaves, and no secret.
  const [message = '', hint] = [error.message, error.hint].map(text => text && masked(plainLines(text)));
  if (json && !error.isTold) {
    await write(process.stdout, `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
  }
  const more = hint === undefined ? '' : `${oneLine ? ' ' : '\n'}${hint}`;
  await write(process.stderr, `${name}: ${message}${more}\n`);
  return error.exitCode;
}
