import { Box, Text } from 'ink';
import { padText } from './graphemes.ts';
import { useLook } from './look.tsx';
import { isNumbered, type SelectItem, type SelectListState } from './select-list.ts';
import { theme } from './theme.ts';
import { wrapText } from './wrap-text.ts';

/** One answer with all its words: its label, and what there is to say about it. */
export type ChoiceRows = { readonly label: readonly string[]; readonly about: readonly string[] };

const markWidth = 2;
const leadWidth = (list: SelectListState) => markWidth + (isNumbered(list) ? 2 : 0);

/** A short list to be read whole: details under their answers, broken between words. */
export function choiceRows(list: SelectListState, width: number): ChoiceRows[] {
  const room = Math.max(1, width - leadWidth(list));
  const broken = (text: string | undefined) =>
    text === undefined || text === '' ? [] : wrapText(text, room);
  return list.items.map(item => ({ label: wrapText(item.label, room), about: broken(aboutOf(item)) }));
}

const aboutOf = ({ disabledReason, detail }: SelectItem) => disabledReason ?? detail;

type Props = { readonly list: SelectListState; readonly rows: readonly ChoiceRows[] };

export function ChoicesView({ list, rows }: Props) {
  const { marks } = useLook();
  return list.items.map((item, index) => {
    const isActive = item.id === list.activeId;
    const digit = isNumbered(list) ? `${index + 1} ` : '';
    const { label = [], about = [] } = rows[index] ?? {};
    return (
      <Box key={item.id}>
        <Box width={leadWidth(list)} flexShrink={0}>
          <Text>{padText(isActive ? marks.active : '', markWidth) + digit}</Text>
        </Box>
        <Box flexDirection="column">
          <Text {...(isActive ? theme.active : {})}>{label.join('\n')}</Text>
          {about.length > 0 && <Text>{about.join('\n')}</Text>}
        </Box>
      </Box>
    );
  });
}
