import { formatLoginLink, type LoginLink, parseLoginLink } from '../../portal/login-link.ts';
import type { RememberedPortal } from '../../system/settings.ts';
import { activeItem, createSelectList, type SelectListState } from '../parts/select-list.ts';
import { textFieldKey } from '../parts/text-field.ts';
import { nothingLearnt, type State } from '../state.ts';
import { texts } from '../texts.ts';
import { listKey, next, type StepLogic, skip, stay, type Turn, withProblem } from './turn.ts';

const otherId = 'other';

/** The portals used before, and the way to another one; undefined when there is none to offer. */
export function rememberedList(remembered: readonly RememberedPortal[]): SelectListState | undefined {
  if (remembered.length === 0) return undefined;
  const items = remembered.map(({ loginLink }) => ({ id: loginLink, label: loginLink }));
  return createSelectList([...items, { id: otherId, label: texts.linkOther }]);
}

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
    if (key.name === 'escape' && state.remembered.length > 0) {
      return stay({ ...state, linkList: rememberedList(state.remembered), problem: undefined });
    }
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
  const linkList = listKey(list, key);
  if (linkList !== undefined) return stay({ ...state, linkList });
  const item = activeItem(list);
  if (key.name !== 'enter' || item === undefined) return undefined;
  return item.id === otherId ? stay({ ...state, linkList: undefined }) : accept(state, item.id);
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
    link,
    certificates: undefined,
    trust: undefined,
    way: state.answers.signIn === 'page' ? 'page' : 'portal',
    ...nothingLearnt,
  };
}
