import { Text } from 'ink';
import type { Block } from '../parts/blocks.tsx';
import { fitText } from '../parts/graphemes.ts';
import { textBlock } from '../parts/shapes.ts';
import type { State } from '../state.ts';
import { destinationText, diffOf, mayMoveDestination } from '../steps/destination.ts';
import { texts } from '../texts.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

/** Where else it could be written, and what changes in a file that is there already. */
export function destinationBlocks(state: State, place: Place): Block[] {
  const diff = diffOf(state);
  const block = { width: place.width, weight: weights.note };
  return [
    ...(mayMoveDestination(state) ? [textBlock('destination', destinationText(state), block)] : []),
    ...(diff.length === 0 ? [] : [diffBlock(diff, place)]),
  ];
}

/** As much of a diff as there is room for, and how many lines there are besides. */
function diffBlock(lines: readonly string[], { width, marks }: Place): Block {
  const rows = lines.map(line => fitText(line, width, marks.ellipsis));
  const draw = (count: number) => {
    const isAll = rows.length <= count;
    const shown = isAll ? rows : [...rows.slice(0, count - 1), texts.moreLines(rows.length - count + 1)];
    return <Text>{shown.join('\n')}</Text>;
  };
  return { key: 'diff', weight: weights.gap, min: Math.min(2, rows.length), max: rows.length, draw };
}
