import { Text } from 'ink';
import { type Block, textBlock } from '../parts/blocks.tsx';
import { graphemes, textWidth } from '../parts/graphemes.ts';
import type { State } from '../state.ts';
import { mayMoveDestination } from '../steps/destination.ts';
import { texts } from '../texts.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

/** Where else it could be written, and what changes in a file that is there already. */
export function destinationBlocks(state: State, { width }: Place): Block[] {
  const diff = (state.plan?.files ?? [])
    .filter(({ action }) => action === 'update')
    .map(file => file.diff())
    .join('');
  const other = state.destination.merge ? texts.destinationOwn : texts.destinationMerge;
  return [
    ...(mayMoveDestination(state) ? [textBlock('destination', other, { width, weight: weights.note })] : []),
    ...(diff === '' ? [] : [diffBlock(diff, width)]),
  ];
}

/** As much of a diff as there is room for, and how many lines there are besides. */
function diffBlock(diff: string, width: number): Block {
  const lines = diff.trimEnd().split('\n');
  const rows = lines.map(line => cut(line, width));
  const draw = (count: number) => {
    const isAll = rows.length <= count;
    const shown = isAll ? rows : [...rows.slice(0, count - 1), texts.moreLines(rows.length - count + 1)];
    return <Text>{shown.join('\n')}</Text>;
  };
  return { key: 'diff', weight: weights.gap, min: Math.min(2, rows.length), max: rows.length, draw };
}

function cut(line: string, width: number): string {
  let shown = '';
  let used = 0;
  for (const character of graphemes(line)) {
    used += textWidth(character);
    if (used > width) return shown;
    shown += character;
  }
  return shown;
}
