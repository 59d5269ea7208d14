import { Box, Text, useApp } from 'ink';
import { useEffect, useSyncExternalStore } from 'react';
import { ErrorBox } from './parts/error-box.tsx';
import { Footer } from './parts/footer.tsx';
import { useKeys } from './parts/keys.ts';
import { useLiveSize } from './parts/live-size.tsx';
import { useLook } from './parts/look.tsx';
import { RawLines } from './parts/raw-lines.tsx';
import { Spinner } from './parts/spinner.tsx';
import { theme } from './parts/theme.ts';
import type { State } from './state.ts';
import { steps } from './state.ts';
import type { Store } from './store.ts';
import { texts } from './texts.ts';
import { type Answered, answeredLines } from './views/answered.ts';
import { hintsFor } from './views/hints.ts';
import { StepView } from './views/step-view.tsx';

type Props = {
  readonly store: Store;
  /** Resolves when the wizard is over; the app then leaves the screen. */
  readonly over: Promise<unknown>;
  /** Whom to sign in as, in the demo. */
  readonly demoHints: readonly string[];
};

/** Rows the title and its empty line, the question, the keys and a message need beside a list. */
const frameRows = 8;
const fewestListRows = 3;

export function App({ store, over, demoHints }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { exit } = useApp();
  const { columns, rows } = useLiveSize();
  useKeys(key => store.dispatch({ type: 'key', key }));
  useEffect(() => {
    void over.then(value => exit(value));
  }, [over, exit]);

  const answered = answeredLines(state);
  // The answers give way first: they are the part that a small window can do without.
  const room = Math.max(0, rows - frameRows - fewestListRows - demoHints.length);
  const shown = room === 0 ? [] : answered.slice(-room);
  const height = Math.max(fewestListRows, rows - frameRows - shown.length);
  const number = steps.indexOf(state.step) + 1;
  return (
    <Box flexDirection="column" width={columns}>
      <RawLines lines={state.printed} />
      <Box height={1}>
        <Text {...theme.strong} wrap="truncate">
          {texts.step(number, steps.length, texts.titles[state.step])}
        </Text>
      </Box>
      {shown.map(line => (
        <AnsweredLine key={line.label} line={line} />
      ))}
      <Box flexDirection="column" marginTop={rows > 12 ? 1 : 0}>
        {state.leaving ? (
          <Text>{texts.leaveQuestion}</Text>
        ) : (
          <Body state={state} width={columns} height={height} demoHints={demoHints} />
        )}
      </Box>
      {!state.leaving && <Footer hints={hintsFor(state, demoHints.length > 0)} width={columns} />}
    </Box>
  );
}

function AnsweredLine({ line: { label, value } }: { readonly line: Answered }) {
  const { marks } = useLook();
  return (
    <Box height={1}>
      <Text wrap="truncate">
        <Text {...theme.good}>{marks.done}</Text> {label}: {value}
      </Text>
    </Box>
  );
}

type BodyProps = {
  readonly state: State;
  readonly width: number;
  readonly height: number;
  readonly demoHints: readonly string[];
};

function Body({ state, width, height, demoHints }: BodyProps) {
  const { problem, busy } = state;
  return (
    <>
      {busy !== undefined && state.further === undefined ? (
        <Spinner key={busy} text={busy} width={width} />
      ) : (
        <StepView state={state} width={width} height={height} demoHints={demoHints} />
      )}
      {problem !== undefined && <ErrorBox message={problem.message} hint={problem.hint} width={width} />}
    </>
  );
}
