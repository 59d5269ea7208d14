import { activeItem, isNumbered, type SelectItem, type SelectListState } from '../parts/select-list.ts';
import type { Line, Prose, State } from '../state.ts';
import { texts } from '../texts.ts';
import { controlOf } from './control.ts';
import { hintsFor } from './hints.ts';
import { isDiff, saidOf } from './said.ts';

/**
 * What the question is about, and everything that a small window had no room for. It goes above the live part, where it
 * is whole at any size.
 */
export function explain(state: State): State {
  const { step, printed } = state;
  const keys = hintsFor(state, false)
    .map(({ key, does }) => `${key} ${does}`)
    .join(', ');
  const shown = saidOf(state, Number.POSITIVE_INFINITY).filter(({ id }) => !id.endsWith(' title'));
  const sentences = [
    texts.help[step],
    ...shown.filter(said => !isDiff(said)).map(({ text }) => text),
    ...answersAtHand(state),
  ];
  const prose: Prose[] = sentences.filter(text => text !== '').map(text => ({ prose: text }));
  const ofKeys: Prose = { prose: texts.helpKeys(keys), isOfKeys: true };
  const diff = shown.filter(isDiff).flatMap(({ text }) => text.split('\n'));
  return { ...state, printed: [...printed, '', ...prose, ofKeys, ...diff, '', ...againToCopy(state)] };
}

/** The answers of a short list, of a long one that at the marker. */
function answersAtHand(state: State): string[] {
  const control = controlOf(state);
  if (control.kind !== 'list') return [];
  const { list } = control;
  if (isNumbered(list)) return list.items.map((item, index) => `${index + 1}. ${itemText(item)}`);
  return markedItem(list);
}

function markedItem(list: SelectListState): string[] {
  const item = activeItem(list);
  return item === undefined ? [] : [`> ${itemText(item)}`];
}

function itemText({ label, detail, disabledReason }: SelectItem): string {
  const more = disabledReason ?? detail;
  return more === undefined ? label : `${label}: ${more}`;
}

/** What is to be opened or compared stays next to its question. */
function againToCopy({ printed, step, certificates, waiting, further, wayList }: State): readonly Line[] {
  const login = further?.waiting ?? waiting;
  const hasAddress = wayList === undefined && login !== undefined && login.kind !== 'starting';
  if (!hasAddress && !(step === 'trust' && certificates !== undefined)) return [];
  const last = printed.findLastIndex(line => typeof line === 'string' && line !== '');
  const before = printed.slice(0, last + 1).findLastIndex(line => typeof line !== 'string' || line === '');
  return printed.slice(before + 1, last + 1);
}
