import type { IdToken } from '../../credentials/id-token.ts';
import type { Cluster } from '../../portal/clusters.ts';
import { withIdentityProvider } from '../../portal/identity-provider.ts';
import type { Key } from '../parts/keys.ts';
import { isText } from '../parts/keys.ts';
import { activeItem, createSelectList, type SelectListState, selectListKey } from '../parts/select-list.ts';
import { createTextField, textFieldKey } from '../parts/text-field.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay, type Waiting } from '../waiting.ts';
import { isAccountAsked } from './control.ts';
import {
  beginIssuerLogin,
  copyAddress,
  enterIssuerLogin,
  issuerEvent,
  issuerKey,
  withIssuerAddress,
  withWayList,
} from './issuer-login.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, withProblem } from './turn.ts';

export const loginStep: StepLogic = {
  enter(state) {
    if (isIssuerWay(state.way)) return enterIssuerLogin(state);
    // A later login is asked for by kubectl; a token from this provider is here already.
    if (state.answers.signInTime === 'none') return skip(state);
    if (isAccountAsked(state)) return stay(state);
    return state.way === 'portal' ? beginPortal(state) : beginPage(state);
  },

  retry(state) {
    if (isIssuerWay(state.way)) return beginIssuerLogin(state, state.way);
    return state.way === 'portal' ? beginPortal(state) : beginPage(state);
  },

  key(state, key) {
    if (state.wayList !== undefined) return wayListKey(state, state.wayList, key);
    if (isAccountAsked(state)) return accountKey(state, key);
    if (isIssuerWay(state.way)) return issuerKey(state, key);
    if (state.way === 'page') return pageKey(state, key);
    if (isText(key, 'w') && state.ways !== undefined) return stay(withWayList(state, state.ways));
    if (isText(key, 'p')) return beginPage({ ...state, way: 'page' });
    if (isText(key, 'n') || (key.name === 'enter' && state.problem !== undefined)) return beginPortal(state);
    return openKey(state.waiting, state, key);
  },

  event(state, event) {
    switch (event.type) {
      case 'failed':
        return stay({ ...withProblem(state, event.error), waiting: failedPage(state.waiting) });
      case 'address':
        return stay(withAddress({ ...state, isCopied: false, isSlow: false }, event.url, event.opened));
      case 'trouble':
        return stay(withTrouble(state, event.message));
      case 'deviceCode':
      case 'browserOpened':
      case 'loggedIn':
      case 'pasteRefused':
        return issuerEvent(state, event);
      case 'signedIn':
        return next(withToken(state, event.token));
      default:
        return stay(state);
    }
  },
};

function withToken(state: State, token: IdToken): State {
  const { accountList } = state;
  return { ...state, waiting: undefined, token, pending: undefined, accountList: keepFirst(accountList) };
}

export const accountChoices = createSelectList([
  { id: 'keep', label: texts.accountKeep },
  { id: 'other', label: texts.accountOther, detail: texts.accountOtherDetail },
]);

export const keepFirst = (list: SelectListState) => selectListKey(list, { name: 'pick', ids: ['keep'] });

/** Somebody came back to a login: it stands, or it was the wrong account's. */
function accountKey(state: State, key: Key): Turn | undefined {
  const accountList = listKey(state.accountList, key);
  if (accountList !== undefined) return stay({ ...state, accountList });
  if (key.name !== 'enter') return undefined;
  if (activeItem(state.accountList)?.id !== 'other') return next(state);
  const fresh: State = { ...state, token: undefined, session: undefined };
  if (isIssuerWay(state.way)) return beginIssuerLogin(fresh, state.way);
  return state.way === 'portal' ? beginPortal(fresh) : beginPage({ ...fresh, pageCluster: undefined });
}

/** Opening, copying or showing the address again, and in the demo signing in by itself. */
export function openKey(waiting: Waiting | undefined, state: State, key: Key): Turn | undefined {
  if (waiting === undefined || waiting.kind === 'starting') return undefined;
  if (isText(key, 'c')) return copyAddress(state, waiting.url);
  if (isText(key, 'q')) return stay({ ...state, isQrShown: !state.isQrShown });
  if (isText(key, 'o')) return stay(state, { kind: 'openBrowser', url: waiting.url });
  return isText(key, 'd') ? stay(state, { kind: 'playPerson', url: waiting.url }) : undefined;
}

function wayListKey(state: State, list: SelectListState, key: Key): Turn | undefined {
  const wayList = listKey(list, key);
  if (wayList !== undefined) return stay({ ...state, wayList });
  const closed: State = { ...state, wayList: undefined };
  if (key.name === 'escape') return stay(closed);
  const chosen = activeItem(list)?.id;
  if (key.name !== 'enter' || chosen === undefined) return undefined;
  if (chosen === state.way && state.problem === undefined) return stay(closed);
  return chosen === 'portal' ? beginPortal(closed) : beginIssuerLogin(closed, chosen);
}

