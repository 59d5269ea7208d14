import { konvoyAsyncPlugin } from './commands/konvoy-async-plugin.ts';
import { startDebugging, takeDebugFlags } from './debug-flags.ts';
import { runToEnd } from './run-to-end.ts';
import { ensureHome } from './system/paths.ts';
import { processStreams } from './system/streams.ts';

ensureHome(process.env);
await runToEnd({ name: 'konvoy-async-plugin', json: false }, signal => {
  // The original's flags are its own; the environment can ask for it.
  startDebugging(takeDebugFlags([], process.env));
  return konvoyAsyncPlugin(process.argv.slice(2), processStreams, signal);
});
