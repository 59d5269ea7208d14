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
    const early = await firstQuestion();
    await (await import('./main.ts')).main(early);
  }
}

async function firstQuestion() {
  if (rest.length > 0) return undefined;
  if (command === 'use') return (await import('./use-frame-main.ts')).showPickFrame();
  const isWizard = command === undefined || command === 'login';
  return isWizard ? (await import('./first-frame-main.ts')).showFirstFrame() : undefined;
}
