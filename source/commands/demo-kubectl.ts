import { execa } from 'execa';
import { Agent, request } from 'undici';
import type { ProfileOutcome } from '../login/run.ts';
import { type Streams, write } from '../system/streams.ts';

const timeoutMs = 20_000;

export async function hasKubectl({ env }: Streams): Promise<boolean> {
  const { failed } = await execa('kubectl', ['version', '--client'], {
    env,
    reject: false,
    timeout: timeoutMs,
  });
  return !failed;
}

/** Asks a cluster for its pods as kubectl does, or by HTTPS with the plugin's token where there is no kubectl. */
export async function showPods(outcome: ProfileOutcome, kubectl: boolean, streams: Streams): Promise<void> {
  await (kubectl ? askWithKubectl(outcome, streams) : askOverHttps(outcome, streams));
}

async function askWithKubectl(
  { profile, kubeconfig }: ProfileOutcome,
  { env, stdout }: Streams,
): Promise<void> {
  const args = [`--kubeconfig=${kubeconfig}`, `--context=${profile.name}`, 'get', 'pods', '-A'];
  await write(stdout, `$ kubectl ${args.join(' ')}\n`);
  const { all = '' } = await execa('kubectl', args, {
    env,
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: timeoutMs,
  });
  await write(stdout, `${all}\n`);
}

async function askOverHttps({ profile, token }: ProfileOutcome, { stdout }: Streams): Promise<void> {
  if (token === undefined) return;
  const url = `${profile.cluster.server}/api/v1/pods`;
  await write(stdout, `$ GET ${url}\n`);
  const dispatcher = new Agent({
    connect: profile.cluster.ca === undefined ? {} : { ca: profile.cluster.ca },
  });
  try {
    const answer = await request(url, { dispatcher, headers: { authorization: `Bearer ${token.token}` } });
    const list = (await answer.body.json()) as {
      items?: { metadata: { namespace: string; name: string } }[];
    };
    const pods = (list.items ?? []).map(({ metadata }) => `  ${metadata.namespace}/${metadata.name}`);
    await write(stdout, `${answer.statusCode}\n${pods.join('\n')}\n`);
  } finally {
    await dispatcher.destroy();
  }
}
