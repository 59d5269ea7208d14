import { UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import { conflictWays, type OnConflict } from '../kubeconfig/merge.ts';
import { type LoginAnswers, parseProfileAnswers } from '../login/answers.ts';
import { createIssuerSignIn } from '../login/issuer-login.ts';
import { type Method, methods, type SignInTime } from '../login/options.ts';
import { planLogin } from '../login/plan.ts';
import { resolveWithoutQuestions } from '../login/resolve.ts';
import { runLogin, type SignIn } from '../login/run.ts';
import { signInOnCommandLine } from '../login/sign-in.ts';
import { outcomeDocument, planDocument } from '../login/summary.ts';
import { formatPlan, formatSummary } from '../login/summary-text.ts';
import type { Target } from '../login/target.ts';
import { describeWay, pickWay, type WayContext } from '../login/way.ts';
import { type LoginLink, parseLoginLink } from '../portal/login-link.ts';
import { type SignInWay, signInWays } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { flagsFrom, withSettings } from '../settings/resolve.ts';
import type { BrowserChoice } from '../system/browser.ts';
import { holdLines } from '../system/debug.ts';
import { pathsOf } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { issuerAnswersOf } from './issuer-flags.ts';
import { loginAgain, profileToSignInAgain } from './login-again.ts';
import { openTargetFor, withKubeconfig } from './login-into.ts';
import { voiceOf } from './voice.ts';

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

/** Runs `dkp-auth login`: the wizard when something is open and somebody can be asked, otherwise straight through. */
export async function login(
  linkText: string | undefined,
  typed: LoginFlags,
  given: Streams,
  signal: AbortSignal,
): Promise<void> {
  const paths = pathsOf(given.env);
  const streams = await withSettings(given, paths);
  const { env } = streams;
  const flags = flagsFrom(typed, env);
  const browser = browserOf(flags, streams);
  const timeoutSeconds = parseTimeout(flags.timeout);
  const known = linkText === undefined ? await profileToSignInAgain(flags, paths) : undefined;
  if (known !== undefined) {
    const how = { way: signInOf(flags.signIn), browser, timeoutSeconds };
    return loginAgain(known, flags, how, streams, signal);
  }
  const said = answersOf(linkText, flags);
  const answers = await withKubeconfig(said, flags, { env, paths, signal });
  const ask = async () => {
    const { runWizard } = await import('../wizard/run-wizard.tsx');
    const voice = voiceOf(flags, streams);
    const release = holdLines();
    try {
      await runWizard({ answers, browser, streams, timeoutSeconds, signal, voice });
    } finally {
      release();
    }
  };
  const mayAsk = canBeAsked(answers, flags, streams);
  if (mayAsk && !isComplete(answers)) return ask();
  const context = { env, paths, launcher };
  const target = await openTargetFor(answers, { env, paths, signal });
  const { portal, issuerLogin } = target;
  try {
    const way = await wayOf(answers, target, { browser, streams, signal });
    const options = await resolveWithoutQuestions(
      { ...answers, ...way },
      flags.yes === true || answers.into !== undefined,
      target,
      {
        env,
        paths,
        signal,
      },
    );
    if (flags.dryRun) {
      const plan = await planLogin(options, context);
      await write(
        streams.stdout,
        flags.json ? toJson(planDocument(plan, options, env)) : formatPlan(plan, env),
      );
      return;
    }
    const signInContext = {
      portal,
      identityProvider: options.identityProvider,
      paths,
      streams,
      browser,
      signal,
      timeoutSeconds,
    };
    const signIn: SignIn =
      issuerLogin !== undefined && options.issuerLogin !== undefined
        ? createIssuerSignIn(options.choices, { ...signInContext, login: issuerLogin })
        : choice => signInOnCommandLine(choice, signInContext);
    const onNotice = (message: string) => void write(streams.stderr, `${message}\n`);
    const outcome = await runLogin(options, new Map(), signIn, context, { signal, onNotice });
    await write(
      streams.stdout,
      flags.json ? toJson(outcomeDocument(outcome, env)) : formatSummary(outcome, env),
    );
    const failure = outcome.profiles.find(profile => profile.failure !== undefined)?.failure;
    if (failure !== undefined) {
      const { code, message, hint } = failure;
      throw new UserError(code, message, { hint, cause: failure, isTold: true });
    }
  } catch (error) {
    // Only the portal knows what it leaves open, for example which of its identity providers.
    if (!mayAsk || !(error instanceof UserError) || error.code !== 'MISSING_ANSWERS') throw error;
    await ask();
  } finally {
    await portal.close();
  }
}

/** `--sign-in auto` at an issuer; a platform's token service needs no choosing. */
async function wayOf(
  { signIn }: LoginAnswers,
  { portal, issuerLogin }: Target,
  context: WayContext,
): Promise<{ signIn?: SignInWay }> {
  if (signIn !== undefined || issuerLogin === undefined) return {};
  const choice = await pickWay(portal, issuerLogin, context);
  await write(context.streams.stderr, describeWay(choice));
  return { signIn: choice.way };
}

function toJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const machineWays: ReadonlySet<SignInWay> = new Set(['client-credentials', 'token-exchange', 'password']);

function canBeAsked(answers: LoginAnswers, flags: LoginFlags, streams: Streams): boolean {
  // A file that is there already leaves nothing open but what is named.
  if (flags.yes || flags.dryRun || flags.json || answers.into) return false;
  // Who asks for plain questions has somebody or something there that answers.
  if (!canAsk(streams) && !flags.plain) return false;
  // What a machine signs in with leaves nothing to ask a person.
  return answers.signIn === undefined || !machineWays.has(answers.signIn);
}

function isComplete({ link, issuer, clusters, method, profiles }: LoginAnswers): boolean {
  const where = link ?? issuer?.portalFile ?? issuer?.issuer;
  const named = profiles.single !== undefined || profiles.byCluster.size > 0;
  return where !== undefined && clusters !== undefined && method !== undefined && named;
}

function answersOf(linkText: string | undefined, flags: LoginFlags): LoginAnswers {
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

function signInOf(text: string | undefined): SignInWay | undefined {
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

function browserOf(flags: LoginFlags, { env }: Streams): BrowserChoice {
  return { env, disabled: flags.browser === false, command: flags.browserCommand };
}

const longestTimeoutSeconds = 86_400;

function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= longestTimeoutSeconds) return seconds;
  throw usage(`--timeout takes whole seconds from 1 to ${longestTimeoutSeconds}.`);
}

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth login --help.' });
}
