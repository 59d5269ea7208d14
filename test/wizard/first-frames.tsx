import assert from 'node:assert/strict';
import { renderToString } from 'ink';
import type { ColorLevel } from '../../source/system/terminal.ts';
import { firstFrame } from '../../source/wizard/first-frame.ts';
import { Blocks } from '../../source/wizard/parts/blocks.tsx';
import { LookProvider, lookFor } from '../../source/wizard/parts/look.tsx';
import { marksFor } from '../../source/wizard/parts/marks.ts';
import { frameBlocks, frameHeight } from '../../source/wizard/views/frame.ts';
import { startWalk } from '../helpers/wizard.ts';
import { createScreen } from '../terminal/harness/screen.ts';

const link = (name: string) => `https://${name}.example.com/token/landing/`;

/** What is remembered at the start: nothing, or as many portals as make a list of another kind. */
const pasts: readonly (readonly string[])[] = [
  [],
  [link('dkp'), link('a-platform-with-a-name-that-is-longer-than-most-of-the-windows-are-wide')],
  Array.from({ length: 8 }, (_, index) => link(`platform-${index}`)),
  Array.from({ length: 50 }, (_, index) => link(`platform-${index}`)),
];

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Windows, each dimension whole at a few sizes of the other. */
export const windows: readonly (readonly [columns: number, rows: number])[] = [
  ...range(20, 84).flatMap(columns => [8, 24].map(rows => [columns, rows] as const)),
  ...range(9, 20).map(ten => [ten * 10, 16] as const),
  ...range(8, 50).flatMap(rows => [27, 80].map(columns => [columns, rows] as const)),
];

/** What a screen of this size shows after a text: every cell with its attributes. */
export async function cellsAfter(text: string, [columns, rows]: readonly [number, number]) {
  const screen = createScreen(columns, rows);
  await screen.write(text.replaceAll('\n', '\r\n'));
  const cells = screen.cells();
  screen.dispose();
  return cells;
}

/** Compares what is painted before Ink is loaded with what Ink draws first, in every window; Ink must have this colour level. */
export async function compareFirstFrames(color: ColorLevel, unicode: boolean): Promise<void> {
  const look = lookFor({ unicode, motion: false, color });
  let styled = 0;
  for (const links of pasts) {
    const remembered = links.map(loginLink => ({ loginLink, lastUsed: 0 }));
    const { state } = startWalk({ remembered });
    for (const window of windows) {
      const [width, rows] = [window[0] - 1, window[1] - 1];
      const place = { width, rows, marks: marksFor(unicode), color, demoHints: [] };
      const drawn = renderToString(
        <LookProvider look={look}>
          <Blocks blocks={frameBlocks(state, place)} height={frameHeight(state, place)} />
        </LookProvider>,
        { columns: width },
      );
      const { lines } = firstFrame(links, { columns: width, rows, marks: marksFor(unicode), color });
      const painted = lines.join('\n');
      styled += Number(painted.includes('\u001b'));
      const where = `${links.length} portals, ${window.join('x')}`;
      if (painted !== drawn)
        assert.deepEqual(await cellsAfter(painted, window), await cellsAfter(drawn, window), where);
    }
  }
  assert.equal(styled > 0, color > 0, 'it is compared with the styles');
}
