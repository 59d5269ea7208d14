import { Box, Text } from 'ink';
import { type ChoiceRows, leadOf, leadWidth } from './choice-rows.ts';
import { useLook } from './look.tsx';
import type { SelectListState } from './select-list.ts';
import { theme } from './theme.ts';

type Props = { readonly list: SelectListState; readonly rows: readonly ChoiceRows[] };

export function ChoicesView({ list, rows }: Props) {
  const { marks } = useLook();
  return list.items.map((item, index) => {
    const isActive = item.id === list.activeId;
    const { label = [], about = [] } = rows[index] ?? {};
    return (
      <Box key={item.id}>
        <Box width={leadWidth(list)} flexShrink={0}>
          <Text>{leadOf(list, index, marks)}</Text>
        </Box>
        <Box flexDirection="column">
          <Text {...(isActive ? theme.active : {})}>{label.join('\n')}</Text>
          {about.length > 0 && <Text>{about.join('\n')}</Text>}
        </Box>
      </Box>
    );
  });
}
