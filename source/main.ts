import { startDebugging, takeDebugFlags } from './debug-flags.ts';
import { runToEnd } from './run-to-end.ts';
import type { EarlyScreen } from './system/early-screen.ts';
import { ensureHome } from './system/paths.ts';
import { processStreams } from './system/streams.ts';

/**
 * One run of the program.
 * @param early what was drawn for a person before this was loaded
 */
export async function main(early?: EarlyScreen): Promise<void> {
  ensureHome(process.env);
  const streams = early === undefined ? processStreams : { ...processStreams, early };
  const flags = takeDebugFlags(process.argv.slice(2), process.env);
  const { args } = flags;
  const [command, ...rest] = args;
  const json = args.includes('--json') && command !== 'token';

  await runToEnd({ name: 'dkp-auth', json, oneLine: command === 'token' }, async signal => {
    try {
      startDebugging(flags);
      if (args.length === 0) {
        const { wizard } = await import('./commands/wizard.ts');
        await wizard(streams, signal);
        return;
      }
      // kubectl waits for this one: it gets by without the others' code.
      if (command === 'token' && !rest.includes('--help') && !rest.includes('-h')) {
        const { token } = await import('./commands/token.ts');
        await token(rest, streams, signal);
      } else if (command === 'use' && early !== undefined) {
        // Somebody looks at its list already, and there are no flags to read.
        const { use } = await import('./commands/use.ts');
        await use(undefined, {}, streams, signal);
      } else {
        const { runProgram } = await import('./commands/program.ts');
        await runProgram(args, streams, signal);
      }
    } finally {
      early?.end();
    }
  });
}
