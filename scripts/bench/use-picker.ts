import { cli } from '../../test/helpers/program.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';
import { start } from './terminal.ts';

const profiles = 50;

export const usePicker: Measurement = {
  name: 'use-picker',
  title: 'The list of `dkp-auth use`',
  method: `On a pseudo-terminal, from the start of the process until the list of ${profiles} profiles is there and takes keys; bare node until it ends.`,
  async run(context) {
    const home = await benchHome(context);
    await cachedProfiles(home, profiles);
    const subjects = [
      { name: 'node -e 0', measure: () => start([node, '-e', '0'], home.env).ended },
      {
        name: 'list of use',
        async measure() {
          const picker = start([node, cli, 'use'], { ...home.env, SHELL: '/bin/sh' });
          const time = await picker.saw(/Which profile do you want to use/);
          void picker.press('\u0003').catch(() => undefined);
          await picker.ended;
          return time;
        },
      },
    ];
    const times = await interleaved(subjects, Math.ceil(context.runs / 2));
    return [
      { what: 'node -e 0', value: medianOf(times, 'node -e 0'), unit: 'ms' },
      { what: 'list of use', value: medianOf(times, 'list of use'), unit: 'ms', target: 100 },
      ratio('list of use / node -e 0', ratioOf(times, 'list of use', 'node -e 0')),
    ];
  },
};
