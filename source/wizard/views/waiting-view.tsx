import { Text } from 'ink';
import { Spinner } from '../parts/spinner.tsx';
import type { TextFieldState } from '../parts/text-field.ts';
import { TextFieldView } from '../parts/text-field-view.tsx';
import { theme } from '../parts/theme.ts';
import type { Waiting } from '../state.ts';
import { texts } from '../texts.ts';

type Props = {
  readonly waiting: Waiting | undefined;
  readonly field: TextFieldState;
  readonly width: number;
  readonly demoHints: readonly string[];
};

/** A login that waits for its person. The address stands above, where it can be copied whole. */
export function WaitingView({ waiting, field, width, demoHints }: Props) {
  if (waiting === undefined) return null;
  if (waiting.kind === 'starting') return <Spinner key="starting" text={texts.starting} width={width} />;
  if (waiting.kind === 'page') return <PasteView checking={waiting.checking} field={field} width={width} />;
  return (
    <>
      <Spinner key={waiting.url.href} text={texts.waitingForLogin} width={width} />
      {waiting.trouble !== undefined && <Text {...theme.warn}>{waiting.trouble}</Text>}
      {demoHints.length === 0 ? (
        <Text>{texts.loginAdvice}</Text>
      ) : (
        demoHints.map(hint => <Text key={hint}>{hint}</Text>)
      )}
    </>
  );
}

function PasteView({
  checking,
  field,
  width,
}: {
  readonly checking: boolean;
  readonly field: TextFieldState;
  readonly width: number;
}) {
  if (checking) return <Spinner text={texts.checkingToken} width={width} />;
  return (
    <>
      <Text>{texts.pasteQuestion}</Text>
      <TextFieldView state={field} width={width} secret label={texts.pasteQuestion} />
    </>
  );
}
