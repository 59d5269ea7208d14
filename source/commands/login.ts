import { UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import type { LoginAnswers } from '../login/answers.ts';
import { createIssuerSignIn } from '../login/issuer-login.ts';
import { planLogin } from '../login/plan.ts';
import { resolveWithoutQuestions } from '../login/resolve.ts';
import { runLogin, type SignIn } from '../login/run.ts';
import { signInOnCommandLine } from '../login/sign-in.ts';
import { outcomeDocument, planDocument } from '../login/summary.ts';
import { formatPlan, formatSummary } from '../login/summary-text.ts';
import type { Target } from '../login/target.ts';
import { describeWay, pickWay, type WayContext } from '../login/way.ts';
import type { SignInWay } from '../profiles/profile.ts';
import { flagsFrom, withSettings } from '../settings/resolve.ts';
import { holdLines } from '../system/debug.ts';
import { pathsOf } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { loginAgain, profileToSignInAgain } from './login-again.ts';
import { answersOf, browserOf, type LoginFlags, parseTimeout, signInOf } from './login-flags.ts';
import { openTargetFor, withKubeconfig } from './login-into.ts';
import { voiceOf } from './voice.ts';

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
