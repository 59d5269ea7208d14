import { runToEnd } from './run-to-end.ts';
import { processStreams } from './system/streams.ts';

const args = process.argv.slice(2);
const [command, ...rest] = args;
const json = args.includes('--json') && command !== 'token';

await runToEnd({ name: 'dkp-auth', json, oneLine: command === 'token' }, async signal => {
  if (args.length === 0) {
    const { wizard } = await import('./commands/wizard.ts');
    await wizard(processStreams, signal);
    return;
  }
  // kubectl waits for this one: it gets by without the others' code.
  if (command === 'token' && !rest.includes('--help') && !rest.includes('-h')) {
    const { token } = await import('./commands/token.ts');
    await token(rest, processStreams, signal);
  } else {
    const { runProgram } = await import('./commands/program.ts');
    await runProgram(args, processStreams, signal);
  }
});
