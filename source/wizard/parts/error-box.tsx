import { Box, Text } from 'ink';
import { useLook } from './look.tsx';
import { theme } from './theme.ts';

type Props = {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly width: number;
  readonly kind?: 'error' | 'warning';
};

/** What went wrong and what to do now, under the thing it is about; without a frame, so that it can be copied. */
export function ErrorBox({ message, hint, width, kind = 'error' }: Props) {
  const { marks } = useLook();
  const mark = kind === 'error' ? marks.failed : marks.warning;
  return (
    <Box flexDirection="column" width={width}>
      <Text {...(kind === 'error' ? theme.bad : theme.warn)}>
        {mark} {message}
      </Text>
      {hint !== undefined && hint !== '' && <Text>{hint}</Text>}
    </Box>
  );
}
