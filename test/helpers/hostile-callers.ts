import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { assertBound } from '../../source/credentials/binding.ts';
import { doorFile } from '../../source/credentials/door.ts';
import { dueMarkFile, leaveDueMark } from '../../source/credentials/due-mark.ts';
import { parseExecInfo } from '../../source/credentials/exec-credential.ts';
import { formatSpellings, spellingsFile } from '../../source/credentials/spellings.ts';
import { keep, readCorpus } from '../fuzz/corpus.ts';
import { mutate } from '../fuzz/mutate.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { cachedProfile, handedOver, pluginWithoutNode, tokenOf } from './cached-profile.ts';
import { clientGoSays } from './client-go.ts';
import { type Home, temporaryHome } from './home.ts';
import { assertPlain } from './plain-output.ts';
import { seed } from './seeded.ts';
import { type Shell, shells } from './shells.ts';

const server = 'https://api.example.com:6443';
/** Nothing takes so long that does not hang: a call takes hundredths, and the door's wait needs a holder that lives. */
const hungMs = 30_000;

type Scene = Awaited<ReturnType<typeof stage>>;
type Spoilt = {
  /** A good one to begin with. */
  seed(scene: Scene): string;
  /** Puts it where the script finds it; answers what the call is then. */
  put(text: string, scene: Scene): Promise<{ readonly args?: readonly string[]; readonly info?: string }>;
  /** Whether the token may be served at all, by what the rest of the program makes of the same text. */
  allows(text: string, scene: Scene): boolean;
};

async function stage(t: TestContext) {
  const home = await temporaryHome(t);
  const plugin = await pluginWithoutNode(home);
  const prod = await cachedProfile(home, 'prod', server);
  const cache = path.join(home.paths.credentials, 'prod.json');
  const trace = path.join(home.paths.callers, `prod.${process.pid % 64}`);
  return {
    home,
    plugin,
    prod,
    cache,
    trace,
    mark: dueMarkFile(home.paths, prod.name),
    good: await fs.readFile(cache, 'utf8'),
    says: clientGoSays(prod),
  };
}

const over = (good: string) => good.replace(/\n\d{10}\n\],/, `\n${Math.floor(Date.now() / 1000) - 5}\n],`);
const spellings = ({ home, prod }: Scene) => spellingsFile(home.paths, prod.name);
const bound = ({ good }: Scene) => good.split('\n')[7] ?? '';

const spoilt: Readonly<Record<string, Spoilt>> = {
  'exec-info-shell': {
    seed: ({ says }) => says,
    put: async info => ({ info }),
    allows(text, { prod }) {
      try {
        const info = parseExecInfo(text);
        assertBound(prod, info);
        return info !== undefined;
      } catch {
        return false;
      }
    },
  },
  'profile-shell': {
    seed: () => 'prod',
    put: async text => ({ args: ['--profile', text] }),
    allows: text => text === 'prod',
  },
  'arguments-shell': {
    seed: () => '--profile\nprod',
    put: async text => ({ args: text.split('\n') }),
    allows: text => text === '--profile\nprod',
  },
  'cache-shell': {
    seed: ({ good }) => good,
    put: async (text, { cache }) => {
      await fs.writeFile(cache, text);
      return {};
    },
    // What is damaged elsewhere in it is nobody's danger; whose the token is and where it may go is not to be.
    allows: (text, scene) =>
      text.includes(`\n,"cluster":\n${bound(scene)}\n`) && text.includes('"profile":"prod"'),
  },
  'spellings-shell': {
    seed: scene =>
      formatSpellings(bound(scene) as never, '{"server":"https://API.example.com:6443"}' as never, []),
    put: async (text, scene) => {
      await fs.writeFile(spellings(scene), text);
      return {};
    },
    allows: () => true,
  },
  'trace-shell': {
    seed: () => `${String(process.pid).padStart(10)} ${String(1).padStart(11)}\n`,
    put: async (text, { trace }) => {
      await fs.writeFile(trace, text);
      return {};
    },
    allows: () => true,
  },
  'door-shell': {
    seed: () => `${'1'.padStart(10)} ${String(Math.floor(Date.now() / 1000)).padStart(11)}\n`,
    put: async (text, { home, prod, cache, good }) => {
      await fs.writeFile(doorFile(home.paths, prod.name), text);
      await fs.writeFile(cache, over(good));
      return {};
    },
    allows: () => false,
  },
};

