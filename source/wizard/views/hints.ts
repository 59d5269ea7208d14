import type { KeyHint } from '../parts/footer.tsx';
import type { State, Waiting } from '../state.ts';
import { texts } from '../texts.ts';

const { keys } = texts;
const enter = (does: string): KeyHint => ({ key: 'Enter', does });
const leave: KeyHint = { key: 'Ctrl+C', does: keys.leave };

/** The keys that mean something now, the most important first. */
export function hintsFor(state: State, isDemo: boolean): KeyHint[] {
  const goBack: KeyHint = { key: 'Esc', does: state.history.length === 0 ? keys.leave : keys.back };
  return [...stepHints(state, isDemo), goBack, leave];
}

function stepHints(state: State, isDemo: boolean): KeyHint[] {
  if (state.further !== undefined) {
    const { waiting } = state.further;
    return [...waitingHints(waiting, isDemo), { key: 'Esc', does: keys.later }];
  }
  if (state.busy !== undefined) return [];
  switch (state.step) {
    case 'login':
      return loginHints(state, isDemo);
    case 'clusters':
      return [{ key: 'Space', does: keys.tick }, { key: 'Ctrl+A', does: keys.tickAll }, enter(keys.accept)];
    case 'names':
      return [enter(keys.accept), { key: 'Tab', does: keys.take, short: 'free name' }];
    case 'review':
      return state.plan === undefined ? [] : [enter(keys.write)];
    case 'run':
      return state.problem === undefined ? [] : [enter(keys.retry)];
    case 'link':
      return [enter(state.linkList === undefined ? keys.accept : keys.choose)];
    case 'trust':
      return [enter(state.certificates === undefined ? keys.retry : keys.choose)];
    case 'provider':
      return [enter(state.providerList === undefined ? keys.retry : keys.choose)];
    default:
      return [enter(keys.choose)];
  }
}

function loginHints(state: State, isDemo: boolean): KeyHint[] {
  const { waiting, way } = state;
  if (way === 'page') return waiting === undefined ? [enter(keys.choose)] : waitingHints(waiting, isDemo);
  const again: KeyHint[] =
    state.problem === undefined ? [{ key: 'n', does: keys.again }] : [enter(keys.retry)];
  return [
    ...(waiting === undefined ? [] : waitingHints(waiting, isDemo)),
    ...again,
    { key: 'p', does: keys.page, short: 'paste' },
  ];
}

function waitingHints(waiting: Waiting, isDemo: boolean): KeyHint[] {
  if (waiting.kind === 'starting') return [];
  if (waiting.kind === 'page') return [enter(keys.accept)];
  return [
    { key: 'o', does: keys.open },
    ...(isDemo ? [{ key: 'd', does: texts.demoSignIn, short: 'demo' }] : []),
  ];
}
