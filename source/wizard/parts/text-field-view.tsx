import { Box, type DOMElement, measureElement, Text, useCursor } from 'ink';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { useDrawn } from './drawn.tsx';
import { fieldWindow } from './field-window.ts';
import { fitText } from './graphemes.ts';
import { useLook } from './look.tsx';
import type { TextFieldState } from './text-field.ts';
import { words } from './words.ts';

type Props = {
  readonly state: TextFieldState;
  readonly width: number;
  readonly placeholder?: string;
  /** Shows how much there is, never what: for tokens and secrets. */
  readonly secret?: boolean;
  readonly isActive?: boolean;
  readonly label?: string;
};

function secretText(state: TextFieldState, mark: string, width: number): string {
  const { length } = state.value;
  if (length === 0) return '';
  const count = ` (${words.characters(length)})`;
  return mark.repeat(Math.max(1, Math.min(length, width - count.length - 1, 8))) + count;
}

/** Draws a field on one line. */
export function TextFieldView({ isActive = true, ...props }: Props) {
  return isActive ? <ActiveField {...props} /> : <IdleField {...props} />;
}

type FieldProps = Omit<Props, 'isActive'>;

/** The terminal's own cursor is in it, which input methods need. There must be one at most: the last one drawn has it. */
function ActiveField(props: FieldProps) {
  const ref = useRef<DOMElement>(null);
  const [origin, setOrigin] = useState<{ x: number; y: number }>();
  const { setCursorPosition } = useCursor();
  const shown = useShown(props);
  const drawn = useDrawn();
  useLayoutEffect(() => {
    drawn.cursor = origin && { x: origin.x + shown.cursor, y: origin.y };
    return () => {
      drawn.cursor = undefined;
    };
  });
  useLayoutEffect(() => {
    if (!ref.current) return;
    const { x, y } = measureElement(ref.current);
    setOrigin(last => (last?.x === x && last.y === y ? last : { x, y }));
  });
  setCursorPosition(origin ? { x: origin.x + shown.cursor, y: origin.y } : undefined);
  return <Line {...props} text={shown.text} ref={ref} />;
}

/** Nobody types in it: both ends of what does not fit are more than one. */
function IdleField(props: FieldProps) {
  const { marks } = useLook();
  const { state, width, secret = false } = props;
  const shown = useShown(props).text;
  return <Line {...props} text={secret ? shown : fitText(state.value, width, marks.ellipsis, 'middle')} />;
}

function useShown({ state, width, secret = false }: FieldProps): { text: string; cursor: number } {
  const { marks } = useLook();
  if (!secret) return fieldWindow(state.value, state.cursor, width);
  const hidden = secretText(state, marks.secret, width);
  return fieldWindow(hidden, hidden.length, width);
}

type LineProps = FieldProps & { readonly text: string; readonly ref?: RefObject<DOMElement | null> };

function Line({ state, width, placeholder = '', label, text, ref }: LineProps) {
  const { marks } = useLook();
  const isEmpty = state.value === '';
  const shown = isEmpty ? fitText(placeholder, width, marks.ellipsis) : text;
  return (
    <Box
      {...(ref && { ref })}
      width={width}
      height={1}
      aria-role="textbox"
      aria-label={`${label ?? ''} ${shown}`.trim()}
    >
      <Text wrap="truncate">{shown}</Text>
    </Box>
  );
}
