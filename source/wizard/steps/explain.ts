import { activeItem } from '../parts/select-list.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { controlOf } from './control.ts';
import { hintsFor } from './hints.ts';
import { saidOf } from './said.ts';

/**
 * What the question is about, and everything that a small window had no room for. It goes above the live part, where it
 * is whole at any size.
 */
export function explain(state: State): State {
  const { step, printed } = state;
  const keys = hintsFor(state, false)
    .map(({ key, does }) => `${key} ${does}`)
    .join(', ');
  const shown = saidOf(state).filter(({ id }) => !id.endsWith(' title'));
  const sentences = [
    ...shown.map(({ text }) => text),
    answerAtHand(state),
    texts.help[step],
    texts.helpKeys(keys),
  ];
  const prose = sentences.filter(text => text !== '').map(text => ({ prose: text }));
  return { ...state, printed: [...printed, '', ...prose, ''] };
}

function answerAtHand(state: State): string {
  const control = controlOf(state);
  const item = control.kind === 'list' ? activeItem(control.list) : undefined;
  return item === undefined ? '' : `> ${item.label}${item.detail === undefined ? '' : `: ${item.detail}`}`;
}
