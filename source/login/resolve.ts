import { UserError } from '../errors.ts';
import { type Cluster, findCluster } from '../portal/clusters.ts';
import { findIdentityProvider, listIdentityProviders } from '../portal/identity-providers.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { isDkp, type Portal } from '../portal/portal.ts';
import type { Profile, SignInWay } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { isBoundTo, listReadableProfiles, profileTaken } from '../profiles/registry.ts';
import { audiencesOf } from '../sign-in/page.ts';
import { beginPortalSignIn } from '../sign-in/portal.ts';
import { shortList } from '../text.ts';
import type { LoginAnswers, ProfileAnswers } from './answers.ts';
import { findAudiences, proposeProfileNames, servedFirst, wayFor } from './choices.ts';
import type { ConnectContext } from './connect.ts';
import type { LoginOptions, SignInTime } from './options.ts';
import { shellQuote } from './summary.ts';
import type { Target } from './target.ts';

const mostNamed = 50;

/** An answer that is missing, as the flag that gives it. */
export type MissingAnswer = { readonly flag: string; readonly why: string };

export function missingAnswers(missing: readonly MissingAnswer[]): UserError {
  const flags = missing.map(({ flag, why }) => `  ${flag}  ${why}`).join('\n');
  return new UserError('MISSING_ANSWERS', 'Without questions, this is still to be answered:', {
    hint: `Add what is missing:\n${flags}`,
  });
}

/**
 * The clusters that the answers name; undefined when they leave it open. A portal's only cluster needs no naming.
 * @throws UserError UNKNOWN_CLUSTER
 */
export function chooseClusters(
  { clusters }: Pick<LoginAnswers, 'clusters'>,
  offered: readonly Cluster[],
): readonly Cluster[] | undefined {
  if (clusters === 'all') return offered;
  if (clusters !== undefined && clusters.length > 0) {
    return [...new Set(clusters.map(text => findCluster(offered, text)))];
  }
  return offered.length === 1 ? offered : undefined;
}

/**
 * The profile names that the answers give to clusters.
 * @throws UserError USAGE, UNKNOWN_CLUSTER, PROFILE_TAKEN
 */
export function answeredProfileNames(
  { single, byCluster }: ProfileAnswers,
  chosen: readonly Cluster[],
  profiles: readonly Profile[],
): Map<Cluster, ProfileName> {
  const names = new Map<Cluster, ProfileName>();
  const [first, second] = chosen;
  if (single !== undefined && first !== undefined) {
    if (second !== undefined) {
      throw new UserError(
        'USAGE',
        `--profile ${single} is one name, but ${chosen.length} clusters are chosen.`,
        {
          hint: 'A profile serves one cluster, always. Use --profile CLUSTER=NAME for each.',
        },
      );
    }
    names.set(first, single);
  }
  for (const [text, name] of byCluster) names.set(findCluster(chosen, text), name);
  for (const [cluster, name] of names) assertFree(name, cluster, names, profiles);
  return names;
}

function assertFree(
  name: ProfileName,
  cluster: Cluster,
  names: ReadonlyMap<Cluster, ProfileName>,
  profiles: readonly Profile[],
): void {
  const owner = profiles.find(profile => profile.name === name);
  if (owner !== undefined && owner.cluster.server !== cluster.server) throw profileTaken(owner);
  for (const [other, otherName] of names) {
    if (other === cluster || otherName !== name) continue;
    throw new UserError(
      'PROFILE_TAKEN',
      `--profile gives the name "${name}" to two clusters: ${cluster.name} and ${other.name}.`,
      {
        hint: 'A profile serves one cluster, always.',
      },
    );
  }
}

/** Names for the clusters the answers leave without one. */
export function completeProfileNames(
  names: ReadonlyMap<Cluster, ProfileName>,
  chosen: readonly Cluster[],
  profiles: readonly Profile[],
  workspace: string | undefined,
  /** All there are, where `profiles` are only those that may be used again. */
  existing: readonly Profile[] = profiles,
  /** Names whose files cannot be read. */
  spoilt: readonly ProfileName[] = [],
): Map<Cluster, ProfileName> {
  const open = chosen.filter(cluster => !names.has(cluster));
  const reserved = [
    ...names.values(),
    ...spoilt,
    ...existing.filter(profile => !profiles.includes(profile)).map(({ name }) => name),
  ];
  const proposed = proposeProfileNames(open, profiles, workspace, reserved);
  return new Map([...names, ...proposed]);
}

/**
 * The answers made whole without asking anybody: what the portal leaves no choice about is filled in, and with
 * `acceptProposals` what this program would propose.
 * @throws UserError MISSING_ANSWERS naming every flag that is still needed
 */
