import type { Effect, WizardEvent } from './effects.ts';
import { isCtrl, isText, type Key } from './parts/keys.ts';
import type { State } from './state.ts';
import { withAnswered } from './steps/answered.ts';
import { clustersStep } from './steps/clusters.ts';
import { asksForHelp, controlOf, isAwaiting } from './steps/control.ts';
import { explain } from './steps/explain.ts';
import { linkStep } from './steps/link.ts';
import { loginStep } from './steps/login.ts';
import { methodStep, timeStep } from './steps/method.ts';
import { namesStep } from './steps/names.ts';
import { type Step, stepsOf } from './steps/order.ts';
import { providerStep } from './steps/provider.ts';
import { resumingKeys } from './steps/resume.ts';
import { reviewStep } from './steps/review.ts';
import { runStep } from './steps/run.ts';
import { trustStep } from './steps/trust.ts';
import type { StepLogic, Turn } from './steps/turn.ts';

const logic: Record<Step, StepLogic> = {
  link: linkStep,
  trust: trustStep,
  provider: providerStep,
  login: loginStep,
  clusters: clustersStep,
  method: methodStep,
  time: timeStep,
  names: namesStep,
  review: reviewStep,
  run: runStep,
};

export type Reaction = { readonly state: State; readonly effects: readonly Effect[] };

/** The first question that is open. */
export function start(state: State): Reaction {
  return settle(logic[state.step].enter(state));
}

/** The wizard: what a key or an answer from outside makes of a state. */
export function reduce(state: State, event: WizardEvent): Reaction {
  if (event.type === 'key') return resume(reduceKey(withoutHaste(state), event.key));
  if (event.turn !== state.turn) return { state, effects: [] };
  if (event.type === 'slow') return { state: { ...state, isSlow: isAwaiting(state) }, effects: [] };
  if (event.type === 'progress') {
    const { done, all } = event;
    return { state: state.busy === undefined ? state : { ...state, progress: { done, all } }, effects: [] };
  }
  return resume(settle(logic[state.step].event(state, event)));
}

/** A person who presses keys has taken over. */
const withoutHaste = (state: State): State =>
  state.resuming === undefined || state.step === 'trust' || controlOf(state).kind === 'wait'
    ? state
    : { ...state, resuming: undefined };

/** Gives the answers of a wizard that was left, one after the other, up to where it was. */
function resume(reaction: Reaction): Reaction {
  const { state, effects } = reaction;
  if (state.resuming === undefined || controlOf(state).kind === 'wait') return reaction;
  // Whom to trust is asked anew.
  if (state.step === 'trust' && state.problem === undefined) return reaction;
  const keys = resumingKeys(state, state.resuming);
  const { step } = state;
  let last: Reaction = { state: { ...state, ...(keys === undefined && { resuming: undefined }) }, effects };
  for (const key of keys ?? []) {
    if (last.state.step !== step) break;
    const reacted = reduceKey(last.state, key);
    last = { state: reacted.state, effects: [...last.effects, ...reacted.effects] };
  }
  // An answer that is no longer taken ends it.
  const isStuck = last.state.step === step && last.state.busy === undefined;
  return isStuck ? { ...last, state: { ...last.state, resuming: undefined } } : resume(last);
}

function reduceKey(state: State, key: Key): Reaction {
  if (isCtrl(key, 'c')) return { state, effects: [{ kind: 'exit', outcome: undefined }] };
  if (state.leaving) {
    const effects: Effect[] = isText(key, 'y') ? [{ kind: 'exit', outcome: undefined }] : [];
    return { state: { ...state, leaving: false }, effects };
  }
  if (isCtrl(key, 'g') || (isText(key, '?') && asksForHelp(state)))
    return { state: explain(state), effects: [] };
  const { retry } = logic[state.step];
  if (isText(key, 'r') && state.isSlow && isAwaiting(state) && retry !== undefined)
    return settle(retry(state));
  const turn = logic[state.step].key(state, key);
  if (turn !== undefined) return settle(turn);
  if (key.name !== 'escape' || state.step === 'run') return { state, effects: [] };
  return goBack(state);
}

function settle({ state, effects, go }: Turn): Reaction {
  switch (go) {
    case 'stay':
      return { state: startsAnew(effects) ? { ...state, turn: state.turn + 1 } : state, effects };
    case 'back': {
      const gone = goBack(state);
      return { ...gone, effects: [...effects, ...gone.effects] };
    }
    case 'login':
      return goToLogin(state);
    default: {
      const gone = goOn(state, go === 'next' ? [...state.history, state.step] : state.history);
      return { ...gone, effects: [...effects, ...gone.effects] };
    }
  }
}

const startsAnew = (effects: readonly Effect[]) => effects.some(({ kind }) => kind === 'abort');

function goOn(state: State, history: readonly Step[]): Reaction {
  const steps = stepsOf(state);
  return enter(withAnswered(state, state.step), steps[steps.indexOf(state.step) + 1] ?? 'run', history);
}

/** A login that has ended is made again; what was answered before it stays answered. */
function goToLogin(state: State): Reaction {
  const steps = stepsOf(state);
  const earlier = state.history.filter(step => steps.indexOf(step) < steps.indexOf('login'));
  return enter(state, 'login', earlier);
}

function enter(state: State, step: Step, history: readonly Step[]): Reaction {
  const entered = logic[step].enter({
    ...state,
    step,
    history,
    turn: state.turn + 1,
    isSlow: false,
  });
  return settle(entered);
}

/** To the question asked before this one. What is under way stops; what was typed stays. */
function goBack(state: State): Reaction {
  const step = state.history.at(-1);
  if (step === undefined) return { state: { ...state, leaving: true }, effects: [] };
  const calm = {
    busy: undefined,
    problem: undefined,
    waiting: undefined,
    further: undefined,
    wayList: undefined,
    isSlow: false,
    progress: undefined,
    resuming: undefined,
  };
  const before: State = {
    ...state,
    ...calm,
    step,
    history: state.history.slice(0, -1),
    turn: state.turn + 1,
  };
  return { state: before, effects: [{ kind: 'abort' }] };
}
