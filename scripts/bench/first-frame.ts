import { cli } from '../../test/helpers/program.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, median, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';
import { start } from './terminal.ts';
import { answersKeys, firstQuestion } from './wizard.ts';

export const firstFrame: Measurement = {
  name: 'first-frame',
  title: "The wizard's first frame",
  method:
    'On a pseudo-terminal, from the start of the process until the first question is there whole, from its title to its keys, with the code that an earlier start compiled; bare node until it ends. The question is drawn before what answers keys is loaded: a letter is typed as soon as the question is there, and the time until it is on the screen counts from the start too.',
  async run(context) {
    const home = await benchHome(context);
    await cachedProfiles(home, 1);
    const answered: number[] = [];
    const subjects = [
      { name: 'node -e 0', measure: () => start([node, '-e', '0'], home.env).ended },
      {
        name: 'first frame',
        async measure(round: number) {
          const wizard = start([node, cli], home.env);
          const time = await wizard.saw(firstQuestion);
          const answer = await answersKeys(wizard);
          if (round > 0) answered.push(answer);
          // Leaves as a person does: only then does Node keep what it compiled.
          void wizard.press('\u0003').catch(() => undefined);
          await wizard.ended;
          return time;
        },
      },
    ];
    const times = await interleaved(subjects, context.runs);
    return [
      ...subjects.map(({ name }) => ({ what: name, value: medianOf(times, name), unit: 'ms' as const })),
      ratio('first frame / node -e 0', ratioOf(times, 'first frame', 'node -e 0'), 1.6),
      { what: 'until a letter typed at the first frame is answered', value: median(answered), unit: 'ms' },
      {
        what: 'until a letter is answered / node -e 0',
        value: median(answered) / medianOf(times, 'node -e 0'),
        unit: 'ratio',
      },
    ];
  },
};
