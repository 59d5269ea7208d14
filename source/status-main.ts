import { parsePlainStatus, plainStatus } from './commands/status-plain.ts';
import { asksToDebug } from './debug-flags.ts';
import { runToEnd } from './run-to-end.ts';
import { processStreams } from './system/process-streams.ts';

/**
 * `dkp-auth status` without the code of the other commands.
 * @returns whether the call was one that needs no more than that
 */
export async function statusAlone(args: readonly string[]): Promise<boolean> {
  const call = asksToDebug(process.env) ? undefined : parsePlainStatus(args);
  if (call === undefined) return false;
  await runToEnd({ name: 'dkp-auth', json: call.flags.json === true }, () =>
    plainStatus(call, processStreams),
  );
  return true;
}
