import { signInAgain } from '../login/again.ts';
import type { Profile, SignInWay } from '../profiles/profile.ts';
import { isProfileName } from '../profiles/profile-name.ts';
import { readProfile } from '../profiles/registry.ts';
import type { BrowserChoice } from '../system/browser.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { localTime } from '../time-text.ts';
import { passwordFdOf } from './issuer-flags.ts';
import type { LoginFlags } from './login-flags.ts';

/** How to sign in, and nothing of where to or what to write. */
const allowed: ReadonlySet<string> = new Set([
  'profile',
  'signIn',
  'browser',
  'browserCommand',
  'timeout',
  'proxy',
  'json',
  'yes',
  'username',
  'passwordFd',
  'subjectTokenFile',
  'subjectTokenEnv',
] satisfies (keyof LoginFlags)[]);

/** The profile that is to be signed in to again, when that is all that the flags ask for. */
export async function profileToSignInAgain(flags: LoginFlags, paths: Paths): Promise<Profile | undefined> {
  const [name, other] = flags.profile ?? [];
  if (name === undefined || other !== undefined || !isProfileName(name)) return undefined;
  const isMore = Object.entries(flags).some(([flag, value]) => value !== undefined && !allowed.has(flag));
  return isMore ? undefined : readProfile(paths, name);
}

export type How = {
  readonly way: SignInWay | undefined;
  readonly browser: BrowserChoice;
  readonly timeoutSeconds: number | undefined;
};

/** `dkp-auth login --profile NAME` of a profile that exists. */
export async function loginAgain(
  profile: Profile,
  flags: LoginFlags,
  how: How,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { username, subjectTokenFile, subjectTokenEnv, proxy } = flags;
  const token = await signInAgain(profile, {
    ...how,
    paths: pathsOf(streams.env),
    streams,
    signal,
    proxy,
    machine: {
      ...(username !== undefined && { username }),
      ...passwordFdOf(flags.passwordFd),
      ...(subjectTokenFile !== undefined && { subjectTokenFile }),
      ...(subjectTokenEnv !== undefined && { subjectTokenEnv }),
    },
  });
  const { name, cluster } = profile;
  const { account, groups, expiresAt } = token;
  const document = {
    name,
    cluster: cluster.name,
    server: cluster.server,
    account: { label: account.label, groups },
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  };
  const text = `${name} -> ${cluster.name} (${cluster.server}): signed in as ${account.label} until ${localTime(expiresAt)}`;
  await write(
    streams.stdout,
    `${flags.json ? JSON.stringify({ profiles: [document] }, undefined, 2) : text}\n`,
  );
}
