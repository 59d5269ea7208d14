import path from 'node:path';
import { serveCachedToken } from './commands/cached-token.ts';
import { keyringCommand } from './system/this-program.ts';

// The single executable, in place of cli.ts, konvoy-async-plugin.ts and keyring-process.ts: their Node is in here.
const [command, ...rest] = process.argv.slice(2);

if (command === keyringCommand) {
  await import('./credentials/keyring-process.ts');
} else if (/^konvoy-async-plugin(\.exe)?$/i.test(path.basename(process.argv0))) {
  await import('./konvoy-main.ts');
} else if (command !== 'token' || !serveCachedToken(rest, process.env)) {
  if (command !== 'status' || !(await (await import('./status-main.ts')).statusAlone(rest))) {
    const asks = rest.length === 0 && (command === undefined || command === 'login');
    const early = asks ? (await import('./first-frame-main.ts')).showFirstFrame() : undefined;
    await (await import('./main.ts')).main(early);
  }
}
