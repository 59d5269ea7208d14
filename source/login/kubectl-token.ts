import type { Credential } from '../credentials/credential.ts';
import { type Flight, joinFlight } from '../credentials/flight.ts';
import { isDue, isUsable } from '../credentials/lifetime.ts';
import { storedCredential } from '../credentials/stored.ts';
import { type Profile, renewsAlone } from '../profiles/profile.ts';
import type { Paths } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { withTimeLimit } from '../system/time-limit.ts';

export type Caller = {
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
  /** The person can be asked. */
  readonly attended: boolean;
};

/** A person's login may take this long; a renewal is a matter of seconds. */
const longestWaitMs = { attended: 15 * 60_000, alone: 60_000 };

/** A token that may be good after all is not held back for longer. */
const longestReplacementMs = 10_000;

const secondsNow = () => Date.now() / 1000;

/** A paste would have to be read from stdin, which is kubectl's. */
function signsInUnderKubectl({ signIn, client }: Profile): boolean {
  return client === undefined ? signIn === 'portal' : signIn === 'browser' || signIn === 'device';
}

/** A token in place of one that is over, for as many callers as there are. */
export function tokenForKubectl(profile: Profile, caller: Caller): Promise<Credential> {
  const { attended, streams } = caller;
  return joinFlight({
    ...common(profile, caller, async isNew => {
      const stored = await storedCredential(caller.paths, profile);
      // The margin would have a token that lives no longer than that renewed for each caller.
      const isGood = stored && (isNew ? stored.expiresAt > secondsNow() : isUsable(stored, secondsNow()));
      return isGood ? stored : undefined;
    }),
    patienceMs: attended ? longestWaitMs.attended : longestWaitMs.alone,
    ...(attended && {
      onWait: isLogin => void write(streams.stderr, `${waitingFor(profile, isLogin)}\n`),
    }),
  });
}

const waitingFor = ({ name }: Profile, isLogin: boolean) =>
  isLogin
    ? `dkp-auth: waiting for the login to "${name}" that another kubectl began.`
    : `dkp-auth: waiting for the token of "${name}" that another kubectl is getting.`;

/** A new token ahead of time, if nobody else is getting one. @throws UserError LOCKED when somebody is */
export function renewAhead(profile: Profile, caller: Omit<Caller, 'attended'>): Promise<Credential> {
  const alone = { ...caller, attended: false };
  return joinFlight({
    ...common(profile, alone, async () => {
      const stored = await storedCredential(caller.paths, profile);
      return stored && !isDue(stored, secondsNow()) ? stored : undefined;
    }),
    patienceMs: 0,
  });
}

/** Another token than one that a server rejects. Nobody is asked for it. */
export function replaceToken(
  profile: Profile,
  rejected: string,
  caller: Omit<Caller, 'attended'>,
): Promise<Credential> {
  const { paths, signal } = caller;
  return withTimeLimit(longestReplacementMs, signal, limited =>
    joinFlight({
      ...common(profile, { ...caller, signal: limited, attended: false }, async () => {
        const stored = await storedCredential(paths, profile);
        return stored && stored.token !== rejected && isUsable(stored, secondsNow()) ? stored : undefined;
      }),
      patienceMs: longestReplacementMs,
    }),
  );
}

function common(profile: Profile, caller: Caller, find: Flight['find']): Omit<Flight, 'patienceMs'> {
  const { paths, streams, signal, attended } = caller;
  return {
    paths,
    profile: profile.name,
    could: { renew: renewsAlone(profile), signIn: attended && signsInUnderKubectl(profile) },
    signal,
    find,
    async run(turn) {
      const { obtainForKubectl } = await import('./repeat.ts');
      return obtainForKubectl(profile, turn, () => find(false), { paths, streams, signal });
    },
  };
}
