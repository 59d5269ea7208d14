import { UserError } from '../errors.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { SignInWay } from '../profiles/profile.ts';
import { type ProfileName, parseProfileName } from '../profiles/profile-name.ts';
import type { Method, SignInTime } from './options.ts';

/** What the command line answers before anybody is asked. */
export type LoginAnswers = {
  readonly link?: LoginLink;
  readonly caFile?: string;
  readonly trust?: string;
  readonly identityProvider?: string;
  readonly signIn?: SignInWay;
  /** Names, host names or addresses. */
  readonly clusters?: readonly string[] | 'all';
  readonly method?: Method;
  readonly profiles: ProfileAnswers;
  readonly output?: string;
  readonly setCurrent?: ProfileName;
  readonly signInTime?: SignInTime;
};

/** `--profile NAME` is for one cluster; `--profile CLUSTER=NAME` says which. */
export type ProfileAnswers = {
  readonly single?: ProfileName;
  readonly byCluster: ReadonlyMap<string, ProfileName>;
};

/** @throws UserError USAGE, PROFILE_NAME_INVALID */
export function parseProfileAnswers(values: readonly string[]): ProfileAnswers {
  const byCluster = new Map<string, ProfileName>();
  let single: ProfileName | undefined;
  for (const value of values) {
    const separator = value.lastIndexOf('=');
    const cluster = value.slice(0, Math.max(separator, 0));
    const name = parseProfileName(value.slice(separator + 1));
    if (separator === -1) {
      if (single !== undefined)
        throw usage('--profile NAME can be given once; with several clusters use --profile CLUSTER=NAME.');
      single = name;
    } else {
      if (byCluster.has(cluster)) throw usage(`--profile gives the cluster "${cluster}" two names.`);
      byCluster.set(cluster, name);
    }
  }
  if (single !== undefined && byCluster.size > 0)
    throw usage('--profile NAME and --profile CLUSTER=NAME do not go together.');
  return { ...(single !== undefined && { single }), byCluster };
}

function usage(message: string): UserError {
  return new UserError('USAGE', message);
}