function beginPortal(state: State): Turn {
  const { portal, provider, clusterList } = state;
  if (portal === undefined || clusterList === undefined) return skip(state);
  const issuers = [...new Set(clusterList.clusters.map(cluster => cluster.issuer))];
  const fresh: State = {
    ...state,
    way: 'portal',
    problem: undefined,
    isSlow: false,
    isQrShown: false,
    isCopied: false,
    waiting: { kind: 'starting' },
    pending: undefined,
  };
  return stay(
    fresh,
    { kind: 'abort' },
    { kind: 'signIn', portal, provider: provider?.id, pending: state.pending, issuers },
  );
}

function beginPage(state: State): Turn {
  const clusters = state.clusterList?.clusters ?? [];
  const fresh: State = {
    ...state,
    problem: undefined,
    waiting: undefined,
    token: undefined,
    isSlow: false,
    pasteField: createTextField(),
  };
  const named = state.answers.clusters;
  const chosen =
    state.pageCluster ??
    (named !== undefined && named !== 'all' ? clusters.find(c => named.includes(c.name)) : undefined);
  const [first, second] = clusters;
  const only = chosen ?? (second === undefined ? first : undefined);
  if (only !== undefined) return openPage(fresh, only);
  const items = clusters.map(({ server, name }) => ({ id: server, label: name, detail: server }));
  return stay({ ...fresh, pageList: state.pageList ?? createSelectList(items) }, { kind: 'abort' });
}

function openPage(state: State, cluster: Cluster): Turn {
  if (state.portal === undefined) return skip(state);
  return stay(
    { ...state, pageCluster: cluster, waiting: { kind: 'starting' } },
    { kind: 'abort' },
    { kind: 'openPage', portal: state.portal, cluster },
  );
}

function pageKey(state: State, key: Key): Turn | undefined {
  const { waiting, pageList, pageCluster, portal } = state;
  if (waiting === undefined && pageList !== undefined) {
    const list = listKey(pageList, key);
    if (list !== undefined) return stay({ ...state, pageList: list });
    const cluster = state.clusterList?.clusters.find(({ server }) => server === activeItem(pageList)?.id);
    if (key.name === 'enter') return cluster === undefined ? undefined : openPage(state, cluster);
    return key.name === 'escape' ? leavePages(state) : undefined;
  }
  if (key.name === 'escape') return leavePage(state);
  if (waiting?.kind !== 'page')
    return key.name === 'enter' && pageCluster ? openPage(state, pageCluster) : undefined;
  if (
    key.name === 'enter' &&
    portal !== undefined &&
    pageCluster !== undefined &&
    state.pasteField.value !== '' &&
    !waiting.checking
  ) {
    const { value: text } = state.pasteField;
    const checking: Waiting = { ...waiting, checking: true };
    // Nobody mends a token by hand: a refused one makes room for the next.
    const emptied = { ...state, problem: undefined, waiting: checking, pasteField: createTextField() };
    return stay(emptied, { kind: 'checkPaste', portal, cluster: pageCluster, text });
  }
  const pasteField = textFieldKey(state.pasteField, key);
  return pasteField === state.pasteField ? undefined : stay({ ...state, pasteField, problem: undefined });
}

/** From the page back to the choice of its cluster, or to the login by browser. */
function leavePage(state: State): Turn | undefined {
  const left: State = { ...state, waiting: undefined, pageCluster: undefined, problem: undefined };
  return state.pageList === undefined ? leavePages(left) : stay(left, { kind: 'abort' });
}

/** Back to the login by browser, unless a page was asked for from the start. */
function leavePages(state: State): Turn | undefined {
  return state.answers.signIn === 'page' ? undefined : beginPortal(state);
}

export function withAddress(state: State, url: URL, opened: boolean): State {
  if (isIssuerWay(state.way)) return withIssuerAddress(state, url, opened);
  const page = state.way === 'page';
  const waiting: Waiting = page
    ? { kind: 'page', url, opened, checking: false }
    : { kind: 'portal', url, opened, trouble: undefined };
  return { ...state, waiting, printed: [...state.printed, ...addressLines(url, opened, page)] };
}

/** What goes above the live part: short lines that say what it is, and the address alone. */
export function addressLines(url: URL, opened: boolean, page: boolean): string[] {
  if (!opened) return ['', page ? texts.pageAddressToOpen : texts.addressToOpen, url.href];
  return ['', texts.opened, page ? texts.pageAddressOpened : texts.addressOpened, url.href];
}

export function withTrouble(state: State, message: string | undefined): State {
  const { waiting } = state;
  return waiting?.kind === 'portal' || waiting?.kind === 'device'
    ? { ...state, waiting: { ...waiting, trouble: message } }
    : state;
}

// After a refused paste the page is still there; a failed login leaves nothing to wait for.
function failedPage(waiting: Waiting | undefined): Waiting | undefined {
  return waiting?.kind === 'page' ? { ...waiting, checking: false } : undefined;
}

export function signInAddress(authorizationUrl: URL, provider: string | undefined): URL {
  return provider === undefined ? authorizationUrl : withIdentityProvider(authorizationUrl, provider);
}
