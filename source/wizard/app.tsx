import { Box, useApp } from 'ink';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { LoginOutcome } from '../login/run.ts';
import { Blocks } from './parts/blocks.tsx';
import { isCtrl, type Key } from './parts/keys.ts';
import { layOut } from './parts/layout.ts';
import { listPageSize } from './parts/list-rows.ts';
import { useLiveSize } from './parts/live-size.tsx';
import { useLook } from './parts/look.tsx';
import { RawLines } from './parts/raw-lines.tsx';
import { useKeys } from './parts/use-keys.ts';
import { useSuspend } from './parts/use-suspend.ts';
import type { Line, State } from './state.ts';
import { controlOf } from './steps/control.ts';
import type { Store } from './store.ts';
import { frameBlocks, frameHeight } from './views/frame.ts';
import type { Place } from './views/place.ts';
import { printedLine } from './views/printed-line.ts';
import { planKey } from './views/review-blocks.tsx';
import { scrollBy } from './views/scroll.ts';

type Props = {
  readonly store: Store;
  /** Resolves when the wizard is over; the app then leaves the screen. */
  readonly over: Promise<LoginOutcome | undefined>;
  /** Whom to sign in as, in the demo. */
  readonly demoHints: readonly string[];
};

type End = { readonly outcome: LoginOutcome | undefined };

export function App({ store, over, demoHints }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const [end, setEnd] = useState<End>();
  const { exit } = useApp();
  const look = useLook();
  const suspend = useSuspend();
  const place = usePlace(demoHints);
  useKeys(key => {
    if (isCtrl(key, 'z')) void suspend();
    else store.dispatch({ type: 'key', key: withPage(key, store.getState(), place) });
  });
  useEffect(() => {
    void over.then(outcome => setEnd({ outcome }));
  }, [over]);
  useEffect(() => {
    // Now that the last frame is drawn, which stays on the screen.
    if (end !== undefined) exit(end.outcome);
  }, [end, exit]);
  const { width } = place;
  const format = useCallback((line: Line) => printedLine(line, look, width), [look, width]);
  return (
    <Box flexDirection="column" width={place.width}>
      <RawLines lines={state.printed} format={format} />
      {end === undefined && <Frame state={state} place={place} />}
    </Box>
  );
}

/** The live part alone. */
export function Frame({ state, place }: { readonly state: State; readonly place: Place }) {
  return <Blocks blocks={frameBlocks(state, place)} height={frameHeight(state, place)} />;
}

/** The live part as it stands, for whoever must know what is on the screen. */
export function FrameOf({ store, demoHints }: Pick<Props, 'store' | 'demoHints'>) {
  return <Frame state={store.getState()} place={usePlace(demoHints)} />;
}

export function usePlace(demoHints: readonly string[]): Place {
  const { marks, color } = useLook();
  const { columns: width, rows } = useLiveSize();
  return { width, rows, marks, color, demoHints };
}

const movingKeys: ReadonlySet<Key['name']> = new Set(['up', 'down', 'pageup', 'pagedown', 'home', 'end']);

/** Keys move by what is drawn: page keys in a list, all that move in a text that is longer than its window. */
function withPage(key: Key, state: State, place: Place): Key {
  if (!movingKeys.has(key.name)) return key;
  const control = controlOf(state);
  const drawn = (name: string) =>
    layOut(frameBlocks(state, place), frameHeight(state, place)).find(({ block }) => block.key === name);
  if (state.step === 'review') {
    const text = drawn(planKey);
    const to = text && scrollBy(key, { top: state.scrolled, rows: text.rows, all: text.block.max });
    return to === undefined ? key : { name: 'scroll', to };
  }
  if (control.kind !== 'list' || (key.name !== 'pageup' && key.name !== 'pagedown')) return key;
  const rows = drawn('list')?.rows;
  return rows === undefined ? key : { name: key.name, by: listPageSize(control.list, rows) };
}
