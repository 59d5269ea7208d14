import type { Profile } from '../profiles/profile.ts';
import { plainText } from '../text.ts';
import type { FirstPlace } from './first-frame.ts';
import { fitText } from './parts/graphemes.ts';
import { listRows } from './parts/list-rows.ts';
import type { Marks } from './parts/marks.ts';
import { type Painted, paintBlocks } from './parts/paint.ts';
import { createSelectList, type SelectListState } from './parts/select-list.ts';
import { rowsBlock, type ShapedBlock } from './parts/shapes.ts';

type PickPlace = { readonly columns: number; readonly rows: number; readonly marks: Marks };

const tallest = 12;
const linesAround = 2;
/** In a window of one row it is the profile that Enter takes. */
const weights = { list: 3, keys: 2, question: 1 } as const;

const hints = [
  { key: 'Enter', does: 'use it' },
  { key: 'Esc', does: 'leave' },
];

export function pickList(profiles: readonly Pick<Profile, 'name' | 'cluster'>[]): SelectListState {
  return createSelectList(
    profiles.map(({ name, cluster }) => ({
      id: name,
      label: name,
      detail: plainText(`${cluster.name}  ${cluster.server}`),
    })),
  );
}

/** The question which profile to use, with the list and the keys. */
export function pickBlocks(list: SelectListState, { columns: width, rows, marks }: PickPlace): ShapedBlock[] {
  const question = fitText('Which profile do you want to use?', width, marks.ellipsis);
  const height = Math.max(1, Math.min(tallest, rows - linesAround));
  const shown = listRows(list, { width, height }, marks);
  const max = Math.max(1, shown.rows.length) + (shown.status === undefined ? 0 : 1);
  return [
    rowsBlock('question', [question], { weight: weights.question }),
    {
      key: 'list',
      weight: weights.list,
      min: 1,
      max,
      ahead: max,
      shape: { kind: 'list', state: list, width, cellsOf: undefined },
    },
    { key: 'keys', weight: weights.keys, min: 1, max: 1, shape: { kind: 'keys', hints, width } },
  ];
}

/** What Ink draws first, without Ink. */
export function firstPickFrame(
  profiles: readonly Pick<Profile, 'name' | 'cluster'>[],
  place: FirstPlace,
): Painted {
  return paintBlocks(pickBlocks(pickList(profiles), place), place.rows, place);
}
