import { Box, Text } from 'ink';
import { describeFile } from '../../login/summary-text.ts';
import { useLook } from '../parts/look.tsx';
import { choicesOf, furtherSignIns } from '../steps/review.ts';
import { texts } from '../texts.ts';
import type { ViewProps } from './step-view.tsx';

/** Everything that Enter would write, and what is asked for afterwards. */
export function ReviewView({ state, width, height }: ViewProps) {
  const { marks } = useLook();
  const { plan } = state;
  if (plan === undefined) return null;
  const further = furtherSignIns(state);
  const pages = choicesOf(state).filter(choice => choice.signIn === 'page' && state.way !== 'page');
  const lines = [
    ...plan.files.map(file => describeFile(file, process.env)),
    ...plan.profiles.map(({ name, cluster }) => `${name} -> ${cluster.name} (${cluster.server})`),
  ];
  const shown = lines.slice(0, Math.max(1, height - 1));
  return (
    <Box flexDirection="column" width={width}>
      <Text>{texts.reviewQuestion}</Text>
      {shown.map(line => (
        <Text key={line}>
          {marks.bullet} {line}
        </Text>
      ))}
      {lines.length > shown.length && <Text>{texts.more(lines.length - shown.length)}</Text>}
      {pages.map(({ cluster }) => (
        <Text key={cluster.server}>{texts.reviewPage(cluster.name)}</Text>
      ))}
      {further > 0 && <Text>{texts.reviewSignIns(further)}</Text>}
    </Box>
  );
}
