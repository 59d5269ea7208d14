import { Text } from 'ink';
import type { SelectListState } from '../parts/select-list.ts';
import { SelectListView } from '../parts/select-list-view.tsx';
import { TextFieldView } from '../parts/text-field-view.tsx';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { NamesView } from './names-view.tsx';
import { ReviewView } from './review-view.tsx';
import { TrustView } from './trust-view.tsx';
import { WaitingView } from './waiting-view.tsx';

export type ViewProps = { readonly state: State; readonly width: number; readonly height: number };
type Props = ViewProps & { readonly demoHints: readonly string[] };

/** The question at hand. It only draws: keys go to the reducer. */
export function StepView({ state, width, height, demoHints }: Props) {
  const list = (question: string, items: SelectListState | undefined) =>
    items === undefined ? null : <Question text={question} list={items} width={width} height={height} />;
  switch (state.step) {
    case 'link':
      return state.linkList === undefined ? (
        <LinkField state={state} width={width} />
      ) : (
        list(texts.linkQuestion, state.linkList)
      );
    case 'trust':
      return <TrustView state={state} width={width} height={height} />;
    case 'provider':
      return list(texts.providerQuestion, state.providerList);
    case 'login':
      return state.waiting === undefined && state.way === 'page' ? (
        list(texts.pageQuestion, state.pageList)
      ) : (
        <WaitingView waiting={state.waiting} field={state.pasteField} width={width} demoHints={demoHints} />
      );
    case 'clusters':
      return (
        <>
          {list(texts.clustersQuestion, state.clusterSelect)}
          {height > 8 && <Text>{texts.firstTokenOnly}</Text>}
        </>
      );
    case 'method':
      return list(texts.methodQuestion, state.methodList);
    case 'time':
      return list(texts.timeQuestion(state.chosen.length - 1), state.timeList);
    case 'names':
      return <NamesView state={state} width={width} height={height} />;
    case 'review':
      return <ReviewView state={state} width={width} height={height} />;
    case 'run':
      return <FurtherView state={state} width={width} demoHints={demoHints} />;
  }
}

type QuestionProps = {
  readonly text: string;
  readonly list: SelectListState;
  readonly width: number;
  readonly height: number;
};

function Question({ text, list, width, height }: QuestionProps) {
  return (
    <>
      <Text>{text}</Text>
      <SelectListView state={list} width={width} height={height} />
    </>
  );
}

function LinkField({ state, width }: Omit<ViewProps, 'height'>) {
  return (
    <>
      <Text>{texts.linkQuestion}</Text>
      <TextFieldView
        state={state.linkField}
        width={width}
        placeholder={texts.linkPlaceholder}
        label={texts.linkQuestion}
      />
      <Text>{texts.linkHelp}</Text>
    </>
  );
}

function FurtherView({ state, width, demoHints }: Omit<Props, 'height'>) {
  const { further } = state;
  if (further === undefined) return null;
  const total = state.chosen.length;
  return (
    <>
      <Text>{texts.furtherTitle(further.choice.cluster.name, state.signedIn + 2, total)}</Text>
      <WaitingView waiting={further.waiting} field={state.pasteField} width={width} demoHints={demoHints} />
    </>
  );
}
