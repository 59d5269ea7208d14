import assert from 'node:assert/strict';
import { accessSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { claimProfile } from '../../source/profiles/registry.ts';
import { rememberPortal } from '../../source/system/settings.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { pathFolder } from '../helpers/path-folder.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { cli, runProgram } from '../helpers/program.ts';
import { needs } from '../helpers/shells.ts';
import { openTerminal, type Terminal } from '../terminal/harness/terminal.ts';

const link = 'https://dkp.example.com/token/landing/team-red';

/** Profiles, a platform used before, and `dkp-auth` on PATH. */
async function machine(t: TestContext): Promise<Home & { readonly bin: string }> {
  const home = await temporaryHome(t);
  for (const [name, cluster] of [
    ['red-prod', 'prod'],
    ['red-lab', 'lab'],
    ['blue', 'blue-edge'],
  ] as const) {
    const server = `https://${name}.example.com`;
    const profile = sampleProfile(name, server, { identityProvider: 'corporate' });
    await claimProfile(home.paths, { ...profile, cluster: { ...profile.cluster, name: cluster } });
  }
  await rememberPortal(home.paths, { loginLink: link, lastUsed: 1 });
  const bin = await pathFolder(home, { 'dkp-auth': `exec '${process.execPath}' '${cli}' "$@"` });
  return { ...home, bin };
}

async function candidates(home: Home, ...words: string[]): Promise<string[]> {
  const ended = await runProgram(['__complete', '--', ...words], { env: home.env });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t')[0] ?? '');
}

describe('what can follow', () => {
  for (const [words, expected] of [
    [['sta'], ['status']],
    [
      ['status', ''],
      ['blue', 'red-lab', 'red-prod'],
    ],
    [
      ['status', 'blue', 'red-'],
      ['red-lab', 'red-prod'],
    ],
    [['logout', '--a'], ['--all']],
    [
      ['login', '--profile', 'red-'],
      ['red-lab', 'red-prod'],
    ],
    [['login', '--profile=red-l'], ['--profile=red-lab']],
    [
      ['login', '--cluster', ''],
      ['blue-edge', 'lab', 'prod'],
    ],
    [['login', '--idp', ''], ['corporate']],
    [['login', '--workspace', ''], ['team-red']],
    [['login', 'https'], [link]],
    [
      ['login', '--method', ''],
      ['1', '2', 'token'],
    ],
    [['login', '--sign-in', 'd'], ['device']],
    [['login', '--ca-file', ''], [':files']],
    [['login', '--timeout', ''], []],
    [
      ['profiles', 're'],
      ['rename', 'remove'],
    ],
    [['profiles', 'rename', 'red-p'], ['red-prod']],
    [['profiles', 'rename', 'red-prod', ''], []],
    [['profiles', 'import', ''], [':files']],
    [['config', 'set', 'cred'], ['credentialStore']],
    [['completion', 'f'], ['fish']],
    [['__c'], []],
    [['nonsense', ''], []],
  ] as const) {
    test(`dkp-auth ${words.join(' ')}|`, async t => {
      const home = await machine(t);
      assert.deepEqual(await candidates(home, ...words), expected);
    });
  }

  test('names that a shell would have to quote are left out, and no escape gets through', async t => {
    const home = await temporaryHome(t);
    for (const [number, cluster] of ['$(touch x)', 'a b', '\u001b]52;c;x\u0007fine'].entries()) {
      const profile = sampleProfile(`p${number}`, `https://p${number}.example.com`);
      await claimProfile(home.paths, { ...profile, cluster: { ...profile.cluster, name: cluster } });
    }
    assert.deepEqual(await candidates(home, 'login', '--cluster', ''), ['fine']);
  });

  test('nothing is told where nothing can be read, and no request is made', async t => {
    const home = await temporaryHome(t);
    assert.deepEqual(await candidates(home, 'status', ''), []);
    assert.deepEqual(await home.files(), []);
  });
});

type ShellSetup = {
  readonly name: 'bash' | 'zsh' | 'fish';
  readonly args: readonly string[];
  readonly load: string;
  readonly prompt: string;
};

const shells: readonly ShellSetup[] = [
  {
    name: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    load: "PS1='ready> '; bind 'set show-all-if-ambiguous on'; source <(dkp-auth completion bash); clear; echo LOADED",
    prompt: 'ready> ',
  },
  {
    name: 'zsh',
    args: ['-f', '-i'],
    load: "PS1='ready> '; autoload -Uz compinit; compinit -u -D; source <(dkp-auth completion zsh); clear; echo LOADED",
    prompt: 'ready> ',
  },
  {
    name: 'fish',
    args: ['--no-config', '-i'],
    load: "function fish_prompt; echo 'ready> '; end; dkp-auth completion fish | source; clear; echo LOADED",
    prompt: 'ready> ',
  },
];

const shellPath = (name: string) => {
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin']) {
    try {
      accessSync(`${folder}/${name}`);
      return `${folder}/${name}`;
    } catch {}
  }
  throw new Error(`There is no ${name}: install it (apt-get install ${name}); .ci/run does.`);
};

