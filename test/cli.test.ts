import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';

const cli = path.join(import.meta.dirname, '..', 'dist', 'cli.js');
const run = (args: string[], nodeArgs: string[] = []) =>
  execa(process.execPath, [...nodeArgs, cli, ...args], { reject: false, stdin: 'ignore', timeout: 20_000 });

test('under a Node older than 22 the executable says so in one line and fails', async () => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.0'})";
  const result = await run(['--version'], ['--import', pretend]);
  assert.equal(result.exitCode, 1);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^dkp-auth needs Node\.js 22 or newer; this is v[\d.]+\.$/);
});

test('tells its version and its help on stdout', async () => {
  const version = await run(['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+$/);
  const help = await run(['--help']);
  assert.equal(help.exitCode, 0);
  assert.match(help.stdout, /Exit codes: 0 done, 1 failed, 2 wrong usage/);
  for (const command of ['login', 'token', 'demo'])
    assert.match(help.stdout, new RegExp(`\\n {2}${command}`));
});

test('an unknown command or flag is wrong usage, named, with nothing on stdout', async () => {
  for (const args of [['logn'], ['login', '--clutser', 'x']]) {
    const result = await run(args);
    assert.equal(result.exitCode, 2, args.join(' '));
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^dkp-auth: /);
    assert.match(result.stderr, new RegExp(args.at(-2) === '--clutser' ? 'clutser' : 'logn'));
  }
});

test('without a terminal and without a command it names the flags that are missing', async () => {
  const result = await run([]);
  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /LOGIN-LINK/);
});

test('an error is one JSON document on stdout when --json is given', async () => {
  const result = await run(['login', 'http://dkp.example.com', '--json']);
  assert.equal(result.exitCode, 2);
  const document = JSON.parse(result.stdout) as { error: { code: string; hint: string } };
  assert.equal(document.error.code, 'LINK_INVALID');
  assert.match(document.error.hint, /https:\/\/dkp\.example\.com/);
});
