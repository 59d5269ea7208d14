import { startDebugging, takeDebugFlags } from './debug-flags.ts';
import { runToEnd } from './run-to-end.ts';
import { processStreams } from './system/streams.ts';

const flags = takeDebugFlags(process.argv.slice(2), process.env);
const { args } = flags;
const [command, ...rest] = args;
const json = args.includes('--json') && command !== 'token';

await runToEnd({ name: 'dkp-auth', json, oneLine: command === 'token' }, async signal => {
  startDebugging(flags);
  if (args.length === 0) {
    const { wizard } = await import('./commands/wizard.ts');
    await wizard(processStreams, signal);
    return;
  }
  // kubectl waits for this one: it gets by without the others' code.
  if (command === 'token' && !rest.includes('--help') && !rest.includes('-h')) {
    const { token } = await import('./commands/token.ts');
    await token(rest, processStreams, signal);
  } else if (command !== 'status' || !(await statusAlone(signal))) {
    const { runProgram } = await import('./commands/program.ts');
    await runProgram(args, processStreams, signal);
  }
});

/** @returns whether the call was one that needs no more than that */
async function statusAlone(signal: AbortSignal): Promise<boolean> {
  const { parseStatus, status } = await import('./commands/status.ts');
  const call = parseStatus(rest);
  if (call === undefined) return false;
  await status(call.names, call.flags, processStreams, signal);
  return true;
}