async function openShell(t: TestContext, setup: ShellSetup): Promise<Terminal> {
  const home = await machine(t);
  const terminal = openTerminal(t, {
    command: shellPath(setup.name),
    args: setup.args,
    env: { ...home.env, PATH: `${home.bin}:/usr/bin:/bin`, TERM: 'xterm-256color' },
    cwd: home.folder,
    columns: 110,
    rows: 30,
  });
  terminal.send(`${setup.load}\r`);
  await terminal.waitFor(/^LOADED/m);
  await terminal.waitFor(setup.prompt);
  return terminal;
}

for (const setup of shells) {
  describe(`in a real ${setup.name}`, needs(setup.name), () => {
    test('Tab completes a command, then the name of a profile', async t => {
      const terminal = await openShell(t, setup);
      terminal.send('dkp-auth logo\t');
      await terminal.waitFor('dkp-auth logout');
      terminal.send(' b\t');
      await terminal.waitFor(/dkp-auth logout +blue/);
    });

    test('Tab shows what there is when several fit', async t => {
      const terminal = await openShell(t, setup);
      terminal.send('dkp-auth status red-\t\t');
      await terminal.waitFor('red-lab');
      await terminal.waitFor('red-prod');
    });

    test('a value behind =, and a login link with its colon', async t => {
      const terminal = await openShell(t, setup);
      terminal.send('dkp-auth login --profile=bl\t');
      await terminal.waitFor(/--profile=blue/);
      terminal.send(' https:\t');
      await terminal.waitFor(link);
    });

    test('files where a file is wanted', async t => {
      const terminal = await openShell(t, setup);
      terminal.send('dkp-auth login --ca-file conf\t');
      await terminal.waitFor(/--ca-file config\//);
    });
  });
}

test('the text for PowerShell keeps to what that shell has, and to the protocol', async t => {
  const home = await temporaryHome(t);
  const { stdout } = await runProgram(['completion', 'powershell'], { env: home.env });
  assert.match(stdout, /^Register-ArgumentCompleter -Native -CommandName dkp-auth -ScriptBlock \{$/m);
  assert.match(stdout, /param\(\$wordToComplete, \$commandAst, \$cursorPosition\)/);
  assert.match(stdout, /& dkp-auth __complete --dot -- @words/);
  const count = (letter: string) => stdout.split(letter).length;
  for (const [open, close] of [
    ['{', '}'],
    ['(', ')'],
    ['[', ']'],
  ] as const) {
    assert.equal(count(open), count(close), `${open} and ${close}`);
  }
  // What it sends: the last word with a dot.
  const dotted = await runProgram(['__complete', '--dot', '--', 'logo.'], { env: home.env });
  assert.match(dotted.stdout, /^logout\t/);
});

test('a shell that there is nothing for', async t => {
  const home = await temporaryHome(t);
  const ended = await runProgram(['completion', 'tcsh'], { env: home.env });
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /There is for bash, zsh, fish, powershell/);
});
