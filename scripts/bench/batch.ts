import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Subject } from './harness.ts';

export type Command = readonly [string, ...string[]];

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
export const commandLine = (command: Command) => command.map(quoted).join(' ');

/**
 * What a command takes when a small process starts it: one shell starts several, one after the other, and the time is
 * shared out among them. What that shell itself takes is left out; starting each from Node would cost more than most do.
 * @param commandsOf the commands of a round; no two of a batch may ask for the same profile, or the second is for Node
 */
export function batch(
  name: string,
  env: Readonly<Record<string, string>>,
  commandsOf: (round: number) => readonly Command[],
): Subject {
  return {
    name,
    async measure(round) {
      const commands = commandsOf(round);
      const script = (lines: readonly string[]) => ['exec >/dev/null 2>&1', ...lines, ':'].join('\n');
      const nothing = await timed(script([]), env);
      const all = await timed(script(commands.map(command => `${commandLine(command)} || exit`)), env);
      return Math.max(0, all - nothing) / commands.length;
    },
  };
}

// Not synchronously: the servers of some commands are in this process.
async function timed(script: string, env: Readonly<Record<string, string>>): Promise<number> {
  const begin = performance.now();
  const [status] = await once(spawn('/bin/sh', ['-c', script], { env, stdio: 'ignore' }), 'exit');
  const time = performance.now() - begin;
  if (status !== 0) throw new Error(`a command of the batch failed with ${status}: ${script.slice(0, 500)}`);
  return time;
}
