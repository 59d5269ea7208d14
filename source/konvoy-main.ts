import { konvoyAsyncPlugin } from './commands/konvoy-async-plugin.ts';
import { runToEnd } from './run-to-end.ts';
import { processStreams } from './system/streams.ts';

await runToEnd({ name: 'konvoy-async-plugin', json: false }, signal =>
  konvoyAsyncPlugin(process.argv.slice(2), processStreams, signal),
);
