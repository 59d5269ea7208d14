import path from 'node:path';
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
    "The wizard's list on a pseudo-terminal of 40 rows: from writing a key to the terminal until the first byte of what is drawn for it; arrows, pages and letters of a search.",
  async run(context) {
    const home = await benchHome(context);
    const list = start([node, '--import', 'tsx', app], { ...home.env, NODE_ENV: 'production' });
    context.after(() => list.stop());
    await list.saw(/The list is there/);
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
      { what: 'peak memory, with what runs TypeScript', value: peakMemory(list.pid), unit: 'MB' },
    ];
  },
};
