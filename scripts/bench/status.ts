import { cli } from '../../test/helpers/program.ts';
import { batch } from './batch.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';
import { start } from './terminal.ts';

const perBatch = 5;
const profiles = 3;

export const status: Measurement = {
  name: 'status',
  title: '`dkp-auth status`',
  method: `${profiles} profiles with cached tokens; one sh starts ${perBatch} of each, as scripts and prompts do (\`--exit-code\`, nobody reads the table), and with the table on a pseudo-terminal, one at a time. There Node itself loads what it has for terminals, which bare node does without.`,
  async run(context) {
    const home = await benchHome(context);
    await cachedProfiles(home, profiles);
    const bare = [node, '-e', '0'] as const;
    const table = [node, cli, 'status'] as const;
    const five = (command: readonly [string, ...string[]]) => () =>
      Array.from({ length: perBatch }, () => command);
    const subjects = [
      batch('node -e 0', home.env, five(bare)),
      batch('status', home.env, five([...table, '--exit-code'])),
      { name: 'node -e 0, on a terminal', measure: () => start([...bare], home.env).ended },
      { name: 'status, on a terminal', measure: () => start([...table], home.env).ended },
    ];
    const times = await interleaved(subjects, Math.ceil(context.runs / 2));
    return [
      ...subjects.map(({ name }) => ({ what: name, value: medianOf(times, name), unit: 'ms' as const })),
      ratio('status / node -e 0', ratioOf(times, 'status', 'node -e 0'), 1.6),
      ratio(
        'status / node -e 0, on a terminal',
        ratioOf(times, 'status, on a terminal', 'node -e 0, on a terminal'),
      ),
    ];
  },
};
