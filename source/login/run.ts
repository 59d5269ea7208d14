import { credentialOf, removeCredential, writeCredential } from '../credentials/credential.ts';
import { tellOfLogin } from '../credentials/flight.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { isAbort, toUserError, type UserError } from '../errors.ts';
import type { Layout } from '../kubeconfig/layout.ts';
import { changeKubeconfigs, type WriteOptions, type Written } from '../kubeconfig/write.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { isDkp } from '../portal/portal.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { claimProfile, releaseProfile } from '../profiles/registry.ts';
import type { Paths } from '../system/paths.ts';
import { rememberPortal } from '../system/settings.ts';
import { rememberNode } from '../system/this-program.ts';
import type { Choice, LoginOptions } from './options.ts';
import { type Plan, type PlanContext, planLogin } from './plan.ts';

/** How a run gets a token for one cluster: the wizard asks on its screens, the command line on stderr. */
export type SignIn = (choice: Choice) => Promise<IdToken>;

export type ProfileOutcome = {
  readonly profile: Profile;
  readonly kubeconfig: string;
  readonly context: string;
  readonly token: IdToken | undefined;
  /** Why a sign-in that was wanted now did not come about; kubectl's first call will ask again. */
  readonly failure: UserError | undefined;
};

export type LoginOutcome = {
  readonly options: LoginOptions;
  readonly plan: Plan;
  readonly written: readonly Written[];
  readonly profiles: readonly ProfileOutcome[];
};

/** What writing needs besides: whom to tell, and when to stop waiting. */
export type Writing = Pick<WriteOptions, 'signal' | 'onNotice'>;

/**
 * Carries a login out: names are claimed, credentials stored, kubeconfigs written, in this order, so that nothing
 * written refers to what is not there. What had been begun when a step fails is taken back.
 * @param tokens those obtained already, each for its own profile
 */
export async function runLogin(
  options: LoginOptions,
  tokens: ReadonlyMap<ProfileName, IdToken>,
  signIn: SignIn,
  context: PlanContext,
  writing: Writing = {},
): Promise<LoginOutcome> {
  const obtained = new Map(tokens);
  // Before anybody is asked to sign in: a name that is taken must not cost a login.
  await planLogin(options, context);
  const atOnce = options.method === 'token' ? options.choices : firstChoices(options);
  for (const choice of atOnce) {
    if (!obtained.has(choice.profile)) obtained.set(choice.profile, await signIn(choice));
  }
  const plan = await planLogin(options, context);
  const written = await write(options, plan, obtained, { ...writing, paths: context.paths });
  await remember(options, context.paths);
  await rememberNode(context.paths);
  const failures = await signInToOthers(options, plan, obtained, signIn, context.paths);
  return {
    options,
    plan,
    written,
    profiles: plan.profiles.map(profile => outcomeOf(profile, plan, obtained, failures)),
  };
}

function firstChoices({ signInTime, choices }: LoginOptions): readonly Choice[] {
  return signInTime === 'none' ? [] : choices.slice(0, 1);
}

async function write(
  options: Pick<LoginOptions, 'method'>,
  plan: Plan,
  tokens: ReadonlyMap<ProfileName, IdToken>,
  writing: WriteOptions,
): Promise<Written[]> {
  const { paths } = writing;
  const undo: (() => Promise<unknown>)[] = [];
  const written: Written[] = [];
  try {
    for (const profile of plan.profiles) {
      const claimed = await claimProfile(paths, withAccount(profile, tokens.get(profile.name)));
      if (claimed === 'updated') continue;
      undo.push(
        () => removeCredential(paths, profile.name),
        () => releaseProfile(paths, profile.name),
      );
    }
    // Worked out together before the first is written: a fault found on the way leaves every file as it was.
    for (const file of plan.files) file.render(tokens);
    for (const profile of plan.profiles) await store(profile, tokens.get(profile.name), paths);
    for (const target of plan.targets) {
      const change = (layouts: readonly Layout[]) => target.merge(layouts, tokens).layouts;
      const secret = options.method === 'token';
      written.push(...(await changeKubeconfigs(target.files, change, { ...writing, secret })));
      // From here on a file on disk refers to the profiles.
      undo.length = 0;
    }
    return written;
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined);
    throw error;
  }
}

function withAccount(profile: Profile, token: IdToken | undefined): Profile {
  return token === undefined ? profile : { ...profile, account: token.account };
}

async function store(profile: Profile, token: IdToken | undefined, paths: Paths): Promise<void> {
  if (token === undefined) return;
  await writeCredential(paths, profile.name, credentialOf(profile, token));
  await tellOfLogin(paths, profile.name);
}

/** More clusters than these nobody ticked one by one. */
const mostRemembered = 100;

async function remember(options: LoginOptions, paths: Paths): Promise<void> {
  const { portal, identityProvider, choices, method, signInTime } = options;
  if (!isDkp(portal)) return;
  const clusters = choices.map(({ cluster }) => cluster.server);
  await rememberPortal(paths, {
    loginLink: formatLoginLink(portal.link),
    ...(portal.trust.kind === 'authority' && { ca: portal.trust.pem }),
    ...(identityProvider !== undefined && { identityProvider }),
    ...(clusters.length <= mostRemembered && { clusters }),
    method,
    signInTime,
    lastUsed: Date.now(),
  });
}

async function signInToOthers(
  options: LoginOptions,
  plan: Plan,
  tokens: Map<ProfileName, IdToken>,
  signIn: SignIn,
  paths: Paths,
): Promise<Map<ProfileName, UserError>> {
  const failures = new Map<ProfileName, UserError>();
  if (options.signInTime !== 'all') return failures;
  for (const choice of options.choices) {
    const profile = plan.profiles.find(({ name }) => name === choice.profile);
    if (profile === undefined || tokens.has(choice.profile)) continue;
    try {
      const token = await signIn(choice);
      await claimProfile(paths, withAccount(profile, token));
      await store(profile, token, paths);
      tokens.set(choice.profile, token);
    } catch (error) {
      if (isAbort(error)) throw error;
      failures.set(choice.profile, toUserError(error));
    }
  }
  return failures;
}

function outcomeOf(
  profile: Profile,
  plan: Plan,
  tokens: ReadonlyMap<ProfileName, IdToken>,
  failures: ReadonlyMap<ProfileName, UserError>,
): ProfileOutcome {
  const file = plan.files.find(({ choices }) => choices.some(choice => choice.profile === profile.name));
  const place = file?.choices.findIndex(choice => choice.profile === profile.name) ?? -1;
  return {
    profile: withAccount(profile, tokens.get(profile.name)),
    kubeconfig: file?.path ?? '',
    context: file?.contexts[place] ?? profile.name,
    token: tokens.get(profile.name),
    failure: failures.get(profile.name),
  };
}
