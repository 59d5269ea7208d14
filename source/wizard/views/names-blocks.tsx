import { Box, Text } from 'ink';
import type { Block } from '../parts/blocks.tsx';
import { fitText, textWidth } from '../parts/graphemes.ts';
import { listWindow } from '../parts/list-window.ts';
import { useLook } from '../parts/look.tsx';
import { textBlock } from '../parts/shapes.ts';
import { TextFieldView } from '../parts/text-field-view.tsx';
import type { NameRow, State } from '../state.ts';
import { nameFault } from '../steps/names.ts';
import { texts } from '../texts.ts';
import { faultBlock } from './fault-block.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

const markWidth = 4;
const enoughRows = 6;

/** One field for each chosen cluster, and under them what is wrong with the one being typed. */
export function namesBlocks(state: State, { width, marks }: Place): Block[] {
  const { nameRows, activeName } = state;
  const active = nameRows[activeName];
  if (active === undefined) return [];
  const fault = nameFault(state, active);
  const labelWidth = labelColumn(nameRows, width);
  const isClear = active.cluster.nameIsUnique && textWidth(active.cluster.name) < labelWidth;
  return [
    // Where its row does not tell which cluster it is for, that comes first.
    textBlock('question', texts.namesQuestion, {
      width,
      weight: isClear ? weights.question : weights.detail,
    }),
    {
      key: 'names',
      weight: weights.field,
      min: 1,
      enough: Math.min(enoughRows, nameRows.length),
      max: nameRows.length,
      draw: rows => <NameRows state={state} width={width} labelWidth={labelWidth} height={rows} />,
    },
    ...(fault === undefined ? [] : [faultBlock(fault.message, { width, marks })]),
    ...(fault?.free === undefined
      ? []
      : [textBlock('free', texts.nameFree(fault.free), { width, weight: weights.hint })]),
    ...(isClear && nameRows.length <= enoughRows
      ? []
      : [
          textBlock('which', whichText(state, active), {
            width,
            weight: isClear ? weights.note : weights.question,
            ...(!isClear && { min: 3, ellipsis: marks.ellipsis }),
          }),
        ]),
  ];
}

/** Narrower than this, a window has room for the names alone. */
const leastWidth = 30;

function labelColumn(nameRows: State['nameRows'], width: number): number {
  if (width < leastWidth) return 0;
  const longest = Math.max(...nameRows.map(row => textWidth(row.cluster.name)));
  return Math.min(Math.floor((width - markWidth) * 0.4), longest + 2);
}

function whichText({ nameRows, activeName }: State, { cluster }: NameRow): string {
  return texts.nameOf(activeName + 1, nameRows.length, `${cluster.name} (${cluster.server})`);
}

type RowsProps = {
  readonly state: State;
  readonly width: number;
  readonly labelWidth: number;
  readonly height: number;
};

function NameRows({ state, width, labelWidth, height }: RowsProps) {
  const { nameRows, activeName } = state;
  const { start, end } = listWindow(nameRows.length, activeName, height);
  return nameRows
    .slice(start, end)
    .map((row, index) => (
      <Row
        key={row.cluster.server}
        row={row}
        isActive={start + index === activeName}
        isFaulty={nameFault(state, row) !== undefined}
        width={width}
        labelWidth={labelWidth}
      />
    ));
}

type RowProps = {
  readonly row: NameRow;
  readonly isActive: boolean;
  readonly isFaulty: boolean;
  readonly width: number;
  readonly labelWidth: number;
};

function Row({ row: { cluster, field }, isActive, isFaulty, width, labelWidth }: RowProps) {
  const { marks } = useLook();
  return (
    <Box height={1} width={width}>
      <Box width={markWidth} flexShrink={0}>
        <Text>
          {isActive ? marks.active : ' '} {isFaulty ? marks.failed : ' '}
        </Text>
      </Box>
      {labelWidth > 0 && (
        <Box width={labelWidth} flexShrink={0}>
          <Text wrap="truncate">{fitText(cluster.name, labelWidth - 1, marks.ellipsis, 'middle')}</Text>
        </Box>
      )}
      <TextFieldView
        state={field}
        width={Math.max(1, width - markWidth - labelWidth)}
        isActive={isActive}
        label={texts.nameFor(cluster.name)}
      />
    </Box>
  );
}
