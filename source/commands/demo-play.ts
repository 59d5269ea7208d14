import { execa } from 'execa';
import type { Demo } from '../demo/index.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import { resolveWithoutQuestions } from '../login/resolve.ts';
import { type LoginOutcome, runLogin } from '../login/run.ts';
import { signInOnCommandLine } from '../login/sign-in.ts';
import { openTarget } from '../login/target.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { hasKubectl, showPods } from './demo-kubectl.ts';

/** Clusters that a portal sign-in is good for and that can be reached. */
const played = ['kubernetes-cluster', 'red-lab', 'blue-prod'];

/** Plays the whole way without a person: each step printed, every request real. */
export async function playDemo(embedded: Demo, streams: Streams, signal: AbortSignal): Promise<void> {
  const { env, stdout } = streams;
  const { document } = embedded;
  const ada = embedded.user('ada');
  const say = (text: string) => write(stdout, `${text}\n`);
  const paths = pathsOf(env);
  await say(`1. A platform on this machine. Its login link: ${document.loginLinks.global}`);
  const answers = {
    link: parseLoginLink(document.loginLinks.global),
    caFile: document.caFile,
    identityProvider: ada.identityProvider,
    clusters: played,
    method: '1' as const,
    profiles: { byCluster: new Map() },
    signInTime: 'all' as const,
  };
  const target = await openTarget(answers, { env, paths, signal });
  const { portal, clusters } = target;
  try {
    await say(`2. Its clusters: ${clusters.clusters.map(cluster => cluster.name).join(', ')}`);
    const options = await resolveWithoutQuestions(answers, true, target, { env, paths, signal });
    await say(
      `3. ${ada.login} signs in with ${ada.identityProvider}, once for each of ${played.join(', ')}.`,
    );
    const browser = { env, person: async (url: URL) => void (await embedded.signIn(url.href, ada)) };
    const context = {
      portal,
      identityProvider: options.identityProvider,
      paths,
      streams,
      browser,
      signal,
      timeoutSeconds: 30,
    };
    const outcome = await runLogin(options, new Map(), choice => signInOnCommandLine(choice, context), {
      env,
      paths,
      launcher,
    });
    await say(`4. Written: ${outcome.plan.files.map(file => file.path).join(', ')}`);
    await askClusters(outcome, streams);
    await refuse(outcome, streams);
  } finally {
    await portal.close();
  }
}

async function askClusters(outcome: LoginOutcome, streams: Streams): Promise<void> {
  const kubectl = await hasKubectl(streams);
  const how = kubectl ? 'kubectl' : 'HTTPS, since kubectl is not installed here';
  await write(streams.stdout, `5. Every cluster answers, each with its own token (asked by ${how}):\n`);
  for (const profile of outcome.profiles) await showPods(profile, kubectl, streams);
}

/** The point of it all: a profile's token is not given out for another cluster. */
async function refuse({ profiles }: LoginOutcome, { env, stdout }: Streams): Promise<void> {
  const [first, second] = profiles;
  if (first === undefined || second === undefined) return;
  const { command, args } = launcher(first.profile.name);
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: second.profile.cluster.server } },
  };
  const result = await execa(command, args, {
    env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    reject: false,
  });
  await write(
    stdout,
    `6. The profile ${first.profile.name}, asked for a token for ${second.profile.cluster.name}, refuses (exit ${result.exitCode}):\n${result.stderr}\n`,
  );
}
