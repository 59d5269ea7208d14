import path from 'node:path';
import { start } from './start.ts';
import { keyringCommand } from './system/this-program.ts';

// The single executable, in place of cli.ts, konvoy-async-plugin.ts and keyring-process.ts: their Node is in here.
const args = process.argv.slice(2);

if (args[0] === keyringCommand) {
  await import('./credentials/keyring-process.ts');
} else if (/^konvoy-async-plugin(\.exe)?$/i.test(path.basename(process.argv0))) {
  await import('./konvoy-main.ts');
} else {
  await start(args);
}
