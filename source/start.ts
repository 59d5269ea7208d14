import { serveCachedToken } from './commands/cached-token.ts';

/**
 * One call of the program: what can be served or shown without the code of the other commands is.
 * @param beforeMore called before any other code is loaded
 */
export async function start([command, ...rest]: readonly string[], beforeMore = () => {}): Promise<void> {
  if (command === 'token' && serveCachedToken(rest, process.env)) return;
  beforeMore();
  if (command === 'status' && (await (await import('./status-main.ts')).statusAlone(rest))) return;
  // The first question is there before what asks it.
  const early = rest.length === 0 ? await showFirstQuestion(command) : undefined;
  await (await import('./main.ts')).main(early);
}

/** Draws the first question of a command that certainly asks one. */
async function showFirstQuestion(command: string | undefined) {
  if (command === 'use') return (await import('./use-frame-main.ts')).showPickFrame();
  const isWizard = command === undefined || command === 'login';
  return isWizard ? (await import('./first-frame-main.ts')).showFirstFrame() : undefined;
}
