import type { IdToken } from '../../credentials/id-token.ts';
import type { Choice, LoginOptions } from '../../login/options.ts';
import { isProfileName, type ProfileName } from '../../profiles/profile-name.ts';
import { optionsOf, type State } from '../state.ts';
import { texts } from '../texts.ts';
import { next, type StepLogic, skip, stay, waitFor, withProblem } from './turn.ts';

export const reviewStep: StepLogic = {
  enter(state) {
    const options = loginOptions(state);
    if (options === undefined) return skip(state);
    return stay(waitFor({ ...state, plan: undefined }, texts.planning), { kind: 'plan', options });
  },

  key(state, key) {
    return key.name === 'enter' && state.plan !== undefined ? next(state) : undefined;
  },

  event(state, event) {
    if (event.type === 'failed') return stay(withProblem(state, event.error));
    return stay(event.type === 'planned' ? { ...state, busy: undefined, plan: event.plan } : state);
  },
};

/** The choices as they were made, the one that the first login serves first. */
export function choicesOf(state: State): Choice[] {
  const choices = state.nameRows.flatMap(({ cluster, field }) => {
    const profile = field.value.trim();
    if (!isProfileName(profile)) return [];
    const audiences = state.audiences.get(cluster);
    return [{ cluster, profile, signIn: wayFor(state, cluster, audiences), audiences }];
  });
  const served = choices.find(choice => isServed(state, choice));
  return served === undefined ? choices : [served, ...choices.filter(choice => choice !== served)];
}

// The portal's token has one audience for all; a cluster that wants another one gets it at its own page only.
function wayFor(
  state: State,
  cluster: Choice['cluster'],
  audiences: readonly string[] | undefined,
): Choice['signIn'] {
  if (state.way === 'page' || state.token === undefined || audiences === undefined) return state.way;
  const fits = audiences.some(audience => state.token?.audience.includes(audience));
  return fits && cluster.issuer === state.token.account.issuer ? 'portal' : 'page';
}

function isServed(state: State, { cluster, signIn, audiences }: Choice): boolean {
  const { token } = state;
  if (token === undefined || token.account.issuer !== cluster.issuer) return false;
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

/** How many logins follow the first, as things stand. */
export function furtherSignIns(state: State): number {
  const missing = state.chosen.length - obtainedTokens(state).size;
  if (state.method === 'token' || state.signInTime === 'all') return missing;
  return state.signInTime === 'none' ? 0 : Math.max(0, 1 - obtainedTokens(state).size);
}
