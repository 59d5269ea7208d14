import type { ComponentProps } from 'react';
import type { Block } from '../parts/blocks.tsx';
import { TextFieldView } from '../parts/text-field-view.tsx';
import { weights } from './weights.ts';

export function fieldBlock(key: string, props: ComponentProps<typeof TextFieldView>): Block {
  return { key, weight: weights.field, min: 1, max: 1, draw: () => <TextFieldView {...props} /> };
}
