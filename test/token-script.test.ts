import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readCredential, writeCredential } from '../source/credentials/credential.ts';
import { doorFile, openDoor } from '../source/credentials/door.ts';
import { dueMarkFile } from '../source/credentials/due-mark.ts';
import { spellingsFile } from '../source/credentials/spellings.ts';
import type { Profile } from '../source/profiles/profile.ts';
import { hasGnuTar } from '../source/system/archiver.ts';
import { processFilesTellTime } from '../source/system/clock.ts';
import { cachedProfile, handedOver, pluginWithoutNode, tokenOf } from './helpers/cached-profile.ts';
import { clientGoSays } from './helpers/client-go.ts';
import { type Home, temporaryHome } from './helpers/home.ts';
import { findProgram, missingShells, type Shell, shells } from './helpers/shells.ts';

const run = promisify(execFile);
const server = 'https://api.example.com:6443';

type Case = {
  readonly home: Home;
  readonly plugin: string;
  readonly prod: Profile;
  readonly file: string;
  readonly now: number;
};
type Call = { readonly args?: string[]; readonly env?: Record<string, string | undefined> };

async function prepared(test: TestContext): Promise<Case> {
  const home = await temporaryHome(test);
  const plugin = await pluginWithoutNode(home);
  const prod = await cachedProfile(home, 'prod', server);
  const file = path.join(home.paths.credentials, 'prod.json');
  return { home, plugin, prod, file, now: Math.floor(Date.now() / 1000) };
}

async function ask(
  shell: Shell,
  { home, plugin, prod }: Case,
  { args = ['--profile', 'prod'], env = {} }: Call = {},
  timeout = 60_000,
) {
  const [program, ...flags] = shell.command;
  const all = { ...home.env, KUBERNETES_EXEC_INFO: clientGoSays(prod), ...env };
  const given = Object.entries(all).filter(entry => entry[1] !== undefined);
  return run(program, [...flags, plugin, ...args], { env: Object.fromEntries(given), timeout });
}

const served = (version = 'v1', name = 'prod') => ({
  apiVersion: `client.authentication.k8s.io/${version}`,
  kind: 'ExecCredential',
  token: tokenOf(name),
});

