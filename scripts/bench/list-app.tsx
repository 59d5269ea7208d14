import { Text, useApp } from 'ink';
import { useReducer } from 'react';
import { describeTerminal } from '../../source/system/terminal.ts';
import { isCtrl, type Key } from '../../source/wizard/parts/keys.ts';
import { useLiveSize } from '../../source/wizard/parts/live-size.tsx';
import { lookFor } from '../../source/wizard/parts/look.tsx';
import { mountApp } from '../../source/wizard/parts/mount.tsx';
import {
  createSelectList,
  type SelectListState,
  selectListKey,
} from '../../source/wizard/parts/select-list.ts';
import { SelectListView } from '../../source/wizard/parts/select-list-view.tsx';
import { useKeys } from '../../source/wizard/parts/use-keys.ts';

// The wizard's list of clusters, and nothing else: no platform sends as many in the 5 MB that are read of an answer.
const items = Array.from({ length: 5000 }, (_, number) => ({
  id: `c${number}`,
  label: `cluster-${number}`,
  detail: `https://api-${number}.example.com:6443`,
}));

const afterKey = (list: SelectListState, key: Key) => selectListKey(list, key);

function App() {
  const { exit } = useApp();
  const { columns, rows } = useLiveSize();
  const [list, press] = useReducer(afterKey, createSelectList(items, { multiple: true }));
  useKeys(key => (isCtrl(key, 'c') ? exit() : press(key)));
  return (
    <>
      <Text>The list is there</Text>
      <SelectListView state={list} width={columns} height={rows - 4} />
    </>
  );
}

await mountApp(<App />, { look: lookFor(describeTerminal()) }).waitUntilExit();
