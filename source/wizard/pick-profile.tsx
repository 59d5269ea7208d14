import { Box, Text, useApp } from 'ink';
import { useEffect, useReducer } from 'react';
import type { Profile } from '../profiles/profile.ts';
import type { Streams } from '../system/streams.ts';
import { describeTerminal } from '../system/terminal.ts';
import { plainText } from '../text.ts';
import { Footer } from './parts/footer.tsx';
import { isCtrl, type Key } from './parts/keys.ts';
import { useLiveSize } from './parts/live-size.tsx';
import { lookFor } from './parts/look.tsx';
import { mountApp } from './parts/mount.tsx';
import { activeItem, createSelectList, type SelectListState, selectListKey } from './parts/select-list.ts';
import { SelectListView } from './parts/select-list-view.tsx';
import { useKeys } from './parts/use-keys.ts';

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

const tallest = 12;
const linesAround = 2;

function Picker({ start }: { readonly start: SelectListState }) {
  const { exit } = useApp();
  const { columns, rows } = useLiveSize();
  const [state, dispatch] = useReducer(reduce, { list: start, end: undefined });
  useKeys(dispatch);
  const { end, list } = state;
  useEffect(() => {
    if (end !== undefined) exit(end === 'picked' ? activeItem(list)?.id : undefined);
  }, [end, exit, list]);
  if (end !== undefined) return null;
  const hints = [
    { key: 'Enter', does: 'use it' },
    { key: 'Esc', does: 'leave' },
  ];
  return (
    <Box flexDirection="column" width={columns}>
      <Text wrap="truncate">Which profile do you want to use?</Text>
      <SelectListView
        state={list}
        width={columns}
        height={Math.max(1, Math.min(tallest, rows - linesAround))}
      />
      <Footer hints={hints} width={columns} />
    </Box>
  );
}

/**
 * Lets the person pick a profile, on stderr: stdout belongs to the shell that reads it.
 * @returns undefined when they leave
 */
export async function pickProfile(
  profiles: readonly Profile[],
  { env, stdin, stderr }: Streams,
): Promise<string | undefined> {
  const items = profiles.map(({ name, cluster }) => ({
    id: name,
    label: name,
    detail: plainText(`${cluster.name}  ${cluster.server}`),
  }));
  const app = mountApp(<Picker start={createSelectList(items)} />, {
    stdin,
    stderr,
    look: lookFor(describeTerminal(env, { stdin, stderr })),
    screenReader: env['INK_SCREEN_READER'] === 'true',
  });
  const picked = await app.waitUntilExit();
  return typeof picked === 'string' ? picked : undefined;
}
