import assert from 'node:assert/strict';
import { renderToString } from 'ink';
import type { ColorLevel } from '../../source/system/terminal.ts';
import { LiveSizeProvider } from '../../source/wizard/parts/live-size.tsx';
import { LookProvider, lookFor } from '../../source/wizard/parts/look.tsx';
import { marksFor } from '../../source/wizard/parts/marks.ts';
import { firstPickFrame, pickList } from '../../source/wizard/pick-frame.ts';
import { Picker } from '../../source/wizard/pick-profile.tsx';
import { sampleProfile } from '../helpers/profiles.ts';
import { cellsAfter, windows } from './first-frames.tsx';

const long = 'a-profile-with-a-name-that-is-longer-than-most-of-these-windows';

/** One, a few that are numbered, and as many as are counted. */
const stores: readonly (readonly string[])[] = [
  ['prod'],
  ['prod', 'staging', long],
  Array.from({ length: 8 }, (_, index) => `profile-${index}`),
  Array.from({ length: 50 }, (_, index) => `profile-${index}`),
];

/** Compares the list that is painted before Ink is loaded with what Ink draws first; Ink must have this colour level. */
export async function comparePickFrames(color: ColorLevel, unicode: boolean): Promise<void> {
  const look = lookFor({ unicode, motion: false, color });
  for (const names of stores) {
    const profiles = names.map(name => sampleProfile(name, `https://${name}.example.com:6443`));
    for (const window of windows) {
      const size = { columns: window[0] - 1, rows: window[1] - 1 };
      const drawn = renderToString(
        <LookProvider look={look}>
          <LiveSizeProvider size={size}>
            <Picker start={pickList(profiles)} />
          </LiveSizeProvider>
        </LookProvider>,
        { columns: size.columns },
      );
      const { lines } = firstPickFrame(profiles, { ...size, marks: marksFor(unicode), color });
      const where = `${names.length} profiles, ${window.join('x')}`;
      assert.ok(lines.length <= size.rows, where);
      assert.equal(lines.join('\n').includes('\u001b'), color > 0, where);
      assert.match(lines[0] ?? '', /^Which profile/, where);
      if (lines.join('\n') !== drawn)
        assert.deepEqual(await cellsAfter(lines.join('\n'), window), await cellsAfter(drawn, window), where);
    }
  }
}
