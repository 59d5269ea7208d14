import fs from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { call } from '../../source/demo/client.ts';
import type { Demo } from '../../source/demo/index.ts';
import type { Random } from '../fuzz/random.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import type { Home } from '../helpers/home.ts';
import { konvoyArguments, konvoyPlugin, writeKonvoyKubeconfig } from '../helpers/konvoy.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { startProgram } from '../helpers/program.ts';

export type World = {
  readonly demos: readonly Demo[];
  readonly homes: readonly Home[];
  readonly random: Random;
  /** Everything that was printed and is no answer to kubectl. */
  readonly said: string[];
};
type Kubeconfig = {
  clusters?: { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[];
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  users?: { name: string; user: { token?: string; exec?: Exec } }[];
};
type Exec = { command: string; args?: string[]; apiVersion: string; provideClusterInfo?: boolean };

const names = ['prod', 'lab', 'edge', 'mgmt', 'red', 'blue', 'one', 'two'];
const decode = (data = '') => Buffer.from(data, 'base64').toString('utf8');

/** A kubeconfig as the platform hands it out, where kubectl looks first. */
export const handedOut = path.join('.kube', 'config');
/** The same with one cluster only. */
const forOne = path.join('.kube', 'one');

/** Everything that a verb, or one of its own verbs, can be called with; the proof fails for one that is not here. */
const repertoire: Readonly<Record<string, (world: World, home: Home) => readonly string[][]>> = {
  status: ({ random }) => [[], ['--json'], ['--check-server'], ['--exit-code', random.pick(names)]],
  use: ({ random }) => [
    [],
    [random.pick(names)],
    ['--json', random.pick(names)],
    ['--shell', 'sh', random.pick(names)],
  ],
  check: (_, home) => [
    [],
    ['--json', '--fix', '--dry-run'],
    ['--fix', '--yes', home.path(handedOut)],
    ['--fix', '--yes', '--json', home.path(forOne)],
    ['--sarif'],
  ],
  undo: (_, home) => [[], ['--json'], ['--force', home.path(handedOut)], ['--dry-run']],
  logout: ({ random }) => [[random.pick(names)], [random.pick(names), '--json'], ['--all']],
  'profiles list': () => [[], ['--json']],
  'profiles rename': ({ random }) => [[random.pick(names), random.pick(names)]],
  'profiles remove': ({ random }) => [
    [random.pick(names), '--yes'],
    [random.pick(names), '--yes', '--json'],
  ],
  'profiles import': (_, home) => [[], ['--json', home.path(handedOut)], [home.path(forOne)], ['--dry-run']],
  doctor: ({ demos, random }) => [['--json'], [random.pick(demos).document.loginLinks.global]],
  'config list': () => [[]],
  'config get': () => [['credentialStore']],
  'config set': ({ random }) => [
    ['method', random.pick(['1', '2'])],
    ['timeout', '12'],
  ],
  'config unset': () => [['method']],
  'config edit': () => [[]],
  'config kuberc': () => [[]],
  completion: () => [['bash'], ['zsh'], ['fish'], ['powershell']],
  'admin dex-client': ({ demos, random }) => {
    const { document } = random.pick(demos);
    return [[document.loginLinks.global, '--ca-file', document.caFile]];
  },
};
export const verbsPlayed = Object.keys(repertoire);

/** Plays a verb as somebody in a hurry would; whatever it answers, the books decide. */
export async function playVerb(world: World): Promise<void> {
  const { random, homes } = world;
  const home = random.pick(homes);
  const verb = random.pick(verbsPlayed);
  const args = random.pick(repertoire[verb]?.(world, home) ?? []);
  await play(world, home, [...verb.split(' '), ...args]);
}

type Person = { readonly login: string; readonly address?: number };

/** Runs a command, with somebody who signs in at the address it shows, if it shows one. */
async function play(world: World, home: Home, args: readonly string[], person?: Person): Promise<void> {
  const debug = world.random.pick([[], [], ['--debug'], ['--debug-file', home.path('debug.log')]]);
  const program = startProgram([...debug, ...args], { env: home.env });
  if (person !== undefined) await signIn(world, program, person);
  const { stdout, stderr } = await program.ended;
  world.said.push(stdout, stderr);
}

async function signIn(
  { demos }: World,
  program: Pick<ReturnType<typeof startProgram>, 'address'>,
  { login, address = 1 }: Person,
): Promise<void> {
  // Where nothing has to be signed in to, no address is shown; and a profile's portal is the one it was made at.
  const url = await program.address(address).catch(() => undefined);
  const demo = demos.find(({ document }) => url !== undefined && new URL(url).port === `${document.port}`);
  await demo?.signIn(url ?? '', demo.user(login)).catch(() => undefined);
}

/** A login by the token service: new, again, merged, into a context that is there, or only talked about. */
export async function logInSomewhere(world: World): Promise<void> {
  const { demos, homes, random } = world;
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const user = random.pick(demo.document.users);
  const person = { login: user.login };
  const way = ['--sign-in', 'portal', '--no-browser', '--timeout', '12', '--json'];
  const name = random.pick(names);
  if (random.below(6) === 0) return play(world, home, ['login', '--profile', name, ...way], person);
  const cluster = random.pick(demo.document.clusters).name;
  const where = random.pick([
    ['--cluster', cluster, '--method', '1'],
    ['--cluster', cluster, '--method', '2'],
    ['--cluster', cluster, '--method', 'token'],
    ['--cluster', cluster, '--merge', '--on-conflict', random.pick(['fail', 'rename', 'replace'])],
    ['--cluster', cluster, '--method', 'token', '--merge', '--on-conflict', 'rename'],
    ['--kubeconfig', home.path(random.pick([handedOut, forOne]))],
  ]);
  const more = random.pick([[], [], ['--sign-in-later'], ['--dry-run'], ['--sign-in-now']]);
  const idp = ['--idp', user.identityProvider, '--profile', name];
  await play(
    world,
    home,
    loginArguments(demo, ...idp, ...where, ...way.slice(0, 2), ...way.slice(3), ...more),
    person,
  );
}

/** A login at the issuer, whose session serves two clusters. */
export async function logInAtIssuer(world: World): Promise<void> {
  const { demos, homes, random } = world;
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const file = await writePortalFile(demo, home);
  const args = [
    ...['login', '--portal-file', file, '--all-clusters', '--method', random.pick(['1', '2', 'token'])],
    ...[
      '--profile',
      `kubernetes-cluster=${random.pick(names)}`,
      '--profile',
      `red-prod=${random.pick(names)}`,
    ],
    ...['--idp', 'corporate', '--sign-in', 'device', '--credential-store', 'file', '--no-browser'],
    ...['--timeout', '12', '--json'],
  ];
  await play(world, home, args, { login: random.pick(['ada', 'ravi', 'noor']), address: 2 });
}

/** What the platform hands out, written anew. */
export async function handOut({ demos, homes, random }: World): Promise<void> {
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const served = demo.document.clusters.slice(0, 4).map(({ name }) => ({ cluster: name }));
  await writeKonvoyKubeconfig(demo, home.path(handedOut), served);
  await writeKonvoyKubeconfig(demo, home.path(forOne), [
    { ...(random.pick(served) as { cluster: string }), user: random.pick(names) },
  ]);
}

/** The stand-in for the platform's plugin, as kubectl calls it for somebody who sits before it. */
export async function playKonvoy(world: World): Promise<void> {
  const { demos, homes, random } = world;
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const cluster = random.pick(demo.document.clusters.filter(({ reachable }) => reachable));
  const named = random.pick([{}, { cluster: null }] as const);
  const program = startProgram(konvoyArguments(demo, random.pick(names)), {
    program: konvoyPlugin,
    env: {
      ...home.env,
      KUBECONFIG: home.path(random.pick([handedOut, forOne])),
      ...kubectlSays({ cluster: { ...cluster, hostname: cluster.name } }, { interactive: true, ...named }),
    },
  });
  await signIn(world, program, { login: random.pick(demo.document.users).login });
  const { stdout, stderr } = await program.ended;
  world.said.push(stderr);
  const token = tokenIn(stdout);
  if (token !== undefined && named.cluster !== null) await callServer(cluster, token);
}

/** What kubectl does with a context of any kubeconfig there is; `at` has the server be another one. */
export async function playKubectl(world: World, at?: Demo): Promise<void> {
  const { homes, random } = world;
  const home = random.pick(homes);
  const files = (await home.files()).filter(file => /^kube\/.*\.yaml$|^\.kube\/(config|one)$/.test(file));
  if (files.length === 0) return;
  const file = home.path(random.pick(files));
  const config = parse(await fs.readFile(file, 'utf8')) as Kubeconfig;
  const context = random.pick(config.contexts ?? [])?.context;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  const given = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  if (user === undefined || given === undefined) return;
  const other = at === undefined ? undefined : random.pick(at.document.clusters);
  // Nobody can keep a token that is written out from being sent elsewhere, nor tell where one goes that is asked for
  // without a word about the server.
  if (other !== undefined && user.exec?.provideClusterInfo !== true) return;
  const server = other?.server ?? given.server;
  const ca = other?.ca ?? decode(given['certificate-authority-data']);
  const token =
    user.token ?? (await tokenBy(world, user.exec, { server, ca }, { ...home.env, KUBECONFIG: file }));
  if (token !== undefined) await callServer({ server, ca }, token);
}

async function tokenBy(
  world: World,
  exec: Exec | undefined,
  cluster: { server: string; ca: string },
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (exec === undefined) return undefined;
  const { apiVersion, provideClusterInfo } = exec;
  const named = provideClusterInfo === true ? {} : { cluster: null };
  const says = kubectlSays({ cluster: { ...cluster, name: 'x', hostname: 'x' } }, { apiVersion, ...named });
  const { stdout, stderr } = await execa(exec.command, exec.args ?? [], {
    env: { ...env, ...says },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  world.said.push(stderr ?? '');
  return tokenIn(stdout ?? '');
}

function tokenIn(stdout: string): string | undefined {
  if (stdout === '') return undefined;
  return (JSON.parse(stdout) as { status: { token: string } }).status.token;
}

async function callServer({ server, ca }: { server: string; ca: string }, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await call(`${server}/api/v1/namespaces`, { ca, headers }).catch(() => undefined);
}
