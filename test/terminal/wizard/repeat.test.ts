import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import type { Demo } from '../../../source/demo/index.ts';
import { type Home, isNoMark, temporaryHome } from '../../helpers/home.ts';
import { cli } from '../../helpers/program.ts';
import {
  endsWith,
  linesUnder,
  openWizard,
  temporaryDemo,
  type Wizard,
} from '../../helpers/wizard-terminal.ts';

/** Runs a command line that the last screen printed, as a person who pastes it into a shell; somebody signs in. */
async function paste(line: string, home: Home, demo: Demo, user: string): Promise<void> {
  const bin = home.path('bin');
  await fs.mkdir(bin, { recursive: true });
  await fs.writeFile(`${bin}/dkp-auth`, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, {
    mode: 0o700,
  });
  const shell = execa('sh', ['-c', `${line} --yes`], {
    env: { ...home.env, PATH: `${bin}:${home.env['PATH']}` },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 20_000,
  });
  const signIns: Promise<unknown>[] = [];
  for await (const text of shell.iterable({ from: 'stderr' })) {
    if (/^https:\/\/\S+$/.test(String(text))) signIns.push(demo.signIn(String(text), demo.user(user)));
  }
  await Promise.all(signIns);
  const { exitCode, stderr } = await shell;
  await fs.rm(bin, { recursive: true });
  assert.equal(exitCode, 0, stderr);
}

/** What a run leaves, but for tokens and the time; the home folder by a name of its own. */
async function left(home: Home): Promise<Record<string, string>> {
  const files = (await home.files()).filter(isNoMark).map(async file => {
    const text = await fs.readFile(home.path(file), 'utf8');
    const shown = file.startsWith('state/credentials/')
      ? 'a credential'
      : text.replaceAll(home.folder, 'HOME');
    return [file, shown.replace(/"lastUsed": \d+/, '"lastUsed": 0')] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

async function finish(wizard: Wizard): Promise<string> {
  await wizard.at('review');
  await wizard.press('enter');
  await endsWith(wizard, 0);
  const [line = ''] = linesUnder(wizard, 'The same again without questions:');
  return line;
}

describe('the command that repeats a run', { concurrency: 3 }, () => {
  test('of Method 1 with two clusters and names of their own leaves the same, byte for byte', async t => {
    const wizard = await openWizard(t, await temporaryDemo(t));
    await wizard.at('provider');
    await wizard.press('enter');
    await wizard.signIn('ada');
    await wizard.at('clusters');
    await wizard.press('down', 'down', 'space', 'down', 'space', 'enter');
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('time');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('ctrl+u');
    wizard.type('the-lab');
    await wizard.press('enter', 'enter');
    const line = await finish(wizard);
    const before = await left(wizard.home);
    await paste(line, wizard.home, wizard.demo, 'ada');
    assert.deepEqual(await left(wizard.home), before);
  });

  test('of Method 2 with every cluster of a workspace, one of which takes its own tokens only, brings the same into another home', async t => {
    const demo = await temporaryDemo(t);
    const link = demo.document.loginLinks.workspaces['team-red'] ?? '';
    const wizard = await openWizard(t, demo, { args: ['login', link, '--ca-file', demo.document.caFile] });
    await wizard.at('provider');
    wizard.type('red');
    await wizard.press('enter');
    await wizard.signIn('rhea');
    await wizard.at('clusters');
    await wizard.press('ctrl+a', 'enter');
    await wizard.at('method');
    await wizard.press('down', 'enter');
    await wizard.at('time');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter', 'enter');
    const line = await finish(wizard);
    const elsewhere = await temporaryHome(t);
    await paste(line, elsewhere, demo, 'rhea');
    assert.deepEqual(await left(elsewhere), await left(wizard.home));
  });

  test('of a certificate that was trusted by choice names its fingerprint', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: [
        'login',
        demo.document.loginLinks.global,
        '--idp',
        'corporate',
        '--cluster',
        'blue-prod',
        '--method',
        '2',
        '--output',
        'here dir',
      ],
    });
    await wizard.at('trust');
    await wizard.press('down', 'enter');
    await wizard.signIn('ada');
    await wizard.at('names');
    await wizard.press('enter');
    const line = await finish(wizard);
    assert.match(line, / --trust ([0-9A-F]{2}:){31}[0-9A-F]{2} /);
    assert.match(line, / --output 'here dir'( |$)/);
    const elsewhere = await temporaryHome(t);
    await paste(`cd "$HOME" && ${line}`, elsewhere, demo, 'ada');
    assert.deepEqual(await left(elsewhere), await left(wizard.home));
  });
});
