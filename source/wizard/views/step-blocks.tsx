import type { Block } from '../parts/blocks.tsx';
import { textBlock } from '../parts/shapes.ts';
import { inkColor, theme } from '../parts/theme.ts';
import type { State } from '../state.ts';
import { isAccountAsked } from '../steps/control.ts';
import { linkFault } from '../steps/link.ts';
import { signInCount } from '../steps/review.ts';
import { texts } from '../texts.ts';
import { clusterCells } from './cluster-cells.ts';
import { linkBlocks } from './link-blocks.ts';
import { questionBlocks } from './list-blocks.ts';
import { namesBlocks } from './names-blocks.tsx';
import type { Place } from './place.ts';
import { reviewBlocks } from './review-blocks.tsx';
import { spinnerBlock } from './spinner-block.tsx';
import { trustBlocks } from './trust-blocks.tsx';
import { waitingBlocks } from './waiting-blocks.tsx';
import { weights } from './weights.ts';

/** The question at hand, and what went wrong with the last answer. It only draws: keys go to the reducer. */
export function bodyBlocks(state: State, place: Place): Block[] {
  if (state.leaving)
    return [textBlock('leave', texts.leaveQuestion, { width: place.width, weight: weights.field })];
  const { busy, further } = state;
  const isWaiting = busy !== undefined && further === undefined;
  return [
    ...(isWaiting ? [spinnerBlock(busyText(state, busy), place.width, busy)] : stepBlocks(state, place)),
    ...slowBlocks(state, place),
    ...problemBlocks(state, place),
  ];
}

/** What is awaited, and how much of it is done. */
export function busyText({ progress }: State, busy: string): string {
  return progress === undefined ? busy : texts.progress(busy, progress.done, progress.all);
}

function slowBlocks({ isSlow, step }: State, { width }: Place): Block[] {
  if (!isSlow) return [];
  return [textBlock('slow', step === 'run' ? texts.slowRun : texts.slow, { width, weight: weights.hint })];
}

function stepBlocks(state: State, place: Place): Block[] {
  const { width } = place;
  switch (state.step) {
    case 'link':
      return linkBlocks({ list: state.linkList, field: state.linkField, fault: linkFault(state) }, place);
    case 'trust':
      return trustBlocks(state, place);
    case 'provider':
      return questionBlocks(texts.providerQuestion, state.providerList, place);
    case 'login':
      return loginBlocks(state, place);
    case 'clusters':
      return [
        ...questionBlocks(texts.clustersQuestion, state.clusterSelect, place, clusterCells(state)),
        textBlock('first', state.target === undefined ? texts.firstTokenOnly : texts.oneLogin, {
          width,
          weight: weights.note,
        }),
      ];
    case 'method':
      return questionBlocks(texts.methodQuestion, state.methodList, place);
    case 'time':
      return questionBlocks(texts.timeQuestion(state.chosen.length - 1), state.timeList, place);
    case 'names':
      return namesBlocks(state, place);
    case 'review':
      return reviewBlocks(state, place);
    case 'run':
      return furtherBlocks(state, place);
  }
}

function loginBlocks(state: State, place: Place): Block[] {
  const { waiting, pasteField, wayList, way, ways, token } = state;
  const { width } = place;
  if (wayList !== undefined) return questionBlocks(texts.wayQuestion, wayList, place);
  if (isAccountAsked(state))
    return questionBlocks(texts.accountQuestion(token?.account.label ?? ''), state.accountList, place);
  if (waiting === undefined && way === 'page')
    return questionBlocks(texts.pageQuestion, state.pageList, place);
  const picked = ways && (ways.way === way ? texts.wayPicked(way, ways.why) : texts.wayChosen(way));
  return [
    ...(picked === undefined ? [] : [textBlock('way', picked, { width, weight: weights.note })]),
    ...waitingBlocks(waiting, pasteField, place, state.isQrShown),
    ...(state.isCopied && waiting !== undefined
      ? [textBlock('copied', texts.copied, { width, weight: weights.fact })]
      : []),
  ];
}

function furtherBlocks(state: State, place: Place): Block[] {
  const { further, pasteField } = state;
  if (further === undefined) return [];
  const { done, all } = signInCount(state);
  const title = texts.furtherTitle(further.choice.cluster.name, done + 1, all);
  return [
    textBlock('further', title, { width: place.width, weight: weights.fact, style: theme.strong }),
    ...waitingBlocks(further.waiting, pasteField, place, state.isQrShown),
  ];
}

/** Rows that a problem gets however small the window is. */
const mostOfProblem = 5;

function problemBlocks({ problem }: State, { width, marks, color = 0 }: Place): Block[] {
  if (problem === undefined) return [];
  const { message, hint } = problem;
  const lead = `${marks.failed} `;
  return [
    textBlock('problem', message, {
      width,
      lead,
      weight: weights.problem,
      style: theme.bad,
      leadStyle: inkColor('bad', color),
      min: mostOfProblem,
      ellipsis: marks.ellipsis,
    }),
    ...(hint === undefined ? [] : [textBlock('problem hint', hint, { width, weight: weights.hint })]),
  ];
}
