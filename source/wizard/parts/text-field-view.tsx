import { Box, type DOMElement, measureElement, Text, useCursor } from 'ink';
import { useLayoutEffect, useRef, useState } from 'react';
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

/** Draws a field on one line and puts the terminal's own cursor into it, which input methods need. */
export function TextFieldView({
  state,
  width,
  placeholder = '',
  secret = false,
  isActive = true,
  label,
}: Props) {
  const { marks } = useLook();
  const ref = useRef<DOMElement>(null);
  const [origin, setOrigin] = useState<{ x: number; y: number }>();
  const { setCursorPosition } = useCursor();
  const hidden = secret ? secretText(state, marks.secret, width) : undefined;
  const shown =
    hidden === undefined
      ? fieldWindow(state.value, state.cursor, width)
      : fieldWindow(hidden, hidden.length, width);

  useLayoutEffect(() => {
    if (!ref.current) return;
    const { x, y } = measureElement(ref.current);
    setOrigin(last => (last?.x === x && last.y === y ? last : { x, y }));
  });
  setCursorPosition(isActive && origin ? { x: origin.x + shown.cursor, y: origin.y } : undefined);

  const isEmpty = state.value === '';
  const text = isEmpty ? fitText(placeholder, width, marks.ellipsis) : shown.text;
  return (
    <Box ref={ref} width={width} height={1} aria-role="textbox" aria-label={`${label ?? ''} ${text}`.trim()}>
      <Text wrap="truncate" dimColor={isEmpty}>
        {text}
      </Text>
    </Box>
  );
}
