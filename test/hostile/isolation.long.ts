import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { call } from '../../source/demo/client.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { filesBelow, type Home, temporaryHome } from '../helpers/home.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { type Ended, runProgram, startProgram } from '../helpers/program.ts';
import { Ledger } from './ledger.ts';
import { watchProcesses } from './proc-watch.ts';

const steps = Number(process.env['DKP_AUTH_ISOLATION_STEPS'] ?? 60);
const seed = Number(process.env['DKP_AUTH_ISOLATION_SEED'] ?? Date.now() % 2 ** 31);
const names = ['prod', 'lab', 'edge', 'mgmt', 'red', 'blue', 'one', 'two'];

type World = { readonly demos: readonly Demo[]; readonly homes: readonly Home[]; readonly random: Random };
type Kubeconfig = {
  clusters?: { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[];
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  users?: { name: string; user: { token?: string; exec?: { command: string; args?: string[] } } }[];
};
const decode = (data = '') => Buffer.from(data, 'base64').toString('utf8');

/** The verbs that the program says it has. */
async function verbsOf(home: Home): Promise<string[]> {
  const { stdout } = await runProgram(['--help'], { env: home.env });
  return [...stdout.matchAll(/^ {2}([a-z][a-z-]+)\b/gm)].map(([, verb = '']) => verb);
}

/** Plays each verb as somebody in a hurry would; whatever it answers, the books decide. */
function argumentsOf(verb: string, { random }: World): string[] {
  const name = random.pick(names);
  const known: Record<string, readonly string[][]> = {
    status: [[], ['--json']],
    use: [[], [name], ['--json']],
    check: [[], ['--json'], ['--fix', '--json', '--yes']],
    logout: [[name], [name, '--json', '--yes']],
    profiles: [
      ['list', '--json'],
      ['rename', name, random.pick(names)],
      ['remove', name, '--yes'],
    ],
    doctor: [['--json']],
    config: [['list'], ['--json']],
    completion: [['bash'], ['zsh'], ['fish']],
    admin: [['dex-client', '--help']],
  };
  return [verb, ...random.pick(known[verb] ?? [[], ['--json']])];
}

async function logInSomewhere({ demos, homes, random }: World): Promise<void> {
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const user = random.pick(demo.document.users);
  const cluster = random.pick(demo.document.clusters).name;
  const args = loginArguments(
    demo,
    ...['--idp', user.identityProvider, '--cluster', cluster, '--method', random.pick(['1', '2', 'token'])],
    ...['--profile', random.pick(names), '--sign-in', 'portal', '--json', '--timeout', '12'],
    ...random.pick([[], [], ['--sign-in-later'], ['--dry-run']]),
  );
  await withPerson(args, home, demo, user.login, 1);
}

async function logInAtIssuer({ demos, homes, random }: World): Promise<void> {
  const demo = random.pick(demos);
  const home = random.pick(homes);
  const [first, second] = [random.pick(names), random.pick(names)];
  const file = await writePortalFile(demo, home);
  const args = [
    ...['login', '--portal-file', file, '--all-clusters', '--method', random.pick(['1', '2'])],
    ...['--profile', `kubernetes-cluster=${first}`, '--profile', `red-prod=${second}`],
    ...[
      '--idp',
      'corporate',
      '--sign-in',
      'device',
      '--credential-store',
      'file',
      '--no-browser',
      '--timeout',
      '12',
      '--json',
    ],
  ];
  await withPerson(args, home, demo, random.pick(['ada', 'ravi', 'noor']), 2);
}

async function withPerson(
  args: readonly string[],
  home: Home,
  demo: Demo,
  login: string,
  address: number,
): Promise<Ended> {
  const program = startProgram(args, { env: home.env });
  // Where nothing has to be signed in to, no address is shown.
  await program.address(address).then(
    url => demo.signIn(url, demo.user(login)),
    () => undefined,
  );
  return program.ended;
}

/** What kubectl does with a context of any kubeconfig there is; `at` has the server be another one. */
async function playKubectl(world: World, at?: Demo): Promise<void> {
  const { homes, random } = world;
  const home = random.pick(homes);
  const files = (await filesBelow(home.folder)).filter(file => /^kube\/.*\.yaml$/.test(file));
  if (files.length === 0) return;
  const config = parse(await fs.readFile(home.path(random.pick(files)), 'utf8')) as Kubeconfig;
  const context = random.pick(config.contexts ?? [])?.context;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  const given = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  if (user === undefined || given === undefined) return;
  const other = at === undefined ? undefined : random.pick(at.document.clusters);
  // Nobody can keep a token that is written out from being sent elsewhere; the plugin's ones can be kept back.
  if (other !== undefined && user.token !== undefined) return;
  const server = other?.server ?? given.server;
  const ca = other?.ca ?? decode(given['certificate-authority-data']);
  const token = user.token ?? (await tokenBy(user.exec, { server, ca }, home));
  if (token === undefined) return;
  await call(`${server}/api/v1/namespaces`, { ca, headers: { authorization: `Bearer ${token}` } }).catch(
    () => undefined,
  );
}

async function tokenBy(
  exec: { command: string; args?: string[] } | undefined,
  { server, ca }: { server: string; ca: string },
  home: Home,
): Promise<string | undefined> {
  if (exec === undefined) return undefined;
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64'), config: null };
  const info = {
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    spec: { interactive: false, cluster },
  };
  const { stdout } = await execa(exec.command, exec.args ?? [], {
    env: { ...home.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  if (stdout === '') return undefined;
  return (JSON.parse(stdout) as { status: { token: string } }).status.token;
}

it(`no token leaves its profile, whatever two portals, ten people and every command do (${steps} steps, seed ${seed})`, async test => {
  const demos = await Promise.all(
    [1, 2].map(() => startDemo({ deviceIntervalSeconds: 1, tokenLifetimeSeconds: 90 })),
  );
  test.after(async () => void (await Promise.all(demos.map(demo => demo.close()))));
  const homes = await Promise.all([temporaryHome(test), temporaryHome(test)]);
  const [home] = homes;
  const random = randomFrom(seed);
  const world: World = {
    demos,
    homes: homes.map(each => ({
      ...each,
      env: { ...each.env, PATH: `${path.dirname(process.execPath)}:${each.env['PATH']}` },
    })),
    random,
  };
  assert.ok(home !== undefined);
  assert.ok(demos.flatMap(demo => demo.document.users).length >= 10);
  assert.ok(demos.flatMap(demo => demo.document.clusters).filter(({ reachable }) => reachable).length >= 6);
  // The demo has servers of its own, and `token` and `login` are played apart.
  const verbs = (await verbsOf(home)).filter(verb => !['demo', 'login', 'token', 'help'].includes(verb));
  assert.ok(verbs.includes('status'));
  const ledger = new Ledger();
  const processes = watchProcesses();
  const said: string[] = [];
  try {
    for (let step = 0; step < steps; step += 1) {
      const moves = step < 6 ? [0, 1] : [0, 1, 2, 2, 2, 3, 3, 4, 5];
      switch (random.pick(moves)) {
        case 0:
          await Promise.all([logInSomewhere(world), logInSomewhere(world)]);
          break;
        case 1:
          await logInAtIssuer(world);
          break;
        case 2:
          await playKubectl(world);
          break;
        case 3:
          await playKubectl(world, random.pick(demos));
          break;
        case 4: {
          const ended = await runProgram(argumentsOf(random.pick(verbs), world), {
            env: random.pick(world.homes).env,
          });
          said.push(ended.stdout, ended.stderr);
          break;
        }
        default:
          // Tokens run out, and the next call has to renew or to refuse.
          for (const demo of demos) demo.advance(60);
      }
      for (const each of homes) await ledger.readDisk(each);
      for (const demo of demos) ledger.readRequests(demo);
    }
  } finally {
    await processes.stop();
  }
  ledger.readTexts(processes.seen, 'the arguments or the environment of a process');
  ledger.readTexts(said, 'what a command says');
  const { counts } = ledger;
  test.diagnostic(JSON.stringify({ ...counts, processes: processes.seen.size }));
  // A proof in which nothing happened is none.
  assert.ok(counts.tokens >= 3 && counts.received >= 1 && counts.servers >= 2 && counts.profiles >= 3);
  assert.ok(processes.seen.size >= steps / 2 || process.platform !== 'linux');
});
