import { toUserError, type UserError } from '../../errors.ts';
import { formatLoginLink, type LoginLink, parseLoginLink } from '../../portal/login-link.ts';
import type { RememberedPortal } from '../../system/settings.ts';
import { activeItem, type SelectListState, selectListKey } from '../parts/select-list.ts';
import { setText, textFieldKey } from '../parts/text-field.ts';
import { nothingLearnt, type State } from '../state.ts';
import { otherId, rememberedList, resumeId } from './remembered-list.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, withProblem } from './turn.ts';

export const linkStep: StepLogic = {
  enter(state) {
    const { link, issuer } = state.answers;
    // A portal file or an issuer stands for the platform.
    if (issuer?.portalFile !== undefined || (link === undefined && issuer?.issuer !== undefined))
      return skip(state);
    return link === undefined ? stay(state) : skip(withLink(state, link));
  },

  key(state, key) {
    if (state.linkList !== undefined) return listStepKey(state, state.linkList, key);
    const known = rememberedList(state.remembered, state.interrupted);
    if (key.name === 'escape' && known !== undefined)
      return stay({ ...state, linkList: known, problem: undefined });
    if (key.name === 'enter') return accept(state, state.linkField.value);
    const linkField = textFieldKey(state.linkField, key);
    return linkField === state.linkField ? undefined : stay({ ...state, linkField, problem: undefined });
  },

  event: state => stay(state),
};

function listStepKey(
  state: State,
  list: SelectListState,
  key: Parameters<StepLogic['key']>[1],
): Turn | undefined {
  const item = activeItem(list);
  // Whoever pastes an address, or types one that is not in the list, means just that.
  if (key.name === 'paste') return typeLink(state, textFieldKey(state.linkField, key));
  if (key.name === 'enter' && item === undefined && list.filter !== '')
    return typeLink(state, setText(state.linkField, list.filter));
  const linkList = listKey(list, key);
  if (linkList !== undefined) return stay({ ...state, linkList });
  if (key.name !== 'enter' || item === undefined) return undefined;
  if (item.id === otherId) return stay({ ...state, linkList: undefined });
  const { interrupted } = state;
  return item.id === resumeId && interrupted !== undefined
    ? accept({ ...state, resuming: interrupted }, interrupted.loginLink)
    : accept(state, item.id);
}

function typeLink(state: State, linkField: State['linkField']): Turn {
  return stay({ ...state, linkList: undefined, linkField, problem: undefined });
}

/** What is wrong with what is being typed, once it can no longer become a link. */
export function linkFault({ linkField, problem }: State): Pick<UserError, 'message' | 'hint'> | undefined {
  const text = linkField.value.trim();
  // Of a host whose name is not complete yet nothing can be said.
  if (text === '' || problem !== undefined || /^[a-z\d.-]*(:\/{0,2})?$/i.test(text)) return undefined;
  try {
    parseLoginLink(text);
    return undefined;
  } catch (error) {
    return toUserError(error);
  }
}

function accept(state: State, text: string): Turn {
  try {
    return next(withLink(state, parseLoginLink(text)));
  } catch (error) {
    return stay(withProblem(state, error));
  }
}

/** Another link makes everything that was learnt from the last one void. */
function withLink(state: State, link: LoginLink): State {
  if (state.link !== undefined && formatLoginLink(state.link) === formatLoginLink(link)) return state;
  return {
    ...state,
    ...rememberedAnswers(state, link),
    link,
    certificates: undefined,
    trust: undefined,
    way: state.answers.signIn === 'page' ? 'page' : 'portal',
    ...nothingLearnt,
  };
}

/** What was answered for this portal the last time is offered first. */
function rememberedAnswers(state: State, link: LoginLink): Pick<State, 'methodList' | 'timeList'> {
  const { methodList, timeList } = state;
  const portal = rememberedOf(state, link);
  return {
    methodList: portal?.method === undefined ? methodList : withActive(methodList, portal.method),
    timeList: portal?.signInTime === undefined ? timeList : withActive(timeList, portal.signInTime),
  };
}

const withActive = (list: SelectListState, id: string) => selectListKey(list, { name: 'pick', ids: [id] });

/** What is remembered of a portal. */
export function rememberedOf(
  { remembered }: Pick<State, 'remembered'>,
  link: LoginLink | undefined,
): RememberedPortal | undefined {
  if (link === undefined) return undefined;
  const wanted = formatLoginLink(link);
  return remembered.find(({ loginLink }) => loginLink === wanted);
}
