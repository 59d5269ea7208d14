import { startDemo } from '../../source/demo/index.ts';
import { cli } from '../../test/helpers/program.ts';
import type { Figure, Measurement } from './harness.ts';
import { warmKubelogin } from './kubelogin.ts';
import { peakMemory, peakMemoryOf } from './peak-memory.ts';
import { benchHome, cachedProfiles, node, plugin } from './profiles.ts';
import { start } from './terminal.ts';
import { answersKeys, firstQuestion } from './wizard.ts';

export const memory: Measurement = {
  name: 'memory',
  title: 'Peak memory',
  method:
    "The largest process of each (GNU time's maximum resident set); of the wizard at its first question, when it has answered a key, by the kernel's VmHWM.",
  async run(context) {
    const home = await benchHome(context);
    const { names, execInfo, files } = await cachedProfiles(home, 3);
    const env = { ...home.env, KUBERNETES_EXEC_INFO: execInfo };
    const demo = await startDemo();
    context.after(() => demo.close());
    const kubelogin = await warmKubelogin(demo, home.path('kubelogin'), home.env);
    const wizard = start([node, cli], home.env);
    context.after(() => wizard.stop());
    await wizard.saw(firstQuestion);
    await answersKeys(wizard);
    const [first = '', second = ''] = names;
    return [
      figure('cat FILE', await peakMemoryOf(['cat', files[0] ?? ''], env)),
      figure('cached path', await peakMemoryOf([plugin, '--profile', first], env), 3),
      figure('node -e 0', await peakMemoryOf([node, '-e', '0'], env)),
      figure('Node path', await peakMemoryOf([node, cli, 'token', '--profile', second], env)),
      figure('kubelogin', kubelogin && (await peakMemoryOf(kubelogin, home.env))),
      figure('wizard', peakMemory(wizard.pid), 110),
    ];
  },
};

const figure = (what: string, value: number | undefined, target?: number): Figure => ({
  what,
  value,
  unit: 'MB',
  ...(target !== undefined && { target }),
  ...(value === undefined && { note: 'there is nothing here to measure it with' }),
});
