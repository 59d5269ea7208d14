import { cli } from '../../test/helpers/program.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, median, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';
import { start } from './terminal.ts';

const profiles = 50;
/** From the question to the last of its keys. */
const wholeList = /Which profile do you want to use[\s\S]*Esc leave/;

export const usePicker: Measurement = {
  name: 'use-picker',
  title: 'The list of `dkp-auth use`',
  method: `On a pseudo-terminal, from the start of the process until the list of ${profiles} profiles is there whole, from its question to its keys, with the code that an earlier start compiled; bare node until it ends. The list is drawn before what answers keys is loaded, and what is typed meanwhile is kept: a letter is typed as soon as the list is there, and the time until the list is filtered by it counts from the start too.`,
  async run(context) {
    const home = await benchHome(context);
    await cachedProfiles(home, profiles);
    const answered: number[] = [];
    const subjects = [
      { name: 'node -e 0', measure: () => start([node, '-e', '0'], home.env).ended },
      {
        name: 'list of use',
        async measure(round: number) {
          const picker = start([node, cli, 'use'], { ...home.env, SHELL: '/bin/sh' });
          const time = await picker.saw(wholeList);
          void picker.press('p').catch(() => undefined);
          const answer = await picker.saw(/Filter: p/);
          if (round > 0) answered.push(answer);
          void picker.press('\u0003').catch(() => undefined);
          await picker.ended;
          return time;
        },
      },
    ];
    const times = await interleaved(subjects, Math.ceil(context.runs / 2));
    const bare = medianOf(times, 'node -e 0');
    return [
      { what: 'node -e 0', value: bare, unit: 'ms' },
      { what: 'list of use', value: medianOf(times, 'list of use'), unit: 'ms', target: 100 },
      ratio('list of use / node -e 0', ratioOf(times, 'list of use', 'node -e 0')),
      { what: 'until a key typed at once is answered', value: median(answered), unit: 'ms' },
      { what: 'until a key is answered / node -e 0', value: median(answered) / bare, unit: 'ratio' },
    ];
  },
};
