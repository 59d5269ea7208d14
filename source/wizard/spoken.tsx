import { Box, Text, useApp } from 'ink';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { LoginOutcome } from '../login/run.ts';
import { isCtrl } from './parts/keys.ts';
import { usePrintAbove } from './parts/raw-lines.tsx';
import { activeItem, activePlace, type SelectListState } from './parts/select-list.ts';
import { useKeys } from './parts/use-keys.ts';
import { useSuspend } from './parts/use-suspend.ts';
import { words } from './parts/words.ts';
import type { State } from './state.ts';
import { controlOf } from './steps/control.ts';
import { hintsFor } from './steps/hints.ts';
import { inReadingOrder, newlySaid, type Said, saidOf } from './steps/said.ts';
import type { Store } from './store.ts';
import { clusterCells } from './views/cluster-cells.ts';

type Props = {
  readonly store: Store;
  readonly over: Promise<LoginOutcome | undefined>;
  readonly demoHints: readonly string[];
};

/**
 * The wizard for a screen reader: what there is to say goes up once and stays; below it stands one line, the answer that
 * the keys would give, and nothing else is ever drawn again. No clock, no spinner, no frame.
 */
export function Spoken({ store, over, demoHints }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { exit } = useApp();
  const [isOver, setOver] = useState(false);
  const suspend = useSuspend();
  useKeys(key => {
    if (isCtrl(key, 'z')) void suspend();
    else store.dispatch({ type: 'key', key });
  });
  useSaid(state, demoHints);
  useEffect(() => {
    void over.then(outcome => {
      setOver(true);
      exit(outcome);
    });
  }, [over, exit]);
  return isOver ? null : <Answer state={state} />;
}

function useSaid(state: State, demoHints: readonly string[]): void {
  const print = usePrintAbove();
  const printed = useRef(0);
  const before = useRef<readonly Said[]>([]);
  useEffect(() => {
    const lines = state.printed.slice(printed.current);
    printed.current = state.printed.length;
    const now = [...saidOf(state), ...keysSaid(state, demoHints)];
    const all = inReadingOrder(lines, newlySaid(now, before.current)).map(({ text }) => text);
    before.current = now;
    if (all.length > 0) print(all.join('\n'));
  }, [state, demoHints, print]);
}

/** The keys, said when others mean something. */
export function keysSaid(state: State, demoHints: readonly string[]): Said[] {
  const hints = hintsFor(state, demoHints.length > 0).map(({ key, does }) => `${key}: ${does}`);
  const demo = state.step === 'login' ? demoHints.map(text => ({ id: `demo ${text}`, text })) : [];
  return [...demo, { id: `${state.step} keys`, text: `${words.keys}: ${hints.join('; ')}.` }];
}

function Answer({ state }: { readonly state: State }) {
  const control = controlOf(state);
  if (state.leaving) return <Text>{words.leaving}</Text>;
  if (control.kind === 'list') return <ActiveItem list={control.list} state={state} />;
  if (control.kind !== 'field') return null;
  const { field, secret, question } = control;
  const value = secret ? (field.value === '' ? '' : words.characters(field.value.length)) : field.value;
  return (
    <Box aria-role="textbox" aria-label={`${question} ${value === '' ? words.empty : value}`}>
      <Text>{value}</Text>
    </Box>
  );
}

function ActiveItem({ list, state }: { readonly list: SelectListState; readonly state: State }) {
  const item = activeItem(list);
  if (item === undefined) return <Text>{words.nothingMatches}</Text>;
  const cells = state.step === 'clusters' ? clusterCells(state)(item.id) : [];
  const place = words.place(activePlace(list) + 1, list.shown.length);
  const filter = list.filter === '' ? '' : `${words.filter}: ${list.filter}`;
  const chosen = list.multiple ? words.chosen(list.chosen.size) : '';
  const text = [item.label, ...cells, item.detail ?? '', place, chosen, filter]
    .filter(part => part !== '')
    .join(', ');
  return (
    <Box
      aria-role={list.multiple ? 'checkbox' : 'option'}
      aria-state={list.multiple ? { checked: list.chosen.has(item.id) } : { selected: true }}
      aria-label={text}
    >
      <Text>{text}</Text>
    </Box>
  );
}
