import { credentialOf, removeCredential, writeCredential } from '../credentials/credential.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { isAbort, toUserError, type UserError } from '../errors.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { isDkp } from '../portal/portal.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { claimProfile, releaseProfile } from '../profiles/registry.ts';
import { replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { rememberPortal } from '../system/settings.ts';
import type { Choice, LoginOptions } from './options.ts';
import { type Plan, type PlanContext, planLogin } from './plan.ts';

/** How a run gets a token for one cluster: the wizard asks on its screens, the command line on stderr. */
export type SignIn = (choice: Choice) => Promise<IdToken>;

export type ProfileOutcome = {
  readonly profile: Profile;
  readonly kubeconfig: string;
  readonly token: IdToken | undefined;
  /** Why a sign-in that was wanted now did not come about; kubectl's first call will ask again. */
  readonly failure: UserError | undefined;
};

export type LoginOutcome = {
  readonly options: LoginOptions;
  readonly plan: Plan;
  readonly profiles: readonly ProfileOutcome[];
};

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
): Promise<LoginOutcome> {
  const obtained = new Map(tokens);
  // Before anybody is asked to sign in: a name that is taken must not cost a login.
  await planLogin(options, context);
  const atOnce = options.method === 'token' ? options.choices : firstChoices(options);
  for (const choice of atOnce) {
    if (!obtained.has(choice.profile)) obtained.set(choice.profile, await signIn(choice));
  }
  const plan = await planLogin(options, context);
  await write(options, plan, obtained, context.paths);
  await remember(options, context.paths);
  // The launcher may be started with a PATH that has no Node, or an old one.
  await replaceFile(context.paths.node, `${process.execPath}\n`);
  const failures = await signInToOthers(options, plan, obtained, signIn, context.paths);
  return {
    options,
    plan,
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
  paths: Paths,
): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const profile of plan.profiles) {
      const claimed = await claimProfile(paths, withAccount(profile, tokens.get(profile.name)));
      if (claimed === 'updated') continue;
      undo.push(
        () => removeCredential(paths, profile.name),
        () => releaseProfile(paths, profile.name),
      );
    }
    // Rendered together before the first is written: a fault found while rendering leaves every file as it was.
    const contents = plan.files.map(file => file.render(tokens));
    for (const profile of plan.profiles) await store(profile, tokens.get(profile.name), paths);
    for (const [index, file] of plan.files.entries()) {
      await replaceFile(file.path, contents[index] ?? '', { secret: options.method === 'token' });
      // From here on a file on disk refers to the profiles.
      undo.length = 0;
    }
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
}

async function remember({ portal, identityProvider }: LoginOptions, paths: Paths): Promise<void> {
  if (!isDkp(portal)) return;
  await rememberPortal(paths, {
    loginLink: formatLoginLink(portal.link),
    ...(portal.trust.kind === 'authority' && { ca: portal.trust.pem }),
    ...(identityProvider !== undefined && { identityProvider }),
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
  return {
    profile: withAccount(profile, tokens.get(profile.name)),
    kubeconfig: plan.files.find(file => profile.kubeconfigs.includes(file.path))?.path ?? '',
    token: tokens.get(profile.name),
    failure: failures.get(profile.name),
  };
}
