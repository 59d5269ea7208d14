import { serveCachedToken } from './commands/cached-token.ts';
import { keepCompiledCode } from './system/compiled-code.ts';
import { pathsOf } from './system/paths.ts';

const oldestNode = 22;
const [command, ...rest] = process.argv.slice(2);

// This file alone must be readable for every Node there is; the others are loaded after the check.
if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  process.stderr.write(`dkp-auth needs Node.js ${oldestNode} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
} else if (command !== 'token' || !serveCachedToken(rest, process.env)) {
  keepCompiledCode(pathsOf(process.env).state);
  if (command !== 'status' || !(await (await import('./status-main.ts')).statusAlone(rest))) {
    // The first question is there before what asks it.
    const early = await firstQuestion();
    await (await import('./main.ts')).main(early);
  }
}

/** Draws the first question of a call that certainly asks one. */
async function firstQuestion() {
  if (rest.length > 0) return undefined;
  if (command === 'use') return (await import('./use-frame-main.ts')).showPickFrame();
  const isWizard = command === undefined || command === 'login';
  return isWizard ? (await import('./first-frame-main.ts')).showFirstFrame() : undefined;
}