export async function resolveWithoutQuestions(
  answers: LoginAnswers,
  acceptProposals: boolean,
  target: Target,
  { paths, signal }: ConnectContext,
): Promise<LoginOptions> {
  const { portal, issuerLogin } = target;
  const { clusters: offered } = target.clusters;
  const missing: MissingAnswer[] = [];
  const chosen = chooseClusters(answers, offered);
  if (chosen === undefined) {
    const names = shortList(offered.map(cluster => (cluster.nameIsUnique ? cluster.name : cluster.server)));
    missing.push({ flag: '--cluster NAME', why: `of ${names}; or --all-clusters` });
  }
  const method = answers.method ?? (acceptProposals ? '1' : undefined);
  if (method === undefined) {
    missing.push({ flag: '--method 1|2|token', why: 'one kubeconfig, one per cluster, or a plain token' });
  }
  const signIn = answers.signIn ?? 'portal';
  const signInTime = answers.signInTime ?? 'first';
  const { provider, offered: portalAudiences } = await resolveIdentityProvider(
    answers,
    { signIn, signInTime },
    portal,
    missing,
    signal,
  );
  const { profiles, spoilt } = await listReadableProfiles(paths);
  // Before the clusters are chosen there is nothing a name could be checked against.
  let names: ReadonlyMap<Cluster, ProfileName> =
    chosen === undefined ? new Map() : answeredProfileNames(answers.profiles, chosen, profiles);
  if (acceptProposals) {
    const issuer = offered[0]?.issuer ?? '';
    const installation = portal.link === undefined ? issuer : formatLoginLink(portal.link);
    const usable = profiles.filter(profile => isBoundTo(profile, profile.cluster.server, installation));
    names = completeProfileNames(names, chosen ?? [], usable, portal.link?.workspace, profiles, spoilt);
  }
  const nameless = (chosen ?? []).filter(cluster => !names.has(cluster));
  if (
    chosen === undefined &&
    answers.profiles.byCluster.size === 0 &&
    answers.profiles.single === undefined &&
    !acceptProposals
  ) {
    missing.push({ flag: '--profile CLUSTER=NAME', why: 'a name of its own for each cluster' });
  }
  for (const cluster of nameless.slice(0, mostNamed)) {
    missing.push({
      flag:
        chosen?.length === 1
          ? '--profile NAME'
          : `--profile ${shellQuote(`${cluster.nameIsUnique ? cluster.name : cluster.server}=NAME`)}`,
      why: `the profile of ${cluster.name}, unlike any other's`,
    });
  }
  if (missing.length > 0 || chosen === undefined || method === undefined) throw missingAnswers(missing);
  assertWritten(answers.setCurrent, [...names.values()]);
  if (issuerLogin !== undefined && signIn !== 'portal' && signIn !== 'page') {
    const audiences = await target.audiencesFor(chosen, signal);
    return {
      portal,
      identityProvider: answers.identityProvider,
      issuerLogin,
      choices: chosen.flatMap(cluster => {
        const profile = names.get(cluster);
        return profile === undefined ? [] : [{ cluster, profile, signIn, audience: audiences.get(cluster) }];
      }),
      allClusters: chosen.length === offered.length && offered.length > 1,
      method,
      output: answers.output,
      setCurrent: answers.setCurrent,
      merge: answers.merge,
      onConflict: answers.onConflict,
      portable: answers.portable,
      into: answers.into,
      // One login is enough for all of them.
      signInTime: answers.signInTime ?? 'all',
    };
  }
  if (!isDkp(portal))
    throw new UserError('USAGE', 'There is no token service to sign in at.', {
      hint: 'Sign in at the issuer: --sign-in browser or device.',
    });
  const audiences = await findAudiences(portal, chosen, signal);
  const choices = chosen.flatMap(cluster => {
    const profile = names.get(cluster);
    const accepted = audiences.get(cluster);
    const way = answers.signIn ?? wayFor(accepted, portalAudiences);
    return profile === undefined ? [] : [{ cluster, profile, signIn: way, audiences: accepted }];
  });
  return {
    portal,
    identityProvider: provider,
    choices: servedFirst(choices, choice => choice.signIn === 'portal'),
    allClusters: chosen.length === offered.length && offered.length > 1,
    method,
    output: answers.output,
    setCurrent: answers.setCurrent,
    merge: answers.merge,
    onConflict: answers.onConflict,
    portable: answers.portable,
    into: answers.into,
    signInTime,
  };
}

function assertWritten(context: ProfileName | undefined, written: readonly ProfileName[]): void {
  if (context === undefined || written.includes(context)) return;
  throw new UserError('USAGE', `--set-current ${context} names a context that this login does not write.`, {
    hint: `It writes ${shortList(written)}.`,
  });
}

async function resolveIdentityProvider(
  answers: LoginAnswers,
  { signIn, signInTime }: { signIn: SignInWay; signInTime: SignInTime },
  portal: Portal,
  missing: MissingAnswer[],
  signal: AbortSignal,
): Promise<{ provider: string | undefined; offered?: readonly string[] | undefined }> {
  const needed = signIn === 'portal' && (signInTime !== 'none' || answers.identityProvider !== undefined);
  if (!needed || !isDkp(portal)) return { provider: answers.identityProvider };
  const { authorizationUrl } = await beginPortalSignIn(portal, signal);
  const providers = await listIdentityProviders(
    portal.httpFor(authorizationUrl.origin),
    authorizationUrl,
    signal,
  );
  const offered = audiencesOf(authorizationUrl);
  if (answers.identityProvider !== undefined) {
    return { provider: findIdentityProvider(providers, answers.identityProvider).id, offered };
  }
  const [only, second] = providers;
  if (second === undefined) return { provider: only?.id, offered };
  // Nothing else is asked then, and the page that opens lets the person choose.
  if (answers.into !== undefined) return { provider: undefined, offered };
  missing.push({
    flag: '--idp ID',
    why: `of ${shortList(providers.map(({ id, name }) => `${id} (${name})`))}`,
  });
  return { provider: undefined };
}
