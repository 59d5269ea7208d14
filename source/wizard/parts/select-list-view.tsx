import { Box, Text } from 'ink';
import { fitText, padText, textWidth } from './graphemes.ts';
import { listWindow } from './list-window.ts';
import { useLook } from './look.tsx';
import { matchPieces } from './search.ts';
import { activePlace, isNumbered, type SelectItem, type SelectListState } from './select-list.ts';
import { theme } from './theme.ts';
import { words } from './words.ts';

type Props = {
  readonly state: SelectListState;
  readonly width: number;
  /** Rows the list may take, its own status line among them. */
  readonly height: number;
  readonly emptyText?: string;
  /** Short facts beside an item, the most important first; from the last one on they give way. */
  readonly cellsOf?: ((id: string) => readonly string[]) | undefined;
};

type RowProps = {
  readonly item: SelectItem;
  /** The digit that goes to it. */
  readonly number: number | undefined;
  readonly cells: readonly string[];
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly state: SelectListState;
  readonly width: number;
  readonly labelWidth: number;
};

const gap = 2;
const smallestDetail = 6;

const detailOf = (item: SelectItem) => item.disabledReason ?? item.detail ?? '';

function Row({ item, number, cells, isActive, isChosen, state, width, labelWidth }: RowProps) {
  const { marks } = useLook();
  const disabled = item.disabledReason !== undefined;
  const box = state.multiple ? `${isChosen ? marks.checked : marks.unchecked} ` : '';
  const digit = number === undefined ? '' : `${number} `;
  const prefix = `${padText(isActive ? marks.active : '', 2)}${box}${digit}`;
  const room = Math.max(1, width - textWidth(prefix));
  const detail = [...cells, detailOf(item)].join('').trimEnd();
  const detailRoom = room - labelWidth - gap;
  const withDetail = detail !== '' && detailRoom >= smallestDetail;
  const label = fitText(item.label, withDetail ? labelWidth : room, marks.ellipsis, cutOf(item, state));
  const padding = withDetail ? ' '.repeat(labelWidth - textWidth(label) + gap) : '';
  const role = state.multiple ? 'checkbox' : 'option';
  return (
    <Box
      height={1}
      width={width}
      aria-role={role}
      aria-state={{ selected: isActive, disabled, ...(state.multiple ? { checked: isChosen } : {}) }}
      aria-label={detail ? `${item.label}, ${detail.replaceAll(/ {2,}/g, ', ')}` : item.label}
    >
      <Text wrap="truncate">
        {prefix}
        <Text {...(isActive ? theme.active : {})}>
          {matchPieces(label, state.filter).map(piece => (
            <Text key={piece.start} {...(piece.match ? theme.match : {})}>
              {piece.text}
            </Text>
          ))}
        </Text>
        {padding}
        {withDetail ? fitText(detail, detailRoom, marks.ellipsis) : ''}
      </Text>
    </Box>
  );
}

/** Names are told apart by their ends, sentences are read from their beginning. */
const cutOf = ({ label }: SelectItem, { multiple }: SelectListState) =>
  !multiple && /^\S+ \S+ \S/.test(label) ? 'end' : 'middle';

function statusText(state: SelectListState): { left: string; right: string } {
  const count = words.count(state.shown.length, state.items.length);
  return {
    left: state.filter === '' ? words.typeToFilter : `${words.filter}: ${state.filter}`,
    right: state.multiple ? `${count}, ${words.chosen(state.chosen.size)}` : count,
  };
}

function Status({ state, width }: { state: SelectListState; width: number }) {
  const { marks } = useLook();
  const { left, right } = statusText(state);
  const room = width - textWidth(right) - gap;
  // With room for one only: what was typed, since the rows themselves show what it found.
  const isTyped = state.filter !== '';
  const only = isTyped ? left : right;
  const text =
    room >= (isTyped ? smallestDetail : textWidth(left))
      ? `${fitText(left, room, marks.ellipsis)}  ${right}`
      : only;
  return (
    <Box height={1} width={width}>
      <Text wrap="truncate" bold={state.filter !== ''}>
        {fitText(text, width, marks.ellipsis)}
      </Text>
    </Box>
  );
}

// A filter is never out of sight: it is why rows are missing.
const needsStatus = (state: SelectListState, height: number) =>
  (height > 1 && state.filter !== '') ||
  (height > 2 && state.multiple) ||
  (height > 3 && state.items.length > Math.min(height, 7));

/** How many items a list of this height draws: what Page Up and Page Down move by. */
export function listPageSize(state: SelectListState, height: number): number {
  return Math.max(1, height - (needsStatus(state, height) ? 1 : 0));
}

/** Rows of as many cells each. */
function padded(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const count = Math.max(0, ...rows.map(cells => cells.length));
  return rows.map(cells => Array.from({ length: count }, (_, column) => cells[column] ?? ''));
}

function labelColumn(items: readonly SelectItem[], width: number, hasCells: boolean): number {
  const longest = Math.max(1, ...items.map(item => textWidth(item.label)));
  const isBeside = hasCells || items.some(item => detailOf(item) !== '');
  const shortestDetail = isBeside ? smallestDetail * 2 + gap : 0;
  return Math.max(1, Math.min(longest, Math.max(width - shortestDetail, Math.ceil(width * 0.6))));
}

/** As many columns as leave room for the labels, each as wide as its widest cell among the rows that are drawn. */
export function cellColumns(rows: readonly (readonly string[])[], room: number): string[][] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(cells => textWidth(cells[column] ?? ''))),
  );
  let spare = room;
  const kept = widths.map(width => {
    const wanted = width === 0 ? 0 : width + gap;
    const fits = wanted <= spare;
    // A column that does not fit takes those after it along.
    spare = fits ? spare - wanted : 0;
    return fits ? wanted : 0;
  });
  return rows.map(cells =>
    kept.map((columnWidth, column) => (columnWidth === 0 ? '' : padText(cells[column] ?? '', columnWidth))),
  );
}

const narrowest = 30;

/** Draws the rows around the active one, and a line with the filter and the counts. */
export function SelectListView({ state, width, height, emptyText, cellsOf }: Props) {
  const size = listPageSize(state, height);
  const active = activePlace(state);
  const { start, end } = listWindow(state.shown.length, active, size);
  const rows = state.shown.slice(start, end).flatMap(position => state.items[position] ?? []);
  const isCounted = isNumbered(state) && state.filter === '' && width >= narrowest;
  const prefixWidth = (state.multiple ? 6 : 2) + (isCounted ? 2 : 0);
  const all = rows.map(item => (item.disabledReason === undefined ? (cellsOf?.(item.id) ?? []) : []));
  const hasCells = all.some(cells => cells.some(cell => cell !== ''));
  const labelWidth = labelColumn(rows, width - prefixWidth, hasCells);
  const cells = cellColumns(padded(all), width - prefixWidth - labelWidth - gap);
  const nothing = state.items.length === 0 ? (emptyText ?? words.nothingToChoose) : words.nothingMatches;
  return (
    <Box flexDirection="column" width={width} aria-role="listbox">
      {needsStatus(state, height) && <Status state={state} width={width} />}
      {rows.length === 0 && <Text wrap="truncate">{nothing}</Text>}
      {rows.map((item, index) => (
        <Row
          key={item.id}
          item={item}
          number={isCounted ? start + index + 1 : undefined}
          cells={cells[index] ?? []}
          isActive={item.id === state.activeId}
          isChosen={state.chosen.has(item.id)}
          state={state}
          width={width}
          labelWidth={labelWidth}
        />
      ))}
    </Box>
  );
}
