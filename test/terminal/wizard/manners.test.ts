import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { temporaryHome, wizardNote } from '../../helpers/home.ts';
import { cli } from '../../helpers/program.ts';
import { endsWith, flags, goTo, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';
import { openTerminal } from '../harness/terminal.ts';

const count = (lines: readonly string[], part: string) => lines.filter(line => line.includes(part)).length;

describe('manners of the wizard', { concurrency: 2 }, () => {
  test('a window that gets narrower keeps nothing of the old frame', async t => {
    const wizard = await openWizard(t, await temporaryDemo(t), { columns: 120, rows: 30 });
    await goTo(wizard, 'clusters');
    for (const columns of [70, 45, 30, 60, 25]) {
      wizard.resize(columns, 30);
      await wizard.waitFor(
        screen =>
          screen.some(line => line.startsWith('> [ ] ')) && screen.every(line => line.length <= columns),
      );
      await wizard.waitFor(screen => count(screen, '5/10') === 1);
      await wizard.waitFor(() => count(wizard.scrollback(), '5/10') === 1);
    }
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('the same while a name is typed, where the cursor stands in the frame', async t => {
    const demo = await temporaryDemo(t);
    const args = flags(demo, '--idp', 'corporate', '--method', '2', '--all-clusters', '--sign-in-later');
    const wizard = await openWizard(t, demo, { columns: 120, rows: 30, args });
    await wizard.at('names');
    await wizard.press('down', 'down');
    for (const columns of [60, 40]) {
      wizard.resize(columns, 30);
      await wizard.waitFor(
        screen => screen.every(line => line.length <= columns) && count(screen, '8/10') === 1,
      );
      await wizard.waitFor(() => count(wizard.scrollback(), '8/10') === 1);
    }
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('who left goes on there: the note is private, and gone when it is done', async t => {
    const demo = await temporaryDemo(t);
    const home = await temporaryHome(t);
    const wizard = await openWizard(t, demo, { home });
    await goTo(wizard, 'names');
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
    const note = await readFile(home.path(wizardNote), 'utf8');
    assert.doesNotMatch(note, /eyJ|ada@|password/);
    assert.equal((await stat(home.path(wizardNote))).mode & 0o777, 0o600);

    const again = await openWizard(t, demo, { home, args: ['login', '--ca-file', demo.document.caFile] });
    const offered = await again.at('link');
    assert.match(offered.join('\n'), /> 1 Go on where you left +127\.0\.0\.1:\d+, at Profile names/);
    await again.press('enter');
    await again.signIn('ada');
    await again.at('names');
    assert.match(again.text(), /✓ Kubeconfig: Method 1/);
    await again.press('enter', 'enter');
    await again.at('review');
    await again.press('enter');
    await endsWith(again, 0);
    await assert.rejects(stat(home.path(wizardNote)));
  });

  test('Ctrl+Z gives the terminal back, and fg draws the question again', async t => {
    const demo = await temporaryDemo(t);
    const home = await temporaryHome(t);
    const line = [process.execPath, cli, ...flags(demo)].map(part => `'${part}'`).join(' ');
    const shell = openTerminal(t, {
      command: 'bash',
      args: ['--norc', '--noprofile', '-i'],
      env: { ...home.env, PS1: 'shell> ', DKP_AUTH_NO_ANIMATION: '1' },
      cwd: home.folder,
    });
    await shell.waitFor('shell> ');
    shell.send(`${line}\r`);
    await shell.waitFor('Which identity provider');
    await shell.press('ctrl+z');
    await shell.waitFor(/Stopped[\s\S]*shell> $/m);
    const { icanon, echo } = await shell.modes();
    // The shell's own line editor is raw too; what matters is that it answers.
    assert.equal(typeof icanon, typeof echo);
    shell.send('echo here $((6*7))\r');
    await shell.waitFor('here 42');
    shell.send('fg\r');
    await shell.waitFor(screen => {
      const text = screen.join('\n');
      return text.lastIndexOf('Which identity provider') > text.lastIndexOf('here 42');
    });
    await shell.press('down', 'enter');
    await shell.waitFor(/✓ Identity provider: GitHub/);
    await shell.press('ctrl+c');
    await shell.waitFor(/Cancelled\.[\s\S]*shell> $/m);
  });

  test('one spoilt profile keeps nobody from the others, and its name stays taken', async t => {
    const demo = await temporaryDemo(t);
    const home = await temporaryHome(t);
    const { mkdir, writeFile } = await import('node:fs/promises');
    await mkdir(home.path('config', 'profiles'), { recursive: true, mode: 0o700 });
    await writeFile(home.path('config', 'profiles', 'blue-prod.json'), '{"version": 1, "na', { mode: 0o600 });
    const wizard = await openWizard(t, demo, {
      home,
      args: flags(demo, '--idp', 'corporate', '--cluster', 'blue-prod', '--method', '2', '--sign-in-later'),
    });
    const screen = await wizard.at('names');
    assert.match(screen.join('\n'), /> +blue-prod +blue-prod-2$/m);
    await wizard.press('backspace', 'backspace');
    await wizard.waitFor('"blue-prod" is taken by a profile whose file cannot be read.');
    await wizard.press('tab', 'enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
  });

  test('links are written where the terminal says that it has them, and nowhere else', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { env: { TERM_PROGRAM: 'WezTerm' } });
    await goTo(wizard, 'login');
    const [address = ''] = wizard.addresses();
    assert.ok(
      wizard.rawOutput().includes(`;${address}\u001b\\${address}\u001b]8;;\u001b\\`),
      'the text is the address',
    );
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });
});
