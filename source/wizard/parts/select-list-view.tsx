import { Box, Text } from 'ink';
import { type CellsOf, type ListRow, type ListSize, listRows } from './list-rows.ts';
import { useLook } from './look.tsx';
import { matchPieces } from './search.ts';
import type { SelectListState } from './select-list.ts';
import { theme } from './theme.ts';
import { words } from './words.ts';

type Props = ListSize & {
  readonly state: SelectListState;
  readonly emptyText?: string;
  readonly cellsOf?: CellsOf | undefined;
};

/** Draws the rows around the active one, and a line with the filter and the counts. */
export function SelectListView({ state, width, height, emptyText, cellsOf }: Props) {
  const { marks } = useLook();
  const { status, rows } = listRows(state, { width, height }, marks, cellsOf);
  const nothing = state.items.length === 0 ? (emptyText ?? words.nothingToChoose) : words.nothingMatches;
  return (
    <Box flexDirection="column" width={width} aria-role="listbox">
      {status !== undefined && (
        <Box height={1} width={width}>
          <Text wrap="truncate" bold={state.filter !== ''}>
            {status}
          </Text>
        </Box>
      )}
      {rows.length === 0 && <Text wrap="truncate">{nothing}</Text>}
      {rows.map(row => (
        <Row key={row.item.id} row={row} state={state} width={width} />
      ))}
    </Box>
  );
}

type RowProps = { readonly row: ListRow; readonly state: SelectListState; readonly width: number };

function Row({ row, state, width }: RowProps) {
  const { item, isActive, isChosen, detail } = row;
  const disabled = item.disabledReason !== undefined;
  return (
    <Box
      height={1}
      width={width}
      aria-role={state.multiple ? 'checkbox' : 'option'}
      aria-state={{ selected: isActive, disabled, ...(state.multiple ? { checked: isChosen } : {}) }}
      aria-label={detail ? `${item.label}, ${detail.replaceAll(/ {2,}/g, ', ')}` : item.label}
    >
      <Text wrap="truncate">
        {row.before}
        <Text {...(isActive ? theme.active : {})}>
          {matchPieces(row.label, state.filter).map(piece => (
            <Text key={piece.start} {...(piece.match ? theme.match : {})}>
              {piece.text}
            </Text>
          ))}
        </Text>
        {row.after}
      </Text>
    </Box>
  );
}
