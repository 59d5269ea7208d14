import type { Key } from '../parts/keys.ts';
import { createTextField, textFieldKey } from '../parts/text-field.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { type FurtherSignIn, isIssuerWay, type Waiting } from '../waiting.ts';
import { addressLines, openKey } from './login.ts';
import { loginOptions, obtainedTokens, signInCount } from './review.ts';
import { again, back, type StepLogic, skip, stay, type Turn, waitFor, withProblem } from './turn.ts';

export const runStep: StepLogic = {
  enter(state) {
    const options = loginOptions(state);
    if (options === undefined) return skip(state);
    const account = isIssuerWay(state.way) && state.session?.renewable ? state.token?.account : undefined;
    const running = waitFor(
      { ...state, further: undefined, signedIn: 0 },
      account === undefined ? texts.writing : texts.gettingTokens,
    );
    return stay(running, { kind: 'run', options, tokens: obtainedTokens(state), account });
  },

  key(state, key) {
    if (state.further === undefined) {
      if (state.problem === undefined) return undefined;
      if (key.name === 'escape') return back(state);
      return key.name === 'enter' ? tryAgain(state) : undefined;
    }
    return furtherKey(state, state.further, key);
  },

  event(state, event) {
    switch (event.type) {
      case 'failed':
        return stay({ ...withProblem(state, event.error), further: undefined });
      case 'further':
        return stay({
          ...state,
          problem: undefined,
          further: { choice: event.choice, waiting: { kind: 'starting' } },
          pasteField: createTextField(),
        });
      case 'address':
        return stay(withFurtherAddress(state, event.url, event.opened));
      case 'trouble':
        return stay(
          withWaiting(state, waiting =>
            waiting.kind === 'portal' ? { ...waiting, trouble: event.message } : waiting,
          ),
        );
      case 'pasteRefused':
        return stay(
          withWaiting(withProblem(state, event.error), waiting =>
            waiting.kind === 'page' ? { ...waiting, checking: false } : waiting,
          ),
        );
      case 'written':
        return stay({ ...state, areFilesWritten: true });
      case 'furtherDone':
        return stay({ ...state, further: undefined, busy: texts.writing, signedIn: state.signedIn + 1 });
      case 'done':
        return stay(state, { kind: 'exit', outcome: event.outcome });
      default:
        return stay(state);
    }
  },
};

/** A session that has ended is not mended by asking again. */
function tryAgain(state: State): Turn {
  const isOver = isIssuerWay(state.way) && state.problem?.code === 'LOGIN_NEEDED';
  return isOver ? again({ ...state, token: undefined, session: undefined }) : runStep.enter(state);
}

/** Whether a sign-in can wait for kubectl: not the first one, nor any whose token is to be written out. */
export function mayBeLeft(state: State): boolean {
  return state.method !== 'token' && signInCount(state).done > 0;
}

/** Whether all files are there, and only logins that may be left are under way. */
export function isWritten(state: State): boolean {
  const isLeft = state.further !== undefined && mayBeLeft(state);
  return state.step === 'run' && (state.areFilesWritten || isLeft);
}

function furtherKey(state: State, { waiting }: FurtherSignIn, key: Key): Turn | undefined {
  if (key.name === 'escape') return mayBeLeft(state) ? stay(state, { kind: 'skipSignIn' }) : back(state);
  if (waiting.kind !== 'page') return openKey(waiting, state, key);
  if (key.name === 'enter' && state.pasteField.value !== '' && !waiting.checking) {
    const checking = withWaiting({ ...state, problem: undefined }, page =>
      page.kind === 'page' ? { ...page, checking: true } : page,
    );
    return stay(
      { ...checking, pasteField: createTextField() },
      { kind: 'paste', text: state.pasteField.value },
    );
  }
  const pasteField = textFieldKey(state.pasteField, key);
  return pasteField === state.pasteField ? undefined : stay({ ...state, pasteField, problem: undefined });
}

function withFurtherAddress(state: State, url: URL, opened: boolean): State {
  const page = state.further?.choice.signIn === 'page';
  const waiting: Waiting = page
    ? { kind: 'page', url, opened, checking: false }
    : { kind: 'portal', url, opened, trouble: undefined };
  const printed = [...state.printed, ...addressLines(url, opened, page)];
  return withWaiting({ ...state, busy: undefined, printed }, () => waiting);
}

function withWaiting(state: State, change: (waiting: Waiting) => Waiting): State {
  const { further } = state;
  return further === undefined
    ? state
    : { ...state, further: { ...further, waiting: change(further.waiting) } };
}
