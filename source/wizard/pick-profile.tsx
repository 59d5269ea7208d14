import { Box, useApp } from 'ink';
import { useEffect, useReducer } from 'react';
import type { Profile } from '../profiles/profile.ts';
import { keepWhatStarted } from '../system/compiled-code.ts';
import type { Streams } from '../system/streams.ts';
import { describeTerminal } from '../system/terminal.ts';
import { Blocks } from './parts/blocks.tsx';
import { isCtrl, type Key } from './parts/keys.ts';
import { useLiveSize } from './parts/live-size.tsx';
import { lookFor, useLook } from './parts/look.tsx';
import { mountApp } from './parts/mount.tsx';
import { activeItem, type SelectListState, selectListKey } from './parts/select-list.ts';
import { useKeys } from './parts/use-keys.ts';
import { pickBlocks, pickList } from './pick-frame.ts';

type State = { readonly list: SelectListState; readonly end: 'picked' | 'left' | undefined };

function reduce(state: State, key: Key): State {
  if (state.end !== undefined) return state;
  const { list } = state;
  if (isCtrl(key, 'c')) return { list, end: 'left' };
  // The first Escape takes back what was typed.
  if (key.name === 'escape' && list.filter === '') return { list, end: 'left' };
  if (key.name === 'enter') return activeItem(list) === undefined ? state : { list, end: 'picked' };
  const cleared = key.name === 'escape' ? ({ name: 'ctrl', letter: 'u' } as const) : key;
  return { list: selectListKey(list, cleared), end: undefined };
}

export function Picker({ start }: { readonly start: SelectListState }) {
  const { exit } = useApp();
  const { columns, rows } = useLiveSize();
  const { marks } = useLook();
  const [state, dispatch] = useReducer(reduce, { list: start, end: undefined });
  useKeys(dispatch);
  const { end, list } = state;
  useEffect(() => {
    if (end !== undefined) exit(end === 'picked' ? activeItem(list)?.id : undefined);
  }, [end, exit, list]);
  if (end !== undefined) return null;
  return (
    <Box flexDirection="column" width={columns}>
      <Blocks blocks={pickBlocks(list, { columns, rows, marks })} height={rows} />
    </Box>
  );
}

/**
 * Lets the person pick a profile, on stderr: stdout belongs to the shell that reads it.
 * @returns undefined when they leave
 */
export async function pickProfile(
  profiles: readonly Profile[],
  { env, stdin, stderr, early }: Streams,
): Promise<string | undefined> {
  const terminal = describeTerminal(env, { stdin, stderr });
  const screenReader = env['INK_SCREEN_READER'] === 'true';
  const app = mountApp(<Picker start={pickList(profiles)} />, {
    stdin,
    stderr,
    early,
    look: lookFor(terminal),
    screenReader,
  });
  // While the person reads.
  setImmediate(keepWhatStarted);
  const picked = await app.waitUntilExit();
  return typeof picked === 'string' ? picked : undefined;
}
