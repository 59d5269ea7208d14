import type { IdToken } from '../../credentials/id-token.ts';
import { servedFirst, wayFor } from '../../login/choices.ts';
import type { Choice, LoginOptions } from '../../login/options.ts';
import { isProfileName, type ProfileName } from '../../profiles/profile-name.ts';
import { audiencesOf } from '../../sign-in/page-audiences.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay } from '../waiting.ts';
import { destinationKey, isConflict } from './destination.ts';
import { optionsOf } from './options.ts';
import { next, type StepLogic, skip, stay, waitFor, withProblem } from './turn.ts';

export const reviewStep: StepLogic = {
  enter(state) {
    const options = loginOptions(state);
    if (options === undefined) return skip(state);
    return stay(waitFor({ ...state, plan: undefined, scrolled: 0 }, texts.planning), {
      kind: 'plan',
      options,
    });
  },

  key(state, key) {
    if (key.name === 'scroll') return stay({ ...state, scrolled: key.to });
    const moved = destinationKey(state, key);
    if (moved !== undefined) return reviewStep.enter(moved);
    return key.name === 'enter' && state.plan !== undefined ? next(state) : undefined;
  },

  event(state, event) {
    if (event.type === 'failed') return stay(withKeys(withProblem(state, event.error)));
    return stay(event.type === 'planned' ? { ...state, busy: undefined, plan: event.plan } : state);
  },
};

/** The flags of the command line have keys here. */
function withKeys(state: State): State {
  const { problem } = state;
  if (problem === undefined || !isConflict(state)) return state;
  return { ...state, problem: { ...problem, hint: texts.conflictHint } };
}

/** The choices as they were made, the one that the first login serves first. */
export function choicesOf(state: State): Choice[] {
  const choices = state.nameRows.flatMap(({ cluster, field }): Choice[] => {
    const profile = field.value.trim();
    if (!isProfileName(profile)) return [];
    if (isIssuerWay(state.way)) {
      return [{ cluster, profile, signIn: state.way, audience: state.issuerAudiences.get(cluster) }];
    }
    const audiences = state.audiences.get(cluster);
    return [{ cluster, profile, signIn: wayOf(state, cluster, audiences), audiences }];
  });
  return servedFirst(choices, choice => isServed(state, choice));
}

function wayOf(
  { way, token, pending }: State,
  { issuer }: Choice['cluster'],
  audiences: Choice['audiences'],
): Choice['signIn'] {
  if (isIssuerWay(way)) return way;
  if (way === 'page' || (token !== undefined && token.account.issuer !== issuer)) return 'page';
  return wayFor(audiences, token?.audience ?? (pending && audiencesOf(pending.authorizationUrl)));
}

function isServed(state: State, { cluster, signIn, audiences }: Choice): boolean {
  const { token } = state;
  if (token === undefined || token.account.issuer !== cluster.issuer) return false;
  if (isIssuerWay(state.way)) return state.session?.renewable === false && cluster === state.chosen[0];
  if (state.way === 'page') return cluster === state.pageCluster;
  return signIn === 'portal' && (audiences?.some(audience => token.audience.includes(audience)) ?? true);
}

export function loginOptions(state: State): LoginOptions | undefined {
  return optionsOf(state, choicesOf(state));
}

/** The first login's token, for the one profile that it serves. */
export function obtainedTokens(state: State): ReadonlyMap<ProfileName, IdToken> {
  const served = choicesOf(state).find(choice => isServed(state, choice));
  return new Map(served && state.token ? [[served.profile, state.token]] : []);
}

/** Whether a cluster takes no token but those from a page of its own, though the person signs in elsewhere. */
export const isAtItsPage = ({ way }: State, { signIn }: Choice): boolean =>
  signIn === 'page' && way !== 'page';

/** How many logins follow the first, as things stand. */
export function furtherSignIns(state: State): number {
  if (isIssuerWay(state.way)) return 0;
  const missing = state.chosen.length - obtainedTokens(state).size;
  if (state.method === 'token' || state.signInTime === 'all') return missing;
  return state.signInTime === 'none' ? 0 : Math.max(0, 1 - obtainedTokens(state).size);
}

/** Logins of this run that are over, the first one among them, and all there are. */
export function signInCount(state: State): { readonly done: number; readonly all: number } {
  const { size } = obtainedTokens(state);
  return { done: size + state.signedIn, all: size + furtherSignIns(state) };
}
