import type { StoreChoice } from '../credentials/store-choice.ts';
import { UserError } from '../errors.ts';
import type { OnConflict } from '../kubeconfig/merge.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { SignInWay } from '../profiles/profile.ts';
import { type ProfileName, parseProfileName } from '../profiles/profile-name.ts';
import type { Into } from './into.ts';
import type { Method, SignInTime } from './options.ts';

/** What is said about an issuer to sign in at, instead of the platform's token service. */
export type IssuerAnswers = {
  /** An administrator's file, or its https address. */
  readonly portalFile?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly scopes: readonly string[];
  /** Ask for each cluster's audience by Dex's cross-client scope. */
  readonly audienceScope: boolean;
  /** The one cluster of an issuer that no portal describes. */
  readonly server?: string;
  readonly serverCaFile?: string;
  readonly listen: readonly string[];
  readonly redirectHost?: '127.0.0.1' | 'localhost';
  readonly extraParameters: Readonly<Record<string, string>>;
  readonly accessToken: boolean;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly username?: string;
  readonly passwordFd?: number;
  readonly subjectTokenFile?: string;
  readonly subjectTokenEnv?: string;
  readonly credentialStore: StoreChoice;
};

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
  readonly merge?: boolean;
  readonly onConflict?: OnConflict;
  readonly portable?: boolean;
  /** A context of a kubeconfig that is there already, which is all that is written. */
  readonly into?: Into;
  readonly signInTime?: SignInTime;
  readonly proxy?: string;
  readonly issuer?: IssuerAnswers;
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
