import { Box, useApp } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { LoginOutcome } from '../login/run.ts';
import { Blocks } from './parts/blocks.tsx';
import { useLiveSize } from './parts/live-size.tsx';
import { useLook } from './parts/look.tsx';
import { RawLines } from './parts/raw-lines.tsx';
import { useKeys } from './parts/use-keys.ts';
import type { Store } from './store.ts';
import { frameBlocks, frameHeight, lastBlocks } from './views/frame.tsx';

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
  const { marks } = useLook();
  const { columns: width, rows } = useLiveSize();
  useKeys(key => store.dispatch({ type: 'key', key }));
  useEffect(() => {
    void over.then(outcome => setEnd({ outcome }));
  }, [over]);
  useEffect(() => {
    // Now that the last frame is drawn, which stays on the screen.
    if (end !== undefined) exit(end.outcome);
  }, [end, exit]);

  const place = { width, rows, marks, demoHints };
  return (
    <Box flexDirection="column" width={width}>
      <RawLines lines={state.printed} />
      {end === undefined ? (
        <Blocks blocks={frameBlocks(state, place)} height={frameHeight(state, width, rows)} />
      ) : (
        <Blocks blocks={lastBlocks(state, end.outcome)} height={rows} />
      )}
    </Box>
  );
}
