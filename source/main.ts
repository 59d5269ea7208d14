import { debugError, startDebugging, takeDebugFlags } from './debug-flags.ts';
import { toUserError, type UserError } from './errors.ts';
import { debug } from './system/debug.ts';
import { goneAway, processStreams, write } from './system/streams.ts';
import { plainLines } from './text.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof exitCodes;

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

const flags = takeDebugFlags(process.argv.slice(2), process.env);
const { args } = flags;
const [command, ...rest] = args;
try {
  startDebugging(flags);
  // kubectl waits for this one: it gets by without the others' code.
  if (command === 'token' && !rest.includes('--help') && !rest.includes('-h')) {
    const { token } = await import('./commands/token.ts');
    await token(rest, processStreams, stop.signal);
  } else if (command !== 'status' || !(await statusAlone())) {
    const { runProgram } = await import('./commands/program.ts');
    await runProgram(args, processStreams, stop.signal);
  }
} catch (error) {
  debugError(error);
  process.exitCode = await report(toUserError(error));
}
if (stoppedBy !== undefined) process.exitCode = exitCodes[stoppedBy];
debug('end', { exitCode: Number(process.exitCode ?? 0), stoppedBy });

/** @returns whether the call was one that needs no more than that */
async function statusAlone(): Promise<boolean> {
  const { parseStatus, status } = await import('./commands/status.ts');
  const call = parseStatus(rest);
  if (call === undefined) return false;
  await status(call.names, call.flags, processStreams, stop.signal);
  return true;
}

async function report(error: UserError): Promise<number> {
  const { code } = error;
  // Whatever went into an error on its way here, only text leaves, and no token.
  const [message = '', hint] = [error.message, error.hint].map(
    text => text && withoutTokens(plainLines(text)),
  );
  if (args.includes('--json') && command !== 'token' && !error.isTold) {
    await write(process.stdout, `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
  }
  await write(process.stderr, `dkp-auth: ${message}${hint === undefined ? '' : `\n${hint}`}\n`);
  return error.exitCode;
}

function withoutTokens(text: string): string {
  return text.replace(/\beyJ[\w-]+(\.[\w-]*){1,2}/g, '(a token)');
}
