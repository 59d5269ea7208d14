import { constants, openSync, writeSync } from 'node:fs';
import { UserError } from './errors.ts';
import { debug, listen } from './system/debug.ts';
import type { Environment } from './system/paths.ts';
import { version } from './version.ts';

type Flags = { readonly args: readonly string[]; readonly debug: boolean; readonly file: string | undefined };

/** Whether the environment does, in whatever words. */
export const asksToDebug = (env: Environment) => Boolean(env['DKP_AUTH_DEBUG'] || env['DKP_AUTH_DEBUG_FILE']);

/** `--debug` and `--debug-file` stand anywhere before `--`, also where a command takes no flags but its own. */
export function takeDebugFlags(args: readonly string[], env: Environment): Flags {
  const end = args.indexOf('--');
  const rest = end === -1 ? [...args] : args.slice(0, end);
  const kept: string[] = [];
  let on = env['DKP_AUTH_DEBUG'] === '1' || env['DKP_AUTH_DEBUG'] === 'true';
  let file = env['DKP_AUTH_DEBUG_FILE'] || undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--debug') on = true;
    else if (word === '--debug-file') file = rest.shift() ?? '';
    else if (word.startsWith('--debug-file=')) file = word.slice('--debug-file='.length);
    else kept.push(word);
  }
  return { args: end === -1 ? kept : [...kept, ...args.slice(end)], debug: on, file };
}

/** @throws UserError USAGE, IO */
export function startDebugging({ args, debug: on, file }: Flags): void {
  if (file === '')
    throw new UserError('USAGE', '--debug-file needs the name of a file.', { hint: 'See dkp-auth --help.' });
  if (file !== undefined) {
    const descriptor = openForLines(file);
    listen(line => void writeSync(descriptor, line), false);
  } else if (on) {
    listen(line => void process.stderr.write(line), true);
  } else return;
  // Of the arguments only the flags' names: a value may be anything.
  const flags = args.filter(arg => arg.startsWith('-')).map(arg => arg.split('=')[0]);
  debug('start', {
    version,
    node: process.versions.node,
    system: `${process.platform}-${process.arch}`,
    command: args.find(arg => /^[a-z-]+$/.test(arg) && !arg.startsWith('-')),
    flags: flags.join(' ') || undefined,
    time: new Date().toISOString(),
  });
}

function openForLines(file: string): number {
  try {
    // Never through a link that somebody else has put there.
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
    return openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message.split(',')[0] : 'unknown';
    throw new UserError('IO', `Could not write to ${file}: ${why}.`, {
      hint: 'Name another file.',
      cause: error,
    });
  }
}
