import { UserError } from '../errors.ts';
import { renewAhead } from '../login/kubectl-token.ts';
import { loginNeeded } from '../profiles/login-needed.ts';
import { renewsAlone } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { readProfile } from '../profiles/registry.ts';
import { pathsOf } from '../system/paths.ts';
import type { Streams } from '../system/streams.ts';
import { withTimeLimit } from '../system/time-limit.ts';

/** An issuer that answers a byte now and then must not keep a process for ever. */
const longestMs = 90_000;

/**
 * Renews a profile's token ahead of its end, without the person. `dkp-auth token` starts it as a process of its own; that
 * somebody else is at it, or was, is no failure.
 */
export async function renew(name: string, streams: Streams, signal: AbortSignal): Promise<void> {
  const paths = pathsOf(streams.env);
  const profile = await readProfile(paths, parseProfileName(name));
  if (profile === undefined) {
    throw new UserError('UNKNOWN_PROFILE', `There is no profile "${name}" on this machine.`);
  }
  if (!renewsAlone(profile)) throw loginNeeded(profile.name);
  try {
    await withTimeLimit(longestMs, signal, limited =>
      renewAhead(profile, { paths, streams, signal: limited }),
    );
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'LOCKED') throw error;
  }
}
