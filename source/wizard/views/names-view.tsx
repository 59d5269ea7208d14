import { Box, Text } from 'ink';
import { fitText } from '../parts/graphemes.ts';
import { listWindow } from '../parts/list-window.ts';
import { useLook } from '../parts/look.tsx';
import { TextFieldView } from '../parts/text-field-view.tsx';
import { theme } from '../parts/theme.ts';
import type { NameRow } from '../state.ts';
import { nameFault } from '../steps/names.ts';
import { texts } from '../texts.ts';
import type { ViewProps } from './step-view.tsx';

/** One field for each chosen cluster, and under them what is wrong with the one being typed. */
export function NamesView({ state, width, height }: ViewProps) {
  const { nameRows, activeName } = state;
  const active = nameRows[activeName];
  const { start, end } = listWindow(nameRows.length, activeName, Math.max(1, height - 3));
  const fault = active === undefined ? undefined : nameFault(state, active);
  return (
    <>
      <Text>{texts.namesQuestion}</Text>
      {nameRows.slice(start, end).map(row => (
        <Row
          key={row.cluster.server}
          row={row}
          isActive={row === active}
          isFaulty={nameFault(state, row) !== undefined}
          width={width}
        />
      ))}
      {fault !== undefined && <Text {...theme.bad}>{fault.message}</Text>}
      {fault?.free !== undefined && <Text>{texts.nameFree(fault.free)}</Text>}
    </>
  );
}

type RowProps = {
  readonly row: NameRow;
  readonly isActive: boolean;
  readonly isFaulty: boolean;
  readonly width: number;
};

const markWidth = 4;

function Row({ row, isActive, isFaulty, width }: RowProps) {
  const { marks } = useLook();
  const label = Math.floor((width - markWidth) * 0.4);
  const name = row.cluster.nameIsUnique ? row.cluster.name : `${row.cluster.name} ${row.cluster.hostname}`;
  return (
    <Box height={1} width={width}>
      <Box width={markWidth}>
        <Text>
          {isActive ? marks.active : ' '} {isFaulty ? marks.failed : ' '}
        </Text>
      </Box>
      <Box width={label}>
        <Text wrap="truncate">{fitText(name, Math.max(1, label - 1), marks.ellipsis)}</Text>
      </Box>
      <TextFieldView
        state={row.field}
        width={Math.max(1, width - markWidth - label)}
        isActive={isActive}
        label={texts.nameFor(name)}
      />
    </Box>
  );
}
