import { Text } from 'ink';
import { displayFingerprint } from '../../system/certificates.ts';
import { SelectListView } from '../parts/select-list-view.tsx';
import { TextFieldView } from '../parts/text-field-view.tsx';
import { theme } from '../parts/theme.ts';
import { texts } from '../texts.ts';
import type { ViewProps } from './step-view.tsx';

const day = (date: Date) => date.toISOString().slice(0, 10);

/** What the server shows of itself, to be compared with what the administrator says. */
export function TrustView({ state, width, height }: ViewProps) {
  const { certificates, link, caField } = state;
  if (certificates === undefined || link === undefined) return null;
  const { authority } = certificates;
  return (
    <>
      <Text>{texts.trustQuestion(new URL(link.origin).host)}</Text>
      <Text>
        {texts.subject}: {authority.subject}
      </Text>
      <Text>
        {texts.validity}: {texts.validBetween(day(authority.validFrom), day(authority.validTo))}
      </Text>
      <Text>
        {texts.fingerprint}: <Text {...theme.strong}>{displayFingerprint(authority.fingerprint)}</Text>
      </Text>
      <Text>{texts.trustAdvice}</Text>
      {caField === undefined ? (
        <SelectListView state={state.trustList} width={width} height={Math.min(3, height)} />
      ) : (
        <>
          <Text>{texts.caQuestion}</Text>
          <TextFieldView state={caField} width={width} label={texts.caQuestion} />
        </>
      )}
    </>
  );
}
