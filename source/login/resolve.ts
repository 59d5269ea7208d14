import { UserError } from '../errors.ts';
import type { Cluster } from '../portal/clusters.ts';
import { findIdentityProvider } from '../portal/identity-provider.ts';
import { listIdentityProviders } from '../portal/identity-providers.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { isDkp, type Portal } from '../portal/portal.ts';
import type { SignInWay } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { isBoundTo, listReadableProfiles } from '../profiles/registry.ts';
import { audiencesOf } from '../sign-in/page-audiences.ts';
import { beginPortalSignIn } from '../sign-in/portal.ts';
import { shortList } from '../text.ts';
import type { LoginAnswers } from './answers.ts';
import { servedFirst, wayFor } from './choices.ts';
import { chooseClusters } from './choose.ts';
import type { ConnectContext } from './connect.ts';
import { findAudiences } from './find-audiences.ts';
import type { LoginOptions, SignInTime } from './options.ts';
import { answeredProfileNames, completeProfileNames } from './profile-names.ts';
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
