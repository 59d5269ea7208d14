import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { ChoicesView } from './choices-view.tsx';
import { Footer } from './footer.tsx';
import { layOut, type Sized } from './layout.ts';
import { SelectListView } from './select-list-view.tsx';
import { cutRows, type Shape, type ShapedBlock } from './shapes.ts';
import { TextFieldView } from './text-field-view.tsx';

/** A piece of a screen: a shape, or what only React can draw. */
export type Block = ShapedBlock | (Sized & { draw(rows: number): ReactNode });

export function Blocks({ blocks, height }: { readonly blocks: readonly Block[]; readonly height: number }) {
  return layOut(blocks, height).map(({ block, rows }) => (
    <Box key={block.key} flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      {'shape' in block ? <Shaped shape={block.shape} rows={rows} /> : block.draw(rows)}
    </Box>
  ));
}

function Shaped({ shape, rows }: { readonly shape: Shape; readonly rows: number }) {
  switch (shape.kind) {
    case 'gap':
      return null;
    case 'words':
      return (
        <Text {...shape.style}>
          {shape.lead !== '' && <Text {...shape.leadStyle}>{shape.lead}</Text>}
          {cutRows(shape.rows, rows, shape.ellipsis).join('\n')}
        </Text>
      );
    case 'field':
      return <TextFieldView {...shape} />;
    case 'list':
      return <SelectListView {...shape} height={rows} />;
    case 'choices':
      return <ChoicesView {...shape} />;
    case 'keys':
      return <Footer {...shape} />;
  }
}
