import { startDemo } from '../../source/demo/index.ts';
import { batch, type Command } from './batch.ts';
import { type Figure, interleaved, type Measurement, medianOf, ratioOf, type Times } from './harness.ts';
import { throughKubectl, warmKubelogin } from './kubelogin.ts';
import { benchHome, cachedProfiles, node, plugin } from './profiles.ts';

const perBatch = 10;
const perSlowBatch = 3;

export const cachedPath: Measurement = {
  name: 'cached-path',
  title: 'A cached token',
  method: `One sh starts ${perBatch} of each (${perSlowBatch} of the slow ones) one after the other; what the sh itself takes is left out. kubelogin has signed in at the embedded platform and has a good token in its cache; it is called by itself (\`kubelogin get-token\`) and as its documentation has kubeconfigs call it (\`kubectl oidc-login get-token\`). The quarter is for the latter: of the former it is out of reach for a shell script, since a quarter of it is less than \`sh -c :\` and \`cat FILE\` take together, which is the last figure.`,
  async run(context) {
    const home = await benchHome(context);
    const { names, execInfo, files } = await cachedProfiles(home, perBatch);
    const env = { ...home.env, KUBERNETES_EXEC_INFO: execInfo };
    const demo = await startDemo();
    context.after(() => demo.close());
    const kubelogin = await warmKubelogin(demo, home.path('kubelogin'), home.env);
    const documented = kubelogin && (await throughKubectl(kubelogin, home.path('plugins'), home.env));
    const times = (count: number, command: Command) => () => Array.from({ length: count }, () => command);
    const subjects = [
      batch('cat FILE', env, () => files.map(file => ['cat', file] as const)),
      batch('sh -c :', env, times(perBatch, ['/bin/sh', '-c', ':'])),
      batch('cached path', env, () => names.map(name => [plugin, '--profile', name] as const)),
      batch('node -e 0', env, times(perSlowBatch, [node, '-e', '0'])),
      ...(kubelogin ? [batch('kubelogin', home.env, times(perSlowBatch, kubelogin))] : []),
      ...(documented
        ? [batch('kubectl oidc-login', documented.env, times(perSlowBatch, documented.command))]
        : []),
    ];
    const measured = await interleaved(subjects, context.runs);
    const figures: Figure[] = subjects.map(({ name }) => ({
      what: name,
      value: medianOf(measured, name),
      unit: 'ms',
    }));
    return [
      ...figures,
      ratio('cached path / cat FILE', ratioOf(measured, 'cached path', 'cat FILE'), 4),
      ratio('cached path / sh -c :', ratioOf(measured, 'cached path', 'sh -c :')),
      ratio('cached path / node -e 0', ratioOf(measured, 'cached path', 'node -e 0')),
      kubelogin
        ? ratio('cached path / kubelogin', ratioOf(measured, 'cached path', 'kubelogin'), 0.25)
        : missing('cached path / kubelogin'),
      documented
        ? ratio(
            'cached path / kubectl oidc-login',
            ratioOf(measured, 'cached path', 'kubectl oidc-login'),
            0.25,
          )
        : missing('cached path / kubectl oidc-login'),
      kubelogin
        ? ratio('(sh -c : + cat FILE) / kubelogin', leastOfAScript(measured))
        : missing('(sh -c : + cat FILE) / kubelogin'),
    ];
  },
};

/** A shell and one program that reads the token: no script can take less of kubelogin's time. */
function leastOfAScript(measured: Times): number {
  return ratioOf(measured, 'sh -c :', 'kubelogin') + ratioOf(measured, 'cat FILE', 'kubelogin');
}

export const ratio = (what: string, value: number, target?: number): Figure => ({
  what,
  value,
  unit: 'ratio',
  ...(target !== undefined && { target }),
});

const missing = (what: string): Figure => ({
  what,
  value: undefined,
  unit: 'ratio',
  note: 'kubectl or kubelogin was not to be had',
});
