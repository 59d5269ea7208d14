import type { SelectListState } from '../parts/select-list.ts';
import type { TextFieldState } from '../parts/text-field.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import type { Waiting } from '../waiting.ts';

/** What a person answers with at the moment, whatever draws or says it. */
export type Control =
  | { readonly kind: 'list'; readonly question: string; readonly list: SelectListState }
  | {
      readonly kind: 'field';
      readonly question: string;
      readonly field: TextFieldState;
      readonly secret: boolean;
    }
  /** Something else is waited for: the network, or the person at a browser. */
  | { readonly kind: 'wait' }
  /** Only whether to go on. */
  | { readonly kind: 'confirm'; readonly question: string };

const list = (question: string, state: SelectListState | undefined): Control =>
  state === undefined ? { kind: 'confirm', question } : { kind: 'list', question, list: state };

const field = (question: string, state: TextFieldState, secret = false): Control => ({
  kind: 'field',
  question,
  field: state,
  secret,
});

/** Whether somebody who comes back to a login that was made is asked about its account. */
export function isAccountAsked({ step, token, waiting, wayList, problem }: State): boolean {
  return (
    step === 'login' &&
    token !== undefined &&
    waiting === undefined &&
    wayList === undefined &&
    problem === undefined
  );
}

export function controlOf(state: State): Control {
  const { further, busy } = state;
  if (further !== undefined) return waitingControl(further.waiting, state);
  if (busy !== undefined) return { kind: 'wait' };
  switch (state.step) {
    case 'link':
      return state.linkList === undefined
        ? field(texts.linkQuestion, state.linkField)
        : list(texts.linkQuestion, state.linkList);
    case 'trust':
      if (state.certificates === undefined) return { kind: 'confirm', question: '' };
      return state.caField === undefined
        ? list(texts.trustAnswer, state.trustList)
        : field(texts.caQuestion, state.caField);
    case 'provider':
      return list(texts.providerQuestion, state.providerList);
    case 'login':
      return loginControl(state);
    case 'clusters':
      return list(texts.clustersQuestion, state.clusterSelect);
    case 'method':
      return list(texts.methodQuestion, state.methodList);
    case 'time':
      return list(texts.timeQuestion(state.chosen.length - 1), state.timeList);
    case 'names': {
      const row = state.nameRows[state.activeName];
      if (row === undefined) return { kind: 'confirm', question: texts.namesQuestion };
      return field(texts.nameFor(row.cluster.name), row.field);
    }
    case 'review':
      return { kind: 'confirm', question: '' };
    case 'run':
      return state.problem === undefined ? { kind: 'wait' } : { kind: 'confirm', question: '' };
  }
}

function loginControl(state: State): Control {
  const { wayList, waiting, way, token } = state;
  if (wayList !== undefined) return list(texts.wayQuestion, wayList);
  if (isAccountAsked(state))
    return list(texts.accountQuestion(token?.account.label ?? ''), state.accountList);
  if (waiting !== undefined) return waitingControl(waiting, state);
  if (state.problem !== undefined) return { kind: 'confirm', question: '' };
  return way === 'page' ? list(texts.pageQuestion, state.pageList) : { kind: 'wait' };
}

function waitingControl(waiting: Waiting, { pasteField }: State): Control {
  if (waiting.kind === 'page' && !waiting.checking) return field(texts.pasteQuestion, pasteField, true);
  if (waiting.kind === 'paste' && !waiting.checking) {
    return field(texts.pasteAddressQuestion, pasteField, true);
  }
  return { kind: 'wait' };
}

/** Whether something is under way outside that no person has a part in. */
export function isAwaiting({ busy, further, waiting }: State): boolean {
  const login = further?.waiting ?? waiting;
  return (
    busy !== undefined ||
    login?.kind === 'starting' ||
    (login !== undefined && 'checking' in login && login.checking)
  );
}

/** Whether `?` asks what this is about here, and is not part of an answer. */
export function asksForHelp(state: State): boolean {
  const control = controlOf(state);
  if (control.kind === 'list') return control.list.filter === '';
  // No profile name has one in it.
  return control.kind !== 'field' || control.field.value === '' || state.step === 'names';
}
