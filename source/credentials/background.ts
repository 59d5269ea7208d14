import { isMachine, type Profile, renewsAlone } from '../profiles/profile.ts';
import { isFirstInAWhile, startInBackground } from '../system/background.ts';
import { makePrivateFolder, readPrivateFile } from '../system/files.ts';
import type { Environment, Paths } from '../system/paths.ts';
import { withoutMark } from '../system/recursion.ts';
import { allowedNow } from './allowed.ts';
import { flightFolder, readFlightRecord, startedFile } from './flight-record.ts';
import { sessionFile, sessionId } from './session.ts';

/** A renewal that was begun has this long before another process begins one. */
const aWhileMs = 20_000;

/**
 * Has a token renewed by a process of its own, unless another one does, one failed lately, or the person would be needed.
 * Never fails and waits for nothing but a few small files.
 */
export async function startRenewal(profile: Profile, paths: Paths, env: Environment): Promise<void> {
  try {
    if (!(await canRenew(profile, paths, env))) return;
    const record = await readFlightRecord(paths, profile.name);
    allowedNow(record, { renew: true, signIn: false }, profile.name, Date.now());
    await makePrivateFolder(flightFolder(paths));
    if (!(await isFirstInAWhile(startedFile(paths, profile.name), aWhileMs))) return;
    const { KUBERNETES_EXEC_INFO: _, ...rest } = withoutMark(env);
    startInBackground(['renew', '--profile', profile.name], rest);
  } catch {
    // The token is good: whatever is wrong will be said when it is over.
  }
}

/** Whether there is something to renew with, as far as can be seen without a keyring and a network. */
async function canRenew(profile: Profile, paths: Paths, env: Environment): Promise<boolean> {
  const { client, signIn, account, issuer } = profile;
  if (client === undefined || !renewsAlone(profile)) return false;
  const { id: clientId, subjectTokenFile, subjectTokenEnv } = client;
  if (signIn === 'token-exchange') {
    return subjectTokenFile !== undefined || Boolean(subjectTokenEnv && env[subjectTokenEnv]);
  }
  if (isMachine(signIn)) return true;
  if (account === undefined) return false;
  const session = sessionFile(paths, sessionId({ issuer, clientId, account }));
  return (await readPrivateFile(session)) !== undefined;
}
