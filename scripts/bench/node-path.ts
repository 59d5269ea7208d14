import { cli } from '../../test/helpers/program.ts';
import { batch } from './batch.ts';
import { ratio } from './cached-path.ts';
import { interleaved, type Measurement, medianOf, ratioOf } from './harness.ts';
import { benchHome, cachedProfiles, node } from './profiles.ts';

const perBatch = 5;

export const nodePath: Measurement = {
  name: 'node-path',
  title: 'A cached token from Node',
  method: `\`dkp-auth token\`, which Windows' kubeconfigs name and every doubt goes to; one sh starts ${perBatch} of each.`,
  async run(context) {
    const home = await benchHome(context);
    const { names, execInfo } = await cachedProfiles(home, perBatch);
    const env = { ...home.env, KUBERNETES_EXEC_INFO: execInfo };
    // Written otherwise than client-go does, so that a second look is taken.
    const doubted = { ...home.env, KUBERNETES_EXEC_INFO: JSON.stringify(JSON.parse(execInfo), null, 1) };
    const token = (name: string) => [node, cli, 'token', '--profile', name] as const;
    const subjects = [
      batch('node -e 0', env, () => names.map(() => [node, '-e', '0'] as const)),
      batch('Node path', env, () => names.map(token)),
      batch('Node path, second look', doubted, () => names.map(token)),
    ];
    const times = await interleaved(subjects, Math.ceil(context.runs / 2));
    return [
      ...subjects.map(({ name }) => ({ what: name, value: medianOf(times, name), unit: 'ms' as const })),
      ratio('Node path / node -e 0', ratioOf(times, 'Node path', 'node -e 0'), 1.5),
      ratio('Node path, second look / node -e 0', ratioOf(times, 'Node path, second look', 'node -e 0')),
    ];
  },
};
