import { Text } from 'ink';
import { footerText, type KeyHint } from './footer-text.ts';
import { useLook } from './look.tsx';

export function Footer({ hints, width }: { readonly hints: readonly KeyHint[]; readonly width: number }) {
  const { marks } = useLook();
  const text = footerText(hints, width, ` ${marks.separator} `);
  return text === '' ? null : <Text wrap="truncate">{text}</Text>;
}
