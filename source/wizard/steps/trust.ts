import { trustThis } from '../../portal/trust.ts';
import type { Key } from '../parts/keys.ts';
import { activeItem, createSelectList } from '../parts/select-list.ts';
import { createTextField, type TextFieldState, textFieldKey } from '../parts/text-field.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, waitFor, withProblem } from './turn.ts';

export const trustChoices = createSelectList([
  { id: 'stop', label: texts.trustStop },
  { id: 'trust', label: texts.trustThis },
  { id: 'file', label: texts.trustFile },
]);

export const trustStep: StepLogic = {
  enter(state) {
    if (state.link === undefined || state.trust !== undefined) return skip(state);
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

  event(state, event) {
    switch (event.type) {
      case 'failed':
        return stay(withProblem(state, event.error));
      case 'caRead':
        return next({ ...state, trust: event.trust, caField: undefined });
      case 'inspected':
        return event.finding.kind === 'trusted'
          ? skip({ ...state, trust: event.finding.trust })
          : stay({ ...state, busy: undefined, certificates: event.finding.certificates });
      default:
        return stay(state);
    }
  },
};

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
      return next({ ...state, trust: trustThis(state.certificates) });
    case 'file':
      return stay({ ...state, caField: createTextField('', { maxLength: 4000 }) });
    default:
      return stay(state, { kind: 'exit', outcome: undefined });
  }
}
