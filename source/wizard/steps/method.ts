import { type Method, methods, type SignInTime } from '../../login/options.ts';
import { activeItem, createSelectList } from '../parts/select-list.ts';
import { texts } from '../texts.ts';
import { isIssuerWay } from '../waiting.ts';
import { listKey, next, type StepLogic, skip, stay } from './turn.ts';

export const methodChoices = createSelectList([
  { id: '1', label: texts.methodOne, detail: texts.methodOneDetail },
  { id: '2', label: texts.methodTwo, detail: texts.methodTwoDetail },
  { id: 'token', label: texts.methodToken, detail: texts.methodTokenDetail },
]);

export const methodStep: StepLogic = {
  enter(state) {
    const { method } = state.answers;
    return method === undefined ? stay(state) : skip({ ...state, method });
  },

  key(state, key) {
    const methodList = listKey(state.methodList, key);
    if (methodList !== undefined) return stay({ ...state, methodList });
    const method: Method | undefined = methods.find(id => id === activeItem(state.methodList)?.id);
    return key.name === 'enter' && method !== undefined ? next({ ...state, method }) : undefined;
  },

  event: state => stay(state),
};

export const timeChoices = createSelectList([
  { id: 'first', label: texts.timeLater },
  { id: 'all', label: texts.timeNow },
]);

export const timeStep: StepLogic = {
  enter(state) {
    // One login gets all of them their tokens.
    if (isIssuerWay(state.way)) return skip({ ...state, signInTime: state.answers.signInTime ?? 'all' });
    if (state.answers.signInTime !== undefined)
      return skip({ ...state, signInTime: state.answers.signInTime });
    // A token that is written out is needed at once; a single cluster has its token already.
    if (state.method === 'token' || state.chosen.length < 2) return skip({ ...state, signInTime: 'first' });
    return stay(state);
  },

  key(state, key) {
    const timeList = listKey(state.timeList, key);
    if (timeList !== undefined) return stay({ ...state, timeList });
    const signInTime: SignInTime = activeItem(state.timeList)?.id === 'all' ? 'all' : 'first';
    return key.name === 'enter' ? next({ ...state, signInTime }) : undefined;
  },

  event: state => stay(state),
};