/** What a shell would run, write to or look up, if it took text for anything but text; all in the working folder. */
const words = [
  '$(touch mark)',
  '`touch mark`',
  ';touch mark;',
  '\ntouch mark\n',
  '"$(touch mark)"',
  "';touch mark;'",
  '>mark',
  ['$', '{x:=mark}'].join(''),
  '$((mark=1))',
  'a[$(touch mark)0]',
  '*',
  '[a-z]*',
  '~',
  '\\',
  '-n',
  '%s%n',
  '%b\\033[2J',
  ',"cluster":',
  '},"interactive":true}}',
  '"token":"',
  '2147483648',
  '9'.repeat(40),
  '010',
];

async function tryInput(shell: Shell, scene: Scene, target: string, text: string): Promise<boolean> {
  const { home, plugin, prod, cache, trace, mark, good, says } = scene;
  const { put, allows } = spoilt[target] as Spoilt;
  await fs.writeFile(cache, good);
  for (const file of [trace, mark, spellings(scene), doorFile(home.paths, prod.name)])
    await fs.rm(file, { force: true });
  // Half of them without: the script reads the token in another way then.
  if (text.length % 2 === 0) leaveDueMark(home.paths, prod.name, JSON.parse(good), Date.now() / 1000);
  const { args = ['--profile', 'prod'], info = says } = await put(text, scene);
  const before = await filesOf(home);
  const [program, ...flags] = shell.command;
  const env = { ...home.env, KUBERNETES_EXEC_INFO: info };
  const { stdout, failed } = await run(program, [...flags, plugin, ...args], { env, cwd: home.folder });
  assert.equal(failed, undefined, `${failed}`);
  // The door and the word of who was served are all that a call may leave.
  const made = (await filesOf(home)).filter(
    file => !before.includes(file) && !/^state\/callers\/prod\./.test(file),
  );
  assert.deepEqual(made, [], 'a file was made');
  if (stdout.startsWith(handedOver)) return false;
  assertPlain(stdout, 'what the script serves');
  const { apiVersion, kind, status } = JSON.parse(stdout);
  assert.match(apiVersion, /^client\.authentication\.k8s\.io\/v1(beta1)?$/);
  assert.equal(kind, 'ExecCredential');
  if (target === 'cache-shell') {
    assert.match(status.token, /^[\w-]*\.[\w-]*\.[\w.-]*$/);
    assert.ok(text.includes(`"token":"${status.token}"\n`), 'it is not the token of the file');
  } else assert.equal(status.token, tokenOf('prod'));
  assert.ok(allows(text, scene), 'Node would not have served it');
  return true;
}

async function filesOf(home: Home): Promise<string[]> {
  return (await home.files()).filter(file => !file.startsWith('program/'));
}

type Run = { readonly stdout: string; readonly failed: string | undefined };

function run(
  program: string,
  args: readonly string[],
  options: { env: Record<string, string>; cwd: string },
) {
  return new Promise<Run>(resolve => {
    const all = { ...options, timeout: hungMs, killSignal: 'SIGKILL' as const };
    const child = execFile(program, args, all, (error, stdout, stderr) => {
      const failed = error === null ? undefined : child.killed ? 'it hung' : `${error.code}: ${stderr}`;
      resolve({ stdout, failed });
    });
  });
}

async function tryMany(t: TestContext, shell: Shell, target: string, random: Random, inputs: number) {
  const scene = await stage(t);
  const seed = spoilt[target]?.seed(scene) ?? '';
  const corpus = await readCorpus(target);
  // What an environment, an argument or a file of lines can hold.
  const mutants = Array.from({ length: inputs }, () =>
    mutate(seed, random.pick([seed, ...corpus]), words, random)
      .replaceAll('\0', '')
      .slice(0, 30_000),
  );
  let served = 0;
  for (const input of [seed, ...corpus, ...mutants]) {
    try {
      if (await tryInput(shell, scene, target, input)) served += 1;
    } catch (error) {
      const kept = await keep(target, input);
      throw new Error(
        `${shell.name} and ${JSON.stringify(input).slice(0, 4000)} (kept as ${path.basename(kept)})`,
        {
          cause: error,
        },
      );
    }
  }
  return served;
}

/**
 * The plugin's script with what a stranger says, or with files of its own that are damaged, in every shell: it serves what
 * Node would have served or hands over to Node, runs nothing that it reads, and makes no file.
 */
export function hostileTextsInEveryShell(inputs: number): void {
  describe(`the plugin's script with spoilt texts, DKP_AUTH_SEED=${seed}`, { concurrency: 2 }, () => {
    for (const shell of shells) {
      for (const target of Object.keys(spoilt)) {
        it(`${target} in ${shell.name}`, async t => {
          const served = await tryMany(t, shell, target, randomFrom(seed), inputs);
          t.diagnostic(`${served} of them were served`);
          assert.ok(served > 0 || target === 'door-shell', 'not even the good one was served');
        });
      }
    }
  });
}
