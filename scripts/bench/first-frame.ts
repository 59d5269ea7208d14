import { texts } from '../../source/wizard/texts.ts';
import { cli } from '../../test/helpers/program.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';
import { start } from './terminal.ts';

export const firstFrame: Measurement = {
  name: 'first-frame',
  title: "The wizard's first frame",
  method:
    'On a pseudo-terminal, from the start of the process until the first question is there, with the code that an earlier start compiled; bare node until it ends.',
  async run(context) {
    const home = await benchHome(context);
    await cachedProfiles(home, 1);
    const question = new RegExp(texts.linkQuestion.slice(0, 18));
    const subjects = [
      { name: 'node -e 0', measure: () => start([node, '-e', '0'], home.env).ended },
      {
        name: 'first frame',
        async measure() {
          const wizard = start([node, cli], home.env);
          const time = await wizard.saw(question);
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
    ];
  },
};
