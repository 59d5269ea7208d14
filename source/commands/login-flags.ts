import { UserError } from '../errors.ts';
import { conflictWays, type OnConflict } from '../kubeconfig/merge.ts';
import { type LoginAnswers, parseProfileAnswers } from '../login/answers.ts';
import { type Method, methods, type SignInTime } from '../login/options.ts';
import { type LoginLink, parseLoginLink } from '../portal/login-link.ts';
import { type SignInWay, signInWays } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import type { BrowserChoice } from '../system/browser.ts';
import type { Streams } from '../system/streams.ts';
import { issuerAnswersOf } from './issuer-flags.ts';

/** The flags of `dkp-auth login` as they were typed. */
export type LoginFlags = {
  readonly idp?: string;
  readonly workspace?: string;
  readonly cluster?: readonly string[];
  readonly allClusters?: boolean;
  readonly method?: string;
  readonly profile?: readonly string[];
  readonly output?: string;
  readonly setCurrent?: string;
  readonly signIn?: string;
  readonly signInNow?: boolean;
  readonly signInLater?: boolean;
  readonly browser?: boolean;
  readonly browserCommand?: string;
  readonly timeout?: string;
  readonly proxy?: string;
  readonly portalFile?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly scope?: readonly string[];
  readonly audienceScope?: boolean;
  readonly server?: string;
  readonly serverCaFile?: string;
  readonly listen?: readonly string[];
  readonly redirectHost?: string;
  readonly extraParam?: readonly string[];
  readonly prompt?: string;
  readonly maxAge?: string;
  readonly loginHint?: string;
  readonly accessToken?: boolean;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly username?: string;
  readonly passwordFd?: string;
  readonly subjectTokenFile?: string;
  readonly subjectTokenEnv?: string;
  readonly credentialStore?: string;
  readonly caFile?: string;
  readonly trust?: string;
  readonly merge?: boolean;
  readonly onConflict?: string;
  readonly portable?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly screenReader?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
};

/** What flags and the login link answer. @throws UserError USAGE, LINK_INVALID, PROFILE_NAME_INVALID */
export function answersOf(linkText: string | undefined, flags: LoginFlags): LoginAnswers {
  const link = linkOf(linkText, flags.workspace);
  const signIn = signInOf(flags.signIn);
  const method = methodOf(flags.method);
  const signInTime = signInTimeOf(flags);
  if (flags.allClusters && flags.cluster?.length)
    throw usage('--cluster and --all-clusters do not go together.');
  const clusters = flags.allClusters ? 'all' : flags.cluster;
  return {
    ...(link && { link }),
    ...(flags.caFile !== undefined && { caFile: flags.caFile }),
    ...(flags.trust !== undefined && { trust: flags.trust }),
    ...(flags.idp !== undefined && { identityProvider: flags.idp }),
    ...(signIn && { signIn }),
    ...(clusters && { clusters }),
    ...(method && { method }),
    profiles: parseProfileAnswers(flags.profile ?? []),
    ...(flags.output !== undefined && { output: flags.output }),
    ...(flags.setCurrent !== undefined && { setCurrent: parseProfileName(flags.setCurrent) }),
    ...(flags.merge && { merge: true }),
    ...(flags.onConflict !== undefined && { onConflict: onConflictOf(flags.onConflict) }),
    ...(flags.portable && { portable: true }),
    ...(signInTime && { signInTime }),
    ...(flags.proxy !== undefined && { proxy: flags.proxy }),
    ...issuerAnswersOf(flags, link),
  };
}

function linkOf(text: string | undefined, workspace: string | undefined): LoginLink | undefined {
  if (text === undefined) return undefined;
  const link = parseLoginLink(text);
  if (workspace === undefined) return link;
  if (link.workspace !== undefined && link.workspace !== workspace) {
    throw usage(`The login link is for the workspace "${link.workspace}", --workspace says "${workspace}".`);
  }
  // Through the parser again, which knows what a workspace may be called.
  return parseLoginLink(`${link.origin}${link.prefix}/landing/${encodeURIComponent(workspace)}`);
}

export function signInOf(text: string | undefined): SignInWay | undefined {
  if (text === undefined || text === 'auto') return undefined;
  const way = signInWays.find(candidate => candidate === text);
  if (way === undefined)
    throw usage(`--sign-in takes auto, ${signInWays.join(' or ')}; "${text}" is none of them.`);
  return way;
}

function methodOf(text: string | undefined): Method | undefined {
  const method = methods.find(candidate => candidate === text);
  if (text !== undefined && method === undefined)
    throw usage(`--method takes 1, 2 or token; "${text}" is none of them.`);
  return method;
}

function onConflictOf(text: string): OnConflict {
  const way = conflictWays.find(candidate => candidate === text);
  if (way === undefined)
    throw usage(`--on-conflict takes ${conflictWays.join(', ')}; "${text}" is none of them.`);
  return way;
}

function signInTimeOf({ signInNow, signInLater }: LoginFlags): SignInTime | undefined {
  if (signInNow && signInLater) throw usage('--sign-in-now and --sign-in-later do not go together.');
  return signInNow ? 'all' : signInLater ? 'none' : undefined;
}

export function browserOf(flags: LoginFlags, { env }: Streams): BrowserChoice {
  return { env, disabled: flags.browser === false, command: flags.browserCommand };
}

const longestTimeoutSeconds = 86_400;

/** In seconds. */
export function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= longestTimeoutSeconds) return seconds;
  throw usage(`--timeout takes whole seconds from 1 to ${longestTimeoutSeconds}.`);
}

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth login --help.' });
}
