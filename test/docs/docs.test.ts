import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { defineProgram } from '../../source/commands/program.ts';
import { takeDebugFlags } from '../../source/debug-flags.ts';
import { type ErrorCode, errorCodes, UserError } from '../../source/errors.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import { settingKeys } from '../../source/settings/schema.ts';
import { temporaryHome } from '../helpers/home.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { runProgram } from '../helpers/program.ts';
import { fakeStreams } from '../helpers/streams.ts';
import { commandsIn, documents, root, type ShownCommand } from './commands.ts';

const read = (file: string) => fs.readFile(path.join(root, file), 'utf8');

describe('docs/troubleshooting.md', () => {
  test('every code that the program can print has its section, with its exit code, and no other has', async () => {
    const text = await read('docs/troubleshooting.md');
    const sections = [...text.matchAll(/^### `([A-Z_]+)` \((\d+)\)\n\n(.+)/gm)];
    const told = sections.map(([, code, exit]) => `${code} ${exit}`).sort();
    const codes = errorCodes.map(code => `${code} ${new UserError(code as ErrorCode, '').exitCode}`).sort();
    assert.deepEqual(told, codes);
    for (const [, code, , body = ''] of sections) assert.ok(body.length > 40, `${code} says too little`);
  });
});

/** Parses with the program's own definitions, and runs nothing. */
function assertUnderstood({ file, line, words }: ShownCommand): void {
  const program = defineProgram(fakeStreams().streams, new AbortController().signal);
  const leaves = (command: Command): Command[] => [command, ...command.commands.flatMap(leaves)];
  for (const command of leaves(program))
    if (command.commands.length === 0 || command.parent === null) command.action(() => undefined);
  try {
    program.parse([...takeDebugFlags(words, {}).args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    throw new Error(`${file}:${line}: dkp-auth ${words.join(' ')}: ${String(error)}`);
  }
}

describe('commands in the documents', () => {
  test('all of them are understood', async () => {
    let count = 0;
    for (const file of await documents()) {
      for (const command of await commandsIn(file)) {
        assertUnderstood(command);
        count += 1;
      }
    }
    assert.ok(count > 30, `only ${count} were found`);
  });

  test('one that is not would be noticed', () => {
    const words = ['status', '--colour', 'red'];
    assert.throws(() => assertUnderstood({ file: 'x.md', line: 1, words }), /x\.md:1: .*unknown option/);
    assert.throws(
      () => assertUnderstood({ file: 'x.md', line: 1, words: ['profiles', 'burn'] }),
      /unknown command/,
    );
  });

  test('settings that are named there exist', async () => {
    for (const file of await documents()) {
      for (const { words } of await commandsIn(file)) {
        if (words[0] !== 'config' || !/^(get|set|unset)$/.test(words[1] ?? '')) continue;
        assert.ok(
          settingKeys.some(key => key === words[2]),
          `${file}: ${words.join(' ')}`,
        );
      }
    }
  });

  test('links between documents lead somewhere', async () => {
    for (const file of await documents()) {
      for (const [, target = ''] of (await read(file)).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        await fs.access(path.join(root, path.dirname(file), target));
      }
    }
  });
});

describe('docs/json.md', () => {
  /** Names of fields in a document, of all depths. */
  const fieldsOf = (value: unknown): string[] =>
    Array.isArray(value)
      ? value.flatMap(fieldsOf)
      : typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([name, field]) => [name, ...fieldsOf(field)])
        : [];

  for (const command of [
    'status --json',
    'doctor --json',
    'config list --json',
    'profiles list --json',
    'profiles rename --json',
    'profiles remove --json',
    'profiles import --json',
    'logout --json',
  ]) {
    test(`describes every field of dkp-auth ${command}`, async t => {
      const home = await temporaryHome(t);
      const profile = sampleProfile('prod', 'https://127.0.0.1:9', {
        kubeconfigs: [home.path('kube', 'prod.yaml')],
      });
      await claimProfile(home.paths, {
        ...profile,
        portal: { loginLink: 'https://127.0.0.1:9/token/landing/' },
      });
      await fs.mkdir(home.path('kube'));
      await fs.writeFile(home.path('kube', 'prod.yaml'), exampleKubeconfig);
      const more: Readonly<Record<string, readonly string[]>> = {
        'profiles rename --json': ['prod', 'other'],
        'profiles remove --json': ['prod', '--yes'],
        'profiles import --json': [home.path('kube', 'prod.yaml')],
        'logout --json': ['prod'],
      };
      const words = [...command.split(' '), ...(more[command] ?? [])];
      const { stdout } = await runProgram(words, { env: home.env });
      const text = await read('docs/json.md');
      const section = text.split(/^## /m).find(part => part.startsWith(`\`dkp-auth ${command}\``)) ?? '';
      const fields = [...new Set(fieldsOf(JSON.parse(stdout)))];
      assert.ok(fields.length > 2, stdout);
      for (const field of fields)
        assert.ok(section.includes(`\`${field}\``), `${command}: ${field} is not described`);
    });
  }
});

const exampleKubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: prod, cluster: {server: 'https://127.0.0.1:9'}}
- {name: theirs, cluster: {server: 'https://theirs.example.com'}}
contexts:
- {name: prod, context: {cluster: prod, user: prod}}
- {name: theirs, context: {cluster: theirs, user: theirs}}
- {name: odd, context: {cluster: nowhere, user: theirs}}
users:
- {name: prod, user: {exec: {command: dkp-auth-token, args: [--profile, prod]}}}
- name: theirs
  user:
    exec:
      command: kubelogin
      args: [get-token, --oidc-issuer-url=https://dex.example.com, --oidc-client-id=x]
`;
