import type { Trust } from '../../portal/portal.ts';
import { trustThis } from '../../portal/portal.ts';
import type { ServerCertificates } from '../../system/certificates.ts';
import { displayFingerprint } from '../../system/fingerprint.ts';
import type { Key } from '../parts/keys.ts';
import { activeItem, createSelectList } from '../parts/select-list.ts';
import { createTextField, type TextFieldState, textFieldKey } from '../parts/text-field.ts';
import { nothingLearnt, type State } from '../state.ts';
import { texts } from '../texts.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, waitFor, withProblem } from './turn.ts';

export const trustChoices = createSelectList([
  { id: 'stop', label: texts.trustStop },
  { id: 'trust', label: texts.trustThis },
  { id: 'file', label: texts.trustFile },
]);

export const trustStep: StepLogic = {
  enter(state) {
    if (state.link === undefined) return skip(state);
    // Asked once, it is asked again on the way forward, with the answer still there.
    if (state.trust !== undefined) return state.certificates === undefined ? skip(state) : stay(state);
    const { host } = new URL(state.link.origin);
    return stay(waitFor(state, texts.inspecting(host)), { kind: 'inspect', link: state.link });
  },

  key(state, key) {
    if (state.problem !== undefined && state.certificates === undefined) {
      return key.name === 'enter' ? trustStep.enter(state) : undefined;
    }
    if (state.busy !== undefined) return undefined;
    if (state.caField !== undefined) return fileKey(state, state.caField, key);
    const trustList = listKey(state.trustList, key);
    if (trustList !== undefined) return stay({ ...state, trustList });
    return key.name === 'enter' ? choose(state) : undefined;
  },

  retry(state) {
    const again = trustStep.enter(state);
    return { ...again, effects: [{ kind: 'abort' }, ...again.effects] };
  },

  event(state, event) {
    switch (event.type) {
      case 'failed':
        return stay(withProblem(state, event.error));
      case 'caRead':
        return next(withTrust({ ...state, caField: undefined }, event.trust));
      case 'inspected':
        return event.finding.kind === 'trusted'
          ? skip({ ...state, trust: event.finding.trust })
          : stay(withCertificates(state, event.finding.certificates));
      default:
        return stay(state);
    }
  },
};

/** The fingerprint goes above, where it is whole in any window and can be copied to whoever knows it. */
function withCertificates(state: State, certificates: ServerCertificates): State {
  const lines = ['', texts.trustAdvice, displayFingerprint(certificates.authority.fingerprint)];
  return { ...state, busy: undefined, isSlow: false, certificates, printed: [...state.printed, ...lines] };
}

/** What was heard over a connection that is trusted in another way now may have come from anybody. */
function withTrust(state: State, trust: Trust): State {
  if (state.trust !== undefined && sameTrust(state.trust, trust)) return state;
  return { ...state, ...nothingLearnt, way: state.answers.signIn === 'page' ? 'page' : 'portal', trust };
}

function sameTrust(a: Trust, b: Trust): boolean {
  return a.kind === 'authority' ? b.kind === 'authority' && a.pem === b.pem : b.kind === 'system';
}

function fileKey(state: State, field: TextFieldState, key: Key): Turn | undefined {
  if (key.name === 'escape') return stay({ ...state, caField: undefined, problem: undefined });
  if (key.name === 'enter') return stay(state, { kind: 'readCa', file: field.value });
  const caField = textFieldKey(field, key);
  return caField === field ? undefined : stay({ ...state, caField, problem: undefined });
}

function choose(state: State): Turn | undefined {
  if (state.certificates === undefined) return undefined;
  switch (activeItem(state.trustList)?.id) {
    case 'trust':
      return next(withTrust(state, trustThis(state.certificates)));
    case 'file':
      return stay({ ...state, caField: createTextField('', { maxLength: 4000 }) });
    default:
      return stay(state, { kind: 'exit', outcome: undefined });
  }
}
