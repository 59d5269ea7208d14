import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { claimProfile } from '../../source/profiles/registry.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { cli, jsonOf, runProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

const kubeconfig = `# mine
current-context: red   # today
contexts:
- {name: red, context: {cluster: red, user: red}}
- {name: blue, context: {cluster: blue, user: blue}}
users:
- {name: red, user: {exec: {command: dkp-auth, args: [--profile, red]}}}
- {name: blue, user: {exec: {command: dkp-auth, args: [--profile, blue]}}}
`;

/** Two profiles in one file, and a third in a file of its own. */
async function setUp(t: TestContext) {
  const home = await temporaryHome(t);
  const file = home.path('both.yaml');
  const own = home.path('green.yaml');
  await fs.writeFile(file, kubeconfig, { mode: 0o600 });
  await fs.writeFile(own, kubeconfig.replaceAll('red', 'green').replace(/^.*blue.*\n/gm, ''), {
    mode: 0o600,
  });
  for (const name of ['red', 'blue', 'green']) {
    const kubeconfigs = [name === 'green' ? own : file];
    await claimProfile(home.paths, sampleProfile(name, `https://${name}.example.com`, { kubeconfigs }));
  }
  const use = (args: readonly string[], env: Record<string, string> = {}) =>
    runProgram(['use', ...args], { env: { ...home.env, ...env } });
  return { home, file, own, use };
}

describe('dkp-auth use', { concurrency: true }, () => {
  it('prints what the shell has to read, and tells the rest on stderr', async t => {
    const { own, use } = await setUp(t);
    const { code, stdout, stderr } = await use(['green'], { SHELL: '/bin/bash' });
    assert.deepEqual([code, stdout], [0, `export KUBECONFIG='${own}'\n`]);
    assert.equal(stderr, 'green (prod): KUBECONFIG is ~/green.yaml.\n');
    assert.equal((await use(['green'], { SHELL: '/usr/bin/fish' })).stdout, `set -gx KUBECONFIG '${own}'\n`);
    const flag = await use(['green', '--shell', 'powershell'], { SHELL: '/usr/bin/fish' });
    assert.equal(flag.stdout, `$env:KUBECONFIG = '${own}'\n`);
  });

  it('changes the current context and nothing else where clusters share a file', async t => {
    const { home, file, use } = await setUp(t);
    const before = await contentsOf(home);
    const { stdout, stderr } = await use(['blue']);
    assert.equal(stdout, `export KUBECONFIG='${file}'\n`);
    assert.match(stderr, /the current context in ~\/both\.yaml is now blue, KUBECONFIG is ~\/both\.yaml/);
    const after = await contentsOf(home);
    const changed = kubeconfig.replace('current-context: red ', 'current-context: blue ');
    assert.equal(after['both.yaml'], changed);
    const { 'state/kubeconfig.lock': _lock, ...rest } = after;
    assert.deepEqual({ ...rest, 'both.yaml': '' }, { ...before, 'both.yaml': '' });
    const inPlay = await use(['red'], { KUBECONFIG: file });
    assert.deepEqual([inPlay.code, inPlay.stdout], [0, '']);
    assert.equal(await fs.readFile(file, 'utf8'), kubeconfig);
    assert.match((await use(['red'], { KUBECONFIG: file })).stderr, /it is in use already/);
  });

  it('prints one document with --json', async t => {
    const { file, use } = await setUp(t);
    assert.deepEqual(jsonOf(await use(['blue', '--json', '--shell', 'fish'])), {
      profile: 'blue',
      cluster: 'prod',
      server: 'https://blue.example.com',
      kubeconfig: file,
      context: 'blue',
      changed: file,
      environment: { KUBECONFIG: file },
      shell: 'fish',
      code: `set -gx KUBECONFIG '${file}'`,
    });
  });

  it('names the profiles there are for one that is not, and where nobody can be asked', async t => {
    const { use } = await setUp(t);
    assertRefused(await use(['prod']), {
      exit: 2,
      message: /no profile "prod"/,
      hint: /Known: blue, green, red\./,
    });
    assertRefused(await use(['../x\u001b[2J']), { exit: 2, message: /no profile "\.\.\/x"/ });
    const nobody = await use([]);
    assertRefused(nobody, { exit: 2, message: /Which profile to use is not said/, hint: /blue, green, red/ });
    assert.equal(nobody.stdout, '');
    const home = await temporaryHome(t);
    assertRefused(await runProgram(['use'], { env: home.env }), {
      exit: 2,
      message: /no profile on this machine/,
    });
  });

  it('says how to get a kubeconfig again when it is gone, and writes nothing', async t => {
    const { home, own, use } = await setUp(t);
    await fs.rm(own);
    const before = await contentsOf(home);
    const ended = await use(['green']);
    assertRefused(ended, {
      exit: 1,
      message: /No kubeconfig holds a context/,
      hint: /dkp-auth login https:/,
    });
    assert.deepEqual([ended.stdout, await contentsOf(home)], ['', before]);
  });

  it('refuses a path that KUBECONFIG cannot hold', async t => {
    const { home, use } = await setUp(t);
    const file = home.path('a:b.yaml');
    await fs.writeFile(file, kubeconfig.replaceAll('red', 'odd').replace(/^.*blue.*\n/gm, ''));
    await claimProfile(home.paths, sampleProfile('odd', 'https://odd.example.com', { kubeconfigs: [file] }));
    const ended = await use(['odd']);
    assertRefused(ended, { exit: 2, message: /KUBECONFIG cannot hold .*a:b\.yaml/ });
    assert.equal(ended.stdout, '');
  });

  it('reads the one profile alone: another that is spoilt is not in its way', async t => {
    const { home, own, use } = await setUp(t);
    await fs.writeFile(home.path('config', 'profiles', 'red.json'), 'spoilt', { mode: 0o600 });
    const { code, stdout, stderr } = await use(['green']);
    assert.deepEqual([code, stdout], [0, `export KUBECONFIG='${own}'\n`], stderr);
    assertRefused(await use(['red']), { exit: 1, message: /red\.json is not a profile of this program/ });
  });

  it('lets a person pick, on stderr, while the shell reads stdout', async t => {
    const { home, file, own } = await setUp(t);
    const answer = home.path('answer');
    const args = ['-c', '"$@" >"$ANSWER"', 'sh', process.execPath, cli, 'use'];
    const pick = () => openTerminal(t, { command: 'sh', args, env: { ...home.env, ANSWER: answer } });
    const first = pick();
    await first.waitFor(/Which profile do you want to use\?/);
    first.type('gre');
    await first.waitFor(/Filter: gre {2}1 of 3/);
    await first.press('enter');
    assert.deepEqual(await first.exit, { code: 0 });
    assert.equal(await fs.readFile(answer, 'utf8'), `export KUBECONFIG='${own}'\n`);
    assert.match(first.logicalLines().join('\n'), /green \(prod\): KUBECONFIG is/);

    const second = pick();
    await second.waitFor(/Which profile/);
    await second.press('escape');
    assert.deepEqual(await second.exit, { code: 130 });
    assert.equal(await fs.readFile(answer, 'utf8'), '');
    assert.equal(await fs.readFile(file, 'utf8'), kubeconfig);
  });
});