function answerIn(stdout: string) {
  assert.match(stdout, /^\{.*\}\n$/);
  const { apiVersion, kind, status } = JSON.parse(stdout);
  assert.match(status.expirationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  return { apiVersion, kind, token: status.token };
}

/** Replaces a line of the cached token's file. */
async function editLine({ file }: Case, line: number, edit: (text: string) => string): Promise<void> {
  const lines = (await fs.readFile(file, 'utf8')).split('\n');
  lines[line - 1] = edit(lines[line - 1] ?? '');
  await fs.writeFile(file, lines.join('\n'));
}

/** Writes the credential as Node does, with another time at which it ends. */
async function endToken({ home, prod }: Case, secondsLeft = -10): Promise<void> {
  const credential = await readCredential(home.paths, prod.name);
  if (credential === undefined) throw new Error('it is there');
  const expiresAt = Math.floor(Date.now() / 1000) + secondsLeft;
  const times = { issuedAt: expiresAt - 3600, expiresAt, renewable: true };
  await writeCredential(home.paths, prod.name, { ...credential, ...times });
}

async function holdDoor({ home, prod, now }: Case, pid: number, second = now): Promise<void> {
  const line = `${String(pid).padStart(10)} ${String(second).padStart(11)}\n`;
  await fs.writeFile(doorFile(home.paths, prod.name), line);
}

type Doubt = (given: Case) => Promise<Call | undefined> | Call | undefined;
const says = (prod: Profile, more: Parameters<typeof clientGoSays>[1]): Call => ({
  env: { KUBERNETES_EXEC_INFO: clientGoSays(prod, more) },
});
const rewritten = (prod: Profile, edit: (text: string) => string): Call => ({
  env: { KUBERNETES_EXEC_INFO: edit(clientGoSays(prod)) },
});

const doubts: Record<string, Doubt> = {
  'no arguments': () => ({ args: [] }),
  'no name': () => ({ args: ['--profile'] }),
  'a third argument': () => ({ args: ['--profile', 'prod', '--verbose'] }),
  'another flag': () => ({ args: ['--context', 'prod'] }),
  'an empty name': () => ({ args: ['--profile', ''] }),
  'a name that leads elsewhere': () => ({ args: ['--profile', '../credentials/prod'] }),
  'a name with capitals': () => ({ args: ['--profile', 'Prod'] }),
  'a name with a letter beyond ASCII': () => ({ args: ['--profile', 'pröd'] }),
  'a name that is a pattern': () => ({ args: ['--profile', '*'] }),
  'a name that begins with a dot': () => ({ args: ['--profile', '.prod'] }),
  'a name that ends with a hyphen': () => ({ args: ['--profile', 'prod-'] }),
  'a name with a newline': () => ({ args: ['--profile', 'prod\n'] }),
  'a profile that there is none of': () => ({ args: ['--profile', 'stage'] }),
  'no exec info': () => ({ env: { KUBERNETES_EXEC_INFO: undefined } }),
  'an empty exec info': () => ({ env: { KUBERNETES_EXEC_INFO: '' } }),
  'exec info that is no JSON': () => ({ env: { KUBERNETES_EXEC_INFO: '{' } }),
  'exec info cut short': ({ prod }) => rewritten(prod, text => text.slice(0, -3)),
  'exec info with something behind it': ({ prod }) => rewritten(prod, text => `${text}{}`),
  'exec info with a second line': ({ prod }) => rewritten(prod, text => `${text}\n`),
  'exec info with a space in it': ({ prod }) => rewritten(prod, text => text.replace(':{', ': {')),
  'another version': ({ prod }) => rewritten(prod, text => text.replace('k8s.io/v1', 'k8s.io/v1alpha1')),
  'another kind': ({ prod }) => rewritten(prod, text => text.replace('ExecCredential', 'Pod')),
  'no cluster': ({ prod }) => rewritten(prod, text => text.replace(/"cluster":\{.*\},/, '')),
  'another server': ({ prod }) => says(prod, { cluster: { server: 'https://other.example.com' } }),
  'another port': ({ prod }) => says(prod, { cluster: { server: 'https://api.example.com:6444' } }),
  'a path behind the server': ({ prod }) => says(prod, { cluster: { server: `${server}/x` } }),
  'the server as a pattern': ({ prod }) => says(prod, { cluster: { server: 'https://*' } }),
  'a pattern for the whole cluster': ({ prod }) =>
    rewritten(prod, text => text.replace(/"cluster":\{.*\},"inter/, '"cluster":{*},"inter')),
  'another authority': ({ prod }) => says(prod, { cluster: { 'certificate-authority-data': 'AAAA' } }),
  'no authority': ({ prod }) => says(prod, { cluster: { 'certificate-authority-data': undefined } }),
  'a name for the certificate': ({ prod }) => says(prod, { cluster: { 'tls-server-name': 'evil.example' } }),
  'unchecked certificates': ({ prod }) => says(prod, { cluster: { 'insecure-skip-tls-verify': true } }),
  'two clusters': ({ prod }) =>
    rewritten(prod, text => text.replace('"cluster":', '"cluster":{"server":"https://evil"},"cluster":')),
  'no HOME, and no folder named': () => ({
    env: { HOME: undefined, DKP_AUTH_STATE_DIR: undefined, DKP_AUTH_CONFIG_DIR: undefined },
  }),
  'a HOME and folders that are not absolute': () => ({
    env: { HOME: 'home', DKP_AUTH_STATE_DIR: 'state', XDG_STATE_HOME: 'state' },
  }),
  'another state folder': ({ home }) => ({ env: { DKP_AUTH_STATE_DIR: home.path('elsewhere') } }),
  'another folder for profiles': ({ home }) => ({ env: { DKP_AUTH_CONFIG_DIR: home.path('elsewhere') } }),
  'no cached token': async ({ file }) => void (await fs.rm(file)),
  'no profile': async ({ home }) => void (await fs.rm(path.join(home.paths.profiles, 'prod.json'))),
  'a profile newer than the token': async ({ home, now }) =>
    void (await fs.utimes(path.join(home.paths.profiles, 'prod.json'), now + 10, now + 10)),
  'an empty file': async ({ file }) => void (await fs.writeFile(file, '')),
  'a file cut short': async ({ file }) => void (await fs.truncate(file, 900)),
  'binary rubbish': async ({ file }) => void (await fs.writeFile(file, Buffer.from([0, 10, 255, 10, 0]))),
  'a file with a line more': async ({ file }) => void (await fs.appendFile(file, '}\n')),
  'a file of another layout': async ({ file }) =>
    void (await fs.writeFile(file, JSON.stringify(JSON.parse(await fs.readFile(file, 'utf8'))))),
  "another profile's file": async ({ home, file }) => {
    await cachedProfile(home, 'lab', server);
    await fs.copyFile(path.join(home.paths.credentials, 'lab.json'), file);
    return undefined;
  },
  'a file of another version': async given =>
    void (await editLine(given, 1, text => text.replace('"version":1', '"version":2'))),
  'no time from which it is good': async given => void (await editLine(given, 2, () => 'now')),
  'a token from the future': async given => void (await editLine(given, 2, () => `${given.now + 100}`)),
  'a token that is due': async given => void (await editLine(given, 4, () => `${given.now - 1}`)),
  'a token that is due now': async given => void (await editLine(given, 4, () => `${given.now}`)),
  'no time at which it is due': async given => void (await editLine(given, 4, () => '')),
  'a time that is a sum': async given => void (await editLine(given, 4, () => '9999999999+1')),
  'a time that is a command': async given => void (await editLine(given, 4, () => '$(echo 9999999999)')),
  'a token with an escape sequence in it': async given =>
    void (await editLine(given, 6, text => text.replace('.c2ln', '.c2\u001b[2Jln'))),
  'a token with a tab in it': async given =>
    void (await editLine(given, 6, text => text.replace('.c2ln', '.c2\tln'))),
  'an expiry with an escape sequence in it': async given =>
    void (await editLine(given, 6, text => text.replace(/T..:/, 'T\u001b[:'))),
  'a token that is none': async given =>
    void (await editLine(given, 6, text => text.replace(/"token":"[^"]*"/, '"token":"secret"'))),
  'a time with an octal look': async given => void (await editLine(given, 4, () => '09999999999')),
  'a time too large to count with': async given => void (await editLine(given, 4, () => '9'.repeat(30))),
  'an answer that is none': async given => void (await editLine(given, 6, () => '"token":"a.b.c"')),
  'an answer with a quote in the token': async given =>
    void (await editLine(given, 6, text => text.replace(/"$/, '","x":"y"'))),
  'an answer with a backslash in the token': async given =>
    void (await editLine(given, 6, text => text.replace(/"$/, '\\""'))),
  'a token with a comma in it': async given =>
    void (await editLine(given, 6, text => text.replace('.c2ln', ',x.c2ln'))),
  'a token with a colon in it': async given =>
    void (await editLine(given, 6, text => text.replace('.c2ln', ':x.c2ln'))),
  'an answer that does not end': async given => void (await editLine(given, 6, text => text.slice(0, -1))),
  'no bound cluster': async given => void (await editLine(given, 8, () => 'null')),
  'a bound cluster that is a pattern': async given => void (await editLine(given, 8, () => '{*}')),
  'a frame that is damaged': async given => void (await editLine(given, 7, () => ',"clusters":')),
  'a link in its place': async ({ home, file }) => {
    await fs.rename(file, home.path('elsewhere'));
    await fs.symlink(home.path('elsewhere'), file);
    return undefined;
  },
  'a second name for the file': async ({ home, file }) => void (await fs.link(file, home.path('second'))),
  'a second name for the file, and spellings': async ({ home, file, prod }) => {
    await fs.link(file, home.path('second'));
    const bound = (await fs.readFile(file, 'utf8')).split('\n')[7];
    await fs.writeFile(spellingsFile(home.paths, prod.name), `${bound}\n${bound}\n`, { mode: 0o600 });
    return undefined;
  },
  'a file for everybody that says it is an archive': async ({ home, file, prod }) => {
    const text = await fs.readFile(file, 'utf8');
    const mark = (await fs.readFile(dueMarkFile(home.paths, prod.name), 'utf8').catch(() => '')).trim();
    const member = (name: string, mode: string, kind: string) => `${name}${mode}000000 ${kind}ustar  `;
    const header = [
      member('./', '0000700', '5'),
      member('credentials/', '0000700', '5'),
      member('callers/', '0000700', '5'),
      member('credentials/prod.json', '0000600', '0'),
    ].join('');
    await fs.writeFile(file, `not due: ${mark}\narchive\n${header}${text}`);
    await fs.chmod(file, 0o644);
    return undefined;
  },
  'a file for everybody that holds the header of another': async given => {
    const member = ' 5ustar  credentials/prod.json0000600 0ustar  ';
    await editLine(given, 1, text => text.replace(/"subject":"[^"]*"/, `"subject":"${member}{}"`));
    await fs.chmod(given.file, 0o644);
    return undefined;
  },
  'a FIFO in its place': async ({ file }) => {
    await fs.rm(file);
    execFileSync('mkfifo', ['-m', '600', file]);
    return undefined;
  },
  'a folder in its place': async ({ file }) => {
    await fs.rm(file);
    await fs.mkdir(file, 0o700);
    return undefined;
  },
  'spellings that were of another bound cluster': async ({ home, prod }) => {
    const call = says(prod, { cluster: { server: 'https://other.example.com' } });
    const text = /"cluster":(.*),"interactive/.exec(call.env?.['KUBERNETES_EXEC_INFO'] ?? '')?.[1];
    await fs.writeFile(spellingsFile(home.paths, prod.name), `{"server":"https://else"}\n${text}\n`, {
      mode: 0o600,
    });
    return call;
  },
  'spellings without the bound cluster': async ({ home, prod }) => {
    const call = says(prod, { cluster: { server: 'https://other.example.com' } });
    const text = /"cluster":(.*),"interactive/.exec(call.env?.['KUBERNETES_EXEC_INFO'] ?? '')?.[1];
    await fs.writeFile(spellingsFile(home.paths, prod.name), `${text}\n${text}\n`, { mode: 0o600 });
    return call;
  },
};
for (const mode of [0o400, 0o604, 0o640, 0o644, 0o660, 0o700, 0o2600]) {
  doubts[`a file of mode ${mode.toString(8)}`] = async ({ file }) => void (await fs.chmod(file, mode));
}
/** A token that is over, and could be renewed; somebody is at it. */
async function awaited(given: Case, secondsLeft = -10): Promise<void> {
  await endToken(given, secondsLeft);
  await holdDoor(given, process.pid);
}
/** Before a door that nobody opens the script waits for ten seconds. */
const shorterThanAWaitMs = 8000;
const doubtsAtTheDoor: Record<string, Doubt> = {
  'nobody is at the door': async given => void (await endToken(given)),
  'the one at the door is gone': async given => {
    await endToken(given);
    const child = spawn('true');
    await once(child, 'exit');
    await holdDoor(given, child.pid ?? 0);
    return undefined;
  },
  'a door of long ago': async given => {
    await endToken(given);
    await holdDoor(given, process.pid, given.now - 11);
    return undefined;
  },
  'a door of a time to come': async given => {
    await endToken(given);
    await holdDoor(given, process.pid, given.now + 100);
    return undefined;
  },
  'a token that is only due': async given => void (await awaited(given, 100)),
  'another server': async given => {
    await awaited(given);
    return says(given.prod, { cluster: { server: 'https://other.example.com' } });
  },
  'a token that takes the person': async given => {
    await awaited(given);
    await editLine(given, 1, text => text.replace('"renewable":true', '"renewable":false'));
    return undefined;
  },
  'an end that is no number': async given => {
    await awaited(given);
    await editLine(given, 1, text => text.replace(/"expiresAt":\d+/, '"expiresAt":1e3'));
    return undefined;
  },
  'a token that is damaged': async given => {
    await awaited(given);
    await editLine(given, 6, text => text.slice(0, -1));
    return undefined;
  },
  'a call below the plugin itself': async given => {
    await awaited(given);
    return { env: { DKP_AUTH_TOKEN_CALL: '{}' } };
  },
};
for (const [what, content] of [
  ['nothing', ''],
  ['no number', 'me now\n'],
  ['a command', '$(kill 1) $(echo 1)\n'],
  ['no process', '0 1\n'],
  ['every process', '-1 1\n'],
  ['half a line', String(process.pid)],
] as const) {
  doubtsAtTheDoor[`a door that names ${what}`] = async given => {
    await endToken(given);
    await fs.writeFile(doorFile(given.home.paths, given.prod.name), content);
    return undefined;
  };
}
const unusable: Record<string, (door: string) => Promise<void> | void> = {
  'a folder as a door': door => fs.mkdir(door),
  'a FIFO as a door': door => void execFileSync('mkfifo', [door]),
  'no folder for the door': door => fs.rm(path.dirname(door), { recursive: true }),
  'a folder that takes no door': async door => {
    await fs.rm(path.dirname(door), { recursive: true });
    await fs.writeFile(path.dirname(door), '');
  },
};
for (const [what, put] of Object.entries(unusable)) {
  doubtsAtTheDoor[what] = async given => {
    await endToken(given);
    await put(doorFile(given.home.paths, given.prod.name));
    return undefined;
  };
}

for (const folder of ['state', 'credentials', 'callers'] as const) {
  for (const mode of [0o720, 0o702, 0o1777]) {
    doubts[`${folder} of mode ${mode.toString(8)}`] = async ({ home }) =>
      void (await fs.chmod(home.paths[folder], mode));
  }
}
const anotherUser = 12_345;
if (process.getuid?.() === 0) {
  doubts['a file of another user'] = async ({ file }) =>
    void (await fs.chown(file, anotherUser, anotherUser));
  for (const folder of ['state', 'credentials'] as const) {
    doubts[`${folder} of another user`] = async ({ home }) =>
      void (await fs.chown(home.paths[folder], anotherUser, anotherUser));
  }
}

/** What makes it doubtful who has said which Node to start. */
const strangeNodes: Record<string, (given: Case) => Promise<void>> = {
  'a link in its place': async ({ home }) => {
    await fs.rename(home.paths.node, home.path('elsewhere'));
    await fs.symlink(home.path('elsewhere'), home.paths.node);
  },
  'a folder in its place': async ({ home }) => {
    await fs.rm(home.paths.node);
    await fs.mkdir(home.paths.node);
  },
  'a path that is not absolute': async ({ home }) => {
    const node = (await fs.readFile(home.paths.node, 'utf8')).trim();
    await fs.writeFile(home.paths.node, `${path.relative(process.cwd(), node)}\n`);
  },
  'a file that the group may write': ({ home }) => fs.chmod(home.paths.node, 0o620),
  'a file that everybody may write': ({ home }) => fs.chmod(home.paths.node, 0o602),
  'a folder that the group may write': ({ home }) => fs.chmod(home.paths.state, 0o770),
  'a folder that everybody may write': ({ home }) => fs.chmod(home.paths.state, 0o707),
};
if (process.getuid?.() === 0) {
  strangeNodes["another user's file"] = ({ home }) => fs.chown(home.paths.node, anotherUser, anotherUser);
  strangeNodes["another user's folder"] = ({ home }) => fs.chown(home.paths.state, anotherUser, anotherUser);
}

/** It reads no archive, and has the time told. */
const keepsZeros = 'zsh as sh';
const marksAreLeft = processFilesTellTime() && hasGnuTar();

const shellcheck = findProgram('shellcheck');

it("is tried in every shell, and by shellcheck, where all are there: CI's machines have them", () => {
  assert.ok(shells.length > 0);
  if (process.env['CI']) assert.deepEqual([missingShells, shellcheck === undefined], [[], false]);
});

it('has nothing for shellcheck to find', {
  skip: shellcheck === undefined && 'it is not installed',
}, async () => {
  const script = path.join(import.meta.dirname, '..', 'source', 'token.sh');
  assert.equal((await run(shellcheck ?? '', [script])).stdout, '');
});

for (const shell of shells) {
  describe(`the plugin's script in ${shell.name}`, { concurrency: 4 }, () => {
    for (const version of ['v1', 'v1beta1'] as const) {
      for (const interactive of [true, false]) {
        it(`serves the cached token to client-go: ${version}, interactive ${interactive}`, async t => {
          const given = await prepared(t);
          const { stdout, stderr } = await ask(shell, given, says(given.prod, { version, interactive }));
          assert.deepEqual(answerIn(stdout), served(version));
          assert.equal(stderr, '');
        });
      }
    }

    for (const isMarked of [true, false]) {
      for (const [what, doubt] of Object.entries(doubts)) {
        it(`leaves to Node: ${what}${isMarked ? '' : ', without a mark'}`, async t => {
          const given = await prepared(t);
          if (!isMarked) await fs.rm(dueMarkFile(given.home.paths, given.prod.name), { force: true });
          const call = (await doubt(given)) ?? {};
          const args = call.args ?? ['--profile', 'prod'];
          // Whoever changes HOME or the folders has no remembered Node there.
          const PATH = `${path.dirname(given.plugin)}:${given.home.env['PATH']}`;
          const { stdout } = await ask(shell, given, { ...call, env: { PATH, ...call.env } });
          const cli = path.join(path.dirname(given.plugin), 'cli.js');
          assert.equal(stdout, `${[handedOver, cli, 'token', ...args].join(' ')}\n`);
        });
      }
    }

    for (const [what, doubt] of Object.entries(doubtsAtTheDoor)) {
      it(`goes to Node at once for a token that is over: ${what}`, async t => {
        const given = await prepared(t);
        const call = (await doubt(given)) ?? {};
        const { stdout, stderr } = await ask(shell, given, call, shorterThanAWaitMs);
        assert.ok(stdout.startsWith(handedOver), stdout);
        assert.equal(stderr, '');
      });
    }

    it('waits for the one at the door, and serves what it got', async t => {
      const given = await prepared(t);
      await awaited(given);
      const asked = ask(shell, given);
      await wait(300);
      await endToken(given, 3000);
      await openDoor(given.home.paths, given.prod.name);
      const { stdout, stderr } = await asked;
      assert.deepEqual([answerIn(stdout), stderr], [served(), '']);
    });

    it('goes to Node when the one at the door got nothing', async t => {
      const given = await prepared(t);
      await awaited(given);
      const asked = ask(shell, given, {}, shorterThanAWaitMs);
      await wait(300);
      await openDoor(given.home.paths, given.prod.name);
      assert.ok((await asked).stdout.startsWith(handedOver));
    });

    it('goes to Node when the one at the door is killed, one after the other or not', async t => {
      const given = await prepared(t);
      await endToken(given);
      const holder = spawn('sleep', ['60']);
      await holdDoor(given, holder.pid ?? 0);
      const asked = Array.from({ length: 5 }, () => ask(shell, given, {}, shorterThanAWaitMs));
      await wait(300);
      holder.kill('SIGKILL');
      for (const { stdout } of await Promise.all(asked)) assert.ok(stdout.startsWith(handedOver), stdout);
    });

    it('does not take a door that somebody left behind for one that is held', async t => {
      const given = await prepared(t);
      await holdDoor(given, process.pid);
      const door = doorFile(given.home.paths, given.prod.name);
      // Before the token was stored, and after it.
      for (const time of [given.now - 5, given.now + 5]) {
        await fs.utimes(door, time, time);
        await fs.rm(path.join(given.home.paths.callers, `prod.${process.pid % 64}`), { force: true });
        assert.deepEqual(answerIn((await ask(shell, given, {}, shorterThanAWaitMs)).stdout), served());
      }
    });

    it('sends one of many to Node, and serves the others what that one gets', async t => {
      const given = await prepared(t);
      const { home, prod, plugin, file } = given;
      await endToken(given, 3000);
      const next = home.path('next');
      await fs.copyFile(file, next);
      await endToken(given);
      const door = doorFile(home.paths, prod.name);
      const lines = ['#!/bin/sh', 'sleep 1', `mv '${next}' '${file}' 2>/dev/null`, `rm -f '${door}'`];
      lines.push(`echo '${handedOver}'`, '');
      await fs.writeFile(path.join(path.dirname(plugin), 'node'), lines.join('\n'));
      // Each has a parent of its own: one parent that asks twice is another matter.
      const parent: Shell = { ...shell, command: ['sh', '-c', '"$@"; exit $?', 'sh', ...shell.command] };
      const ended = await Promise.all(Array.from({ length: 20 }, () => ask(parent, given)));
      const others = ended.filter(({ stdout }) => !stdout.startsWith(handedOver));
      for (const { stdout } of others) assert.deepEqual(answerIn(stdout), served());
      // Two that look in the same microsecond may both go.
      assert.ok(others.length >= 17 && others.length < 20, `${others.length} were served`);
    });

    it('serves a way to write the bound cluster that Node has accepted, and only those', async t => {
      const given = await prepared(t);
      const { home, prod } = given;
      const other = says(prod, { cluster: { server: 'HTTPS://API.example.com:6443' } });
      const textOf = (call: Call) =>
        /"cluster":(.*),"interactive/.exec(call.env?.['KUBERNETES_EXEC_INFO'] ?? '')?.[1];
      const lines = [textOf(says(prod, {})), '{"server":"https://x"}', textOf(other)];
      await fs.writeFile(spellingsFile(home.paths, prod.name), `${lines.join('\n')}\n`, { mode: 0o600 });
      assert.deepEqual(answerIn((await ask(shell, given, other)).stdout), served());
      const wild = says(prod, { cluster: { server: 'HTTPS://*' } });
      assert.ok((await ask(shell, given, wild)).stdout.startsWith(handedOver));
    });

    it('leaves to Node who asks a second time within seconds', async t => {
      const given = await prepared(t);
      const { home } = given;
      assert.deepEqual(answerIn((await ask(shell, given)).stdout), served());
      const trace = path.join(home.paths.callers, `prod.${process.pid % 64}`);
      assert.equal(await fs.readFile(trace, 'utf8'), `${String(process.pid).padStart(10)}\n`);
      assert.equal(await home.mode('state', 'callers', path.basename(trace)), '600');
      assert.ok((await ask(shell, given)).stdout.startsWith(handedOver));
      for (const [parent, secondsAgo, answered] of [
        [process.pid, 300, true],
        [process.pid, 11, false],
        [process.pid, -1000, false],
        [process.pid + 64, 0, true],
        ['', 0, true],
      ] as const) {
        await fs.writeFile(trace, `${parent}\n`);
        const then = Math.floor(Date.now() / 1000) - secondsAgo;
        await fs.utimes(trace, then, then);
        const { stdout, stderr } = await ask(shell, given);
        assert.equal(stdout.startsWith(handedOver), !answered, `${parent}, ${secondsAgo} seconds ago`);
        assert.equal(stderr, '');
      }
    });

    for (const [what, put] of Object.entries(strangeNodes)) {
      it(`does not take the word of ${what} on which Node to start`, async t => {
        const given = await prepared(t);
        const PATH = await fs.mkdtemp(given.home.path('path-'));
        await fs.writeFile(path.join(PATH, 'node'), '#!/bin/sh\necho the one on the PATH\n', { mode: 0o755 });
        await put(given);
        const { stdout } = await ask(shell, given, { args: [], env: { PATH: `${PATH}:/usr/bin:/bin` } });
        assert.equal(stdout, 'the one on the PATH\n');
      });
    }

    it('follows a link to a state folder of this user', async t => {
      const given = await prepared(t);
      const { state } = given.home.paths;
      await fs.rename(state, given.home.path('moved'));
      await fs.symlink(given.home.path('moved'), state);
      assert.deepEqual(answerIn((await ask(shell, given)).stdout), served());
    });

    it('is told by its mark that a token is not due yet, without any other clock', {
      skip: !marksAreLeft && 'this system has no such files of processes, or another tar',
    }, async t => {
      const given = await prepared(t);
      const from = given.now - 200;
      await editLine(given, 2, () => `${from}`);
      await editLine(given, 4, () => `${given.now - 1}`);
      await fs.utimes(given.file, given.now - 100, given.now - 100);
      await fs.utimes(path.join(given.home.paths.profiles, 'prod.json'), from, from);
      const mark = dueMarkFile(given.home.paths, given.prod.name);
      const outcomes: [content: string, secondsAhead: number, served: boolean][] = [
        // By every other clock it is due: only the mark can say that it is not.
        [`${from} ${given.now - 1}\n`, 1000, true],
        [`${from} ${given.now - 1}\n`, -2, false],
        [`${from} ${given.now + 1000}\n`, 1000, false],
        [`${from - 1} ${given.now - 1}\n`, 1000, false],
        [`${from}\n`, 1000, false],
        ['', 1000, false],
      ];
      for (const [content, secondsAhead, isServed] of outcomes) {
        await fs.rm(given.home.paths.callers, { recursive: true });
        await fs.mkdir(given.home.paths.callers, { mode: 0o700 });
        await fs.writeFile(mark, content);
        await fs.utimes(mark, given.now + secondsAhead, given.now + secondsAhead);
        const { stdout } = await ask(shell, given);
        const expected = isServed && shell.name !== keepsZeros;
        assert.equal(!stdout.startsWith(handedOver), expected, `${content}, ${secondsAhead} s ahead`);
      }
      // A clock that was set back to before the token was stored: what it says is compared with more than the mark.
      await fs.rm(given.home.paths.callers, { recursive: true });
      await fs.mkdir(given.home.paths.callers, { mode: 0o700 });
      await fs.writeFile(mark, `${from} ${given.now - 1}\n`);
      await fs.utimes(mark, given.now + 1000, given.now + 1000);
      await fs.utimes(given.file, given.now + 100, given.now + 100);
      assert.ok((await ask(shell, given)).stdout.startsWith(handedOver));
    });

    it('serves in spite of what the environment asks of tar', async t => {
      const given = await prepared(t);
      const env = { TAR_OPTIONS: '--checkpoint=1 --checkpoint-action=exec=touch\\ mark', TAPE: 'mark' };
      const { stdout, stderr } = await ask(shell, given, { env });
      assert.deepEqual([answerIn(stdout), stderr], [served(), '']);
      assert.deepEqual(
        (await given.home.files()).filter(file => file.endsWith('mark')),
        [],
      );
    });

    it('has the time told where there is no mark', async t => {
      const given = await prepared(t);
      await fs.rm(dueMarkFile(given.home.paths, given.prod.name), { force: true });
      assert.deepEqual(answerIn((await ask(shell, given)).stdout), served());
      await editLine(given, 4, () => `${given.now - 1}`);
      assert.ok((await ask(shell, given)).stdout.startsWith(handedOver));
    });

    it('serves a token that is due while another one is on its way, and not long after', async t => {
      const given = await prepared(t);
      const { home } = given;
      const started = path.join(home.paths.state, 'flights', 'prod.started');
      await fs.mkdir(path.dirname(started), { mode: 0o700 });
      await fs.writeFile(started, '');
      for (const [secondsLeft, secondsAgo, isServed] of [
        [300, 5, true],
        [300, 200, false],
        [20, 5, false],
      ] as const) {
        await endToken(given, secondsLeft);
        await fs.utimes(started, given.now - secondsAgo, given.now - secondsAgo);
        await fs.rm(path.join(home.paths.callers, `prod.${process.pid % 64}`), { force: true });
        await fs.rm(doorFile(home.paths, given.prod.name), { force: true });
        const { stdout } = await ask(shell, given);
        assert.equal(!stdout.startsWith(handedOver), isServed, `${secondsLeft} s left, ${secondsAgo} s ago`);
      }
    });

    it('serves also where it cannot leave word of it', async t => {
      const given = await prepared(t);
      const { callers } = given.home.paths;
      await fs.rm(callers, { recursive: true });
      const none = await ask(shell, given);
      assert.deepEqual([answerIn(none.stdout), none.stderr], [served(), '']);
      await fs.writeFile(callers, '');
      const file = await ask(shell, given);
      assert.deepEqual([answerIn(file.stdout), file.stderr], [served(), '']);
    });

    it('serves from a home whose path means something to a shell', async t => {
      const home = await temporaryHome(t);
      const folder = home.path(`it's "a" $(touch x) \`touch y\` [z]* \\ ⎈`);
      const env = { HOME: folder, PATH: home.env['PATH'] ?? '' };
      const { pathsOf } = await import('../source/system/paths.ts');
      const inside = { ...home, env, folder, paths: pathsOf(env) };
      await fs.mkdir(folder);
      const plugin = await pluginWithoutNode(inside);
      const prod = await cachedProfile(inside, 'prod', server);
      const given = { home: inside, plugin, prod, file: '', now: 0 };
      assert.deepEqual(answerIn((await ask(shell, given)).stdout), served());
      assert.deepEqual((await fs.readdir(home.folder)).sort(), [path.basename(folder)]);
    });
  });
}
