import { startDemo } from '../../source/demo/index.ts';
import { texts } from '../../source/wizard/texts.ts';
import { cli } from '../../test/helpers/program.ts';
import { type Measurement, median, percentile } from './harness.ts';
import { peakMemory } from './peak-memory.ts';
import { benchHome, node } from './profiles.ts';
import { start } from './terminal.ts';

const clusters = 5000;
const down = '\u001b[B';
const pageDown = '\u001b[6~';

const given = Array.from({ length: clusters }, (_, number) => ({
  name: `cluster-${number}`,
  hostname: `api-${number}.example.com`,
  server: `https://api-${number}.example.com:6443`,
  ca: '',
}));

export const longList: Measurement = {
  name: 'long-list',
  title: 'A list of 5,000 clusters',
  method:
    'The wizard on a pseudo-terminal at a platform that lists 5,000 clusters: from writing a key to the terminal until the first byte of what is drawn for it; arrows, pages and letters typed into the search.',
  async run(context) {
    const home = await benchHome(context);
    const demo = await startDemo({ clusters: given });
    context.after(() => demo.close());
    const args = ['login', demo.document.loginLinks.global, '--ca-file', demo.document.caFile];
    const flags = ['--idp', 'corporate', '--no-browser'];
    const wizard = start([node, cli, ...args, ...flags], { ...home.env, DKP_AUTH_NO_ANIMATION: '1' });
    context.after(() => wizard.stop());
    await wizard.saw(/https:\/\/\S+\/dex\/auth\S+/);
    const address = /https:\/\/\S+\/dex\/auth\S+/.exec(wizard.text())?.[0] ?? '';
    await demo.signIn(address, demo.user('ada'));
    await wizard.saw(new RegExp(texts.clustersQuestion.slice(0, 18)));
    const keys = [down, down, pageDown, down, '4', '2', '\u007f', '\u007f'];
    const times: number[] = [];
    const presses = Math.max(200, context.runs * 10);
    for (let press = 0; press < presses; press++) {
      const time = await wizard.press(keys[press % keys.length] ?? down);
      if (press >= keys.length) times.push(time);
      // What is drawn after the first byte must not count for the next key.
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    const memory = peakMemory(wizard.pid);
    return [
      { what: 'key to frame, median', value: median(times), unit: 'ms', target: 16 },
      { what: 'key to frame, 99th percentile', value: percentile(times, 0.99), unit: 'ms', target: 33 },
      { what: 'peak memory of the wizard with this list', value: memory, unit: 'MB' },
    ];
  },
};
