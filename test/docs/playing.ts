import fs from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { cli, type Ended, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

/** What a documented command needs to be run against the embedded DKP. */
export type Play = {
  /** Words of the document that stand for something of the reader's own, or that leave open what this platform asks. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Commands that the reader has given before. */
  readonly before?: readonly string[];
  /** Nobody has signed in to the profiles yet. */
  readonly isNew?: true;
  /** A person opens the address that is shown; with a device code it is the second. */
  readonly opens?: 1 | 2;
  /** On a terminal: what is waited for, and what is typed then. */
  readonly terminal?: readonly [wait: string | RegExp, type: string];
  /** A token of the cluster's page comes through stdin. */
  readonly pipesToken?: true;
  /** How it may end; with 0 when not given. */
  readonly exits?: readonly number[];
  /** What stdout says. */
  readonly says?: RegExp;
};

type Test = { after(run: () => void | Promise<void>): void };

/** The machine of somebody who has read that far: two profiles with tokens, kubeconfigs, and what administrators hand out. */
async function readersHome(t: Test, demo: Demo, isNew = false): Promise<Home> {
  const home = await temporaryHome(t);
  const clusters = ['red-prod', 'red-lab'] as const;
  const args = clusters.flatMap(name => ['--cluster', name, '--profile', `${name}=${name}`]);
  const login = loginArguments(demo, '--idp', 'corporate', ...args, '--method', '2', '--sign-in-later');
  const ended = await runProgram(login, { env: home.env });
  if (ended.code !== 0) throw new Error(ended.stderr);
  for (const name of isNew ? [] : clusters) {
    const kubeconfigs = [home.path('kube', `${name}.yaml`)];
    await keepToken(home, demo, await boundProfile(home, demo, name, name, { kubeconfigs }));
  }
  return home;
}

/** What a reader's files are called in the documents. */
async function writeFiles(demo: Demo, home: Home): Promise<void> {
  await writePortalFile(demo, home, { clusters: ['red-prod', 'red-lab'] });
  await fs.copyFile(home.path('kube', 'red-prod.yaml'), home.path('prod.yaml'));
  await fs.copyFile(home.path('kube', 'red-lab.yaml'), home.path('lab.yaml'));
  for (const folder of ['.kube', 'Downloads']) await fs.mkdir(home.path(folder));
  const handedOut = kubeconfigOf(demo, { name: 'admin', user: { token: 'over' } });
  await fs.writeFile(home.path('cluster.kubeconfig'), handedOut);
  const { issuer } = demo.document;
  const exec = (command: string, ...args: string[]) => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command,
      args,
      interactiveMode: 'IfAvailable',
    },
  });
  const kubelogin = exec('kubelogin', 'get-token', `--oidc-issuer-url=${issuer}`, '--oidc-client-id=x');
  await fs.writeFile(home.path('.kube', 'other.yaml'), kubeconfigOf(demo, { name: 'oidc', user: kubelogin }));
  const authUrl = `-auth-url=${new URL('/token/', demo.document.loginLinks.global).href}`;
  const konvoy = exec('konvoy-async-plugin', authUrl, '-kubeconfig-user=default-profile');
  await fs.writeFile(
    home.path('Downloads', 'kubeconfig.yaml'),
    kubeconfigOf(demo, { name: 'default-profile', user: konvoy }),
  );
}

function kubeconfigOf(demo: Demo, user: { name: string; user: object }): string {
  const { server, ca } = demo.cluster('red-lab');
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin@prod',
    clusters: [{ name: 'prod', cluster }],
    contexts: [{ name: 'admin@prod', context: { cluster: 'prod', user: user.name } }],
    users: [user],
  });
}

type Played = Pick<Ended, 'code' | 'stderr'> & { readonly shown: string };

/** Runs a command as it stands in a document, in a folder with what documents name. */
export async function play(t: Test, demo: Demo, line: string, how: Play): Promise<Played> {
  const home = await readersHome(t, demo, how.isNew);
  await writeFiles(demo, home);
  const { document } = demo;
  const { global, workspaces } = document.loginLinks;
  const stands: Readonly<Record<string, string>> = {
    LINK: global,
    'LOGIN-LINK': global,
    NAME: 'red-lab',
    'https://dkp.example.com/token/landing/': global,
    'https://dkp.example.com/token/landing/team-red': workspaces['team-red'] ?? '',
    'https://dkp.example.com/dex': document.issuer,
    'PUBLIC-CLIENT': document.clients.public,
  };
  const wordsOf = (text: string) =>
    text
      .split(' ')
      .flatMap(word => (how.instead?.[word] ?? word).split(' '))
      .map(word => stands[word] ?? word)
      .filter(word => word !== '');
  const env = {
    ...home.env,
    // The demo's authority is known to this machine, as a platform's is to a reader's.
    NODE_EXTRA_CA_CERTS: document.caFile,
    KUBECONFIG: home.path('prod.yaml'),
    SHELL: '/bin/bash',
  };
  const options = { env, cwd: home.folder };
  for (const former of how.before ?? []) {
    const ended = await runProgram(wordsOf(former), options);
    if (ended.code !== 0) throw new Error(`${former}: ${ended.stderr}`);
  }
  if (how.terminal !== undefined) return atTerminal(t, wordsOf(line), how.terminal, options);
  const input = how.pipesToken && tokenOfPage(demo);
  const program = startProgram(wordsOf(line), { ...options, ...(input && { input }) });
  if (how.opens !== undefined) await personSignsIn(program, demo, demo.user('ada'), how.opens);
  const { stdout, ...ended } = await program.ended;
  return { ...ended, shown: stdout };
}

/** As the page of that cluster makes one. */
function tokenOfPage({ document, mint, cluster, user }: Demo): string {
  const now = Math.floor(Date.now() / 1000);
  const { email } = user('ada');
  const about = { iss: document.issuer, sub: 'ada', aud: cluster('red-prod').audience, email };
  return mint({ ...about, iat: now, exp: now + 3600 });
}

async function atTerminal(
  t: Test,
  args: readonly string[],
  [wait, type]: NonNullable<Play['terminal']>,
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<Played> {
  const terminal = openTerminal(t, { command: process.execPath, args: [cli, ...args], ...options });
  const shown = await terminal.waitFor(wait).then(() => terminal.screen().join('\n'));
  terminal.send(type);
  const { code } = await terminal.exit;
  return { code, stderr: '', shown };
}
