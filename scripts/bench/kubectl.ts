import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { decodeJwt } from 'jose';
import { stringify } from 'yaml';
import { startDemo } from '../../source/demo/index.ts';
import { cachedProfile } from '../../test/helpers/cached-profile.ts';
import { batch, type Command } from './batch.ts';
import { ratio } from './cached-path.ts';
import { type Figure, interleaved, type Measurement, medianOf, ratioOf } from './harness.ts';
import { warmKubelogin } from './kubelogin.ts';
import { benchHome, plugin } from './profiles.ts';
import { labProgram } from './programs.ts';

const perBatch = 3;

export const kubectl: Measurement = {
  name: 'kubectl',
  title: 'kubectl',
  method: `\`kubectl get --raw\` of the pods of a namespace at the embedded platform's API server, with the same token each time; one sh starts ${perBatch} of each.`,
  async run(context) {
    const program = await labProgram('kubectl');
    const home = await benchHome(context);
    const demo = await startDemo({ only: { clusters: ['red-lab'], identityProviders: ['corporate'] } });
    context.after(() => demo.close());
    const kubelogin = await warmKubelogin(demo, home.path('kubelogin'), home.env);
    if (program === undefined || kubelogin === undefined) return [missing];
    const [file, ...args] = kubelogin;
    const { stdout } = await execa(file, args, { env: home.env, extendEnv: false });
    const { token } = JSON.parse(stdout).status as { token: string };
    const { server, ca } = demo.cluster('red-lab');
    const { iat = 0, exp = 0 } = decodeJwt(token);
    await cachedProfile(home, 'red', server, { token, issuedAt: iat, expiresAt: exp }, ca);

    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'IfAvailable',
      provideClusterInfo: true,
    };
    const users = {
      token: { token },
      'dkp-auth': { exec: { ...exec, command: plugin, args: ['--profile', 'red'] } },
      kubelogin: { exec: { ...exec, command: file, args } },
    };
    const commands = new Map<string, Command>();
    for (const [name, user] of Object.entries(users)) {
      const kubeconfig = home.path(`${name}.yaml`);
      const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
      const document = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name, cluster }],
        users: [{ name, user }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        'current-context': name,
      };
      await writeFile(kubeconfig, stringify(document), { mode: 0o600 });
      const wanted = '/api/v1/namespaces/default/pods';
      commands.set(name, [program, `--kubeconfig=${kubeconfig}`, 'get', '--raw', wanted]);
    }
    // Nobody is started but whom kubectl starts.
    const nobody = home.path('no-node');
    await writeFile(nobody, '#!/bin/sh\necho started >>"$0.log"\nexit 1\n', { mode: 0o755 });
    await writeFile(home.paths.node, `${nobody}\n`, { mode: 0o600 });
    const subjects = [...commands].map(([name, command]) =>
      batch(name, home.env, () => Array.from({ length: perBatch }, () => command)),
    );
    const times = await interleaved(subjects, Math.ceil(context.runs / 2));
    const started = await readFile(`${nobody}.log`, 'utf8').catch(() => '');
    if (started !== '') throw new Error('Node was started for a cached token');
    const figures: Figure[] = subjects.map(({ name }) => ({
      what: `kubectl with ${name}`,
      value: medianOf(times, name),
      unit: 'ms',
    }));
    return [
      ...figures,
      ratio('kubectl with dkp-auth / with a static token', ratioOf(times, 'dkp-auth', 'token')),
      ratio('kubectl with kubelogin / with a static token', ratioOf(times, 'kubelogin', 'token')),
    ];
  },
};

const missing: Figure = {
  what: 'kubectl with dkp-auth / with a static token',
  value: undefined,
  unit: 'ratio',
  note: 'kubectl or kubelogin was not to be had',
};
