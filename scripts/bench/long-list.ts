import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { texts } from '../../source/wizard/texts.ts';
import { bundling, quick } from '../bundling.ts';
import { type Measurement, median, percentile } from './harness.ts';
import { peakMemory } from './peak-memory.ts';
import { benchHome, node } from './profiles.ts';
import { start } from './terminal.ts';

const app = path.join(import.meta.dirname, 'list-app.tsx');
const down = '\u001b[B';
const pageDown = '\u001b[6~';
const backspace = '\u007f';
/** Arrows, pages, and a search that is typed and taken back. */
const keys = [down, down, pageDown, down, '4', '2', backspace, backspace];
const pauseMs = 25;

export const longList: Measurement = {
  name: 'long-list',
  title: 'A list of 5,000 clusters',
  method:
    'The wizard at its clusters, built as it is published, on a pseudo-terminal of 40 rows: from writing a key to the terminal until the first byte of what is drawn for it; arrows, pages and letters of a search.',
  async run(context) {
    const home = await benchHome(context);
    await build({
      ...bundling,
      ...quick,
      external: ['react-devtools-core', '@napi-rs/keyring'],
      target: 'node22',
      splitting: true,
      entryPoints: [app],
      outdir: context.folder,
    });
    await writeFile(path.join(context.folder, 'package.json'), '{"type":"module"}');
    const file = path.join(context.folder, 'list-app.js');
    const list = start([node, file], home.env);
    context.after(() => list.stop());
    await list.saw(new RegExp(texts.clustersQuestion.slice(0, 18)));
    const times: number[] = [];
    const presses = Math.max(200, context.runs * 10);
    for (let press = 0; press < presses; press++) {
      // What is still drawn after the first byte must not count for the next key.
      await new Promise(resolve => setTimeout(resolve, pauseMs));
      const time = await list.press(keys[press % keys.length] ?? down);
      if (press >= keys.length) times.push(time);
    }
    return [
      { what: 'key to frame, median', value: median(times), unit: 'ms', target: 16 },
      { what: 'key to frame, 99th percentile', value: percentile(times, 0.99), unit: 'ms', target: 33 },
      { what: 'peak memory', value: peakMemory(list.pid), unit: 'MB' },
    ];
  },
};
