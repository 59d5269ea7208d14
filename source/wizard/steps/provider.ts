import type { Target } from '../../login/target.ts';
import { findIdentityProvider, type IdentityProvider } from '../../portal/identity-provider.ts';
import { isDkp } from '../../portal/portal.ts';
import { parseUrl } from '../../url.ts';
import { activeItem, createSelectList } from '../parts/select-list.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay, type Ways } from '../waiting.ts';
import { rememberedOf } from './link.ts';
import { isForIssuer } from './order.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, waitFor, withProblem } from './turn.ts';

export const providerStep: StepLogic = {
  enter(state) {
    const { link, trust } = state;
    if (isForIssuer(state.answers)) return openTarget(state);
    if (link === undefined || trust === undefined) return skip(state);
    if (state.portal !== undefined) return ask(state);
    const busy = texts.connecting(new URL(link.origin).host);
    return stay(waitFor(state, busy), {
      kind: 'connect',
      link,
      trust,
      withProviders: state.way === 'portal',
    });
  },

  key(state, key) {
    const list = state.providerList;
    if (list === undefined)
      return state.problem !== undefined && key.name === 'enter' ? providerStep.enter(state) : undefined;
    const providerList = listKey(list, key);
    if (providerList !== undefined) return stay({ ...state, providerList });
    const chosen = state.providers.find(({ id }) => id === activeItem(list)?.id);
    return key.name === 'enter' && chosen !== undefined ? next(withProvider(state, chosen)) : undefined;
  },

  retry(state) {
    const again = providerStep.enter(state);
    return { ...again, effects: [{ kind: 'abort' }, ...again.effects] };
  },

  event(state, event) {
    if (event.type === 'failed') return stay(withProblem(state, event.error));
    if (event.type === 'targetOpened') return skip(withTarget(state, event.target, event.ways));
    if (event.type !== 'connected') return stay(state);
    const { portal, clusters, providers, pending } = event;
    return ask({ ...state, busy: undefined, portal, clusterList: clusters, providers, pending });
  },
};

/** An issuer asks for the provider itself. */
function openTarget(state: State): Turn {
  const { target, answers, link, trust } = state;
  if (target !== undefined) return skip(state);
  const address = answers.issuer?.portalFile ?? link?.origin ?? answers.issuer?.issuer ?? '';
  const name = parseUrl(address)?.host ?? address;
  return stay(waitFor(state, texts.opening(name)), { kind: 'openTarget', link, trust });
}

function withTarget(state: State, target: Target, ways: Ways | undefined): State {
  const way = ways?.way;
  return {
    ...state,
    target: target.issuerLogin === undefined ? undefined : target,
    portal: isDkp(target.portal) ? target.portal : undefined,
    clusterList: target.clusters,
    ways,
    way: way !== undefined && isIssuerWay(way) ? way : 'portal',
  };
}

/** A question with one possible answer is not asked. */
function ask(state: State): Turn {
  const { providers, answers } = state;
  const [first, second] = providers;
  if (first === undefined) return skip(state);
  if (answers.identityProvider !== undefined && state.provider === undefined) {
    try {
      return skip({ ...state, provider: findIdentityProvider(providers, answers.identityProvider) });
    } catch (error) {
      return stay(withProblem(withList(state), error));
    }
  }
  if (answers.identityProvider !== undefined) return skip(state);
  return second === undefined ? skip({ ...state, provider: first }) : stay(withList(state));
}

/** A token from another provider may be another account's. */
function withProvider(state: State, provider: IdentityProvider): State {
  return provider.id === state.provider?.id ? state : { ...state, provider, token: undefined };
}

function withList(state: State): State {
  if (state.providerList !== undefined) return state;
  const used = rememberedOf(state, state.link)?.identityProvider;
  const items = state.providers.map(({ id, name }) => ({
    id,
    label: name,
    detail: name === id ? undefined : id,
  }));
  return { ...state, providerList: createSelectList(items, { activeId: state.provider?.id ?? used }) };
}
