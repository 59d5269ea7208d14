import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import type { Step } from '../../../source/wizard/steps/order.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { cli, runProgram } from '../../helpers/program.ts';
import {
  endsWith,
  flags,
  linesUnder,
  openWizard,
  temporaryDemo,
  type Wizard,
} from '../../helpers/wizard-terminal.ts';
import { openTerminal } from '../harness/terminal.ts';

/** The whole way with two clusters; `seen` looks at every question. */
async function walk(
  wizard: Wizard,
  seen: (step: Step, screen: string[]) => void | Promise<void>,
): Promise<void> {
  const at = async (step: Step) => seen(step, await wizard.at(step));
  await at('provider');
  await wizard.press('enter');
  await at('login');
  await wizard.signIn('ada');
  await at('clusters');
  await wizard.press('space', 'down', 'down', 'space', 'enter');
  await at('method');
  await wizard.press('enter');
  await at('time');
  await wizard.press('enter');
  await at('names');
  await wizard.press('enter', 'enter');
  await at('review');
  await wizard.press('enter');
  await endsWith(wizard, 0);
}

const count = (lines: readonly string[], part: string) => lines.filter(line => line.includes(part)).length;

// Most of the time is spent waiting for the platform, so several go on at once.
describe('the wizard shows itself', { concurrency: 2 }, () => {
  describe('the window', { concurrency: 3 }, () => {
    for (const [columns, rows] of [
      [40, 10],
      [200, 50],
    ] as const) {
      test(`of ${columns}x${rows} shows every question with its keys, and the address can be copied whole`, async t => {
        const wizard = await openWizard(t, await temporaryDemo(t), { columns, rows });
        await walk(wizard, (step, screen) => {
          const last = screen.findLast(line => line !== '') ?? '';
          assert.match(
            last,
            /^(Enter|Space|Esc) /,
            `${step}: the keys are at the bottom\n${screen.join('\n')}`,
          );
          for (const line of screen) assert.ok(line.length <= columns);
        });
        const [address = '', ...others] = wizard.addresses();
        assert.deepEqual(others, []);
        assert.match(address, /^https:\/\/127\.0\.0\.1:\d+\/dex\/auth\?client_id=.*&connector_id=corporate$/);
        const [command = ''] = linesUnder(wizard, 'Try it:');
        assert.match(command, /^kubectl --kubeconfig="\$HOME"\/kube\/127\.0\.0\.1-\d+\.yaml get pods -A$/);
        const [repeat = ''] = linesUnder(wizard, 'The same again without questions:');
        assert.match(
          repeat,
          /^dkp-auth login https:.* --profile kubernetes-cluster=kubernetes-cluster --profile red-lab=red-lab$/,
        );
        assert.equal(count(wizard.scrollback(), '/10 '), 0, 'no question is left over');
      });
    }

    test('may change its size at every question: it is drawn anew, whole and inside the window', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t));
      await walk(wizard, async (step, first) => {
        // Which clusters answer is seen a moment later.
        const wide = step === 'clusters' ? await wizard.waitFor('no answer') : first;
        const title = wide.findLast(line => /^dkp-auth {2}\d+\/10/.test(line)) ?? '';
        const live = (lines: string[]) => lines.slice(lines.lastIndexOf(title)).filter(line => line !== '');
        for (const [columns, rows] of [
          [40, 12],
          [200, 50],
          [80, 24],
        ] as const) {
          wizard.resize(columns, rows);
          const isWhole = (lines: string[]) => {
            const drawn = live(lines);
            const isKeys = (line: string) => /^(Enter|Space|Esc|Tab|Ctrl\+C) /.test(line);
            return (
              drawn.every(line => line.length < columns) &&
              drawn.filter(isKeys).length === 1 &&
              isKeys(drawn.at(-1) ?? '')
            );
          };
          const screen = await wizard.waitFor(lines => lines.includes(title) && isWhole(lines));
          assert.equal(count(live(screen), '/10 '), 1, screen.join('\n'));
          assert.ok((await wizard.at(step)).length > 0);
        }
        await wizard.waitFor(lines => live(lines).join('\n') === live(wide).join('\n'));
      });
      assert.equal(wizard.addresses().length, 1);
    });

    test('may grow at every question, and nothing is left over', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t), { columns: 60, rows: 24 });
      let [columns, rows] = [60, 24];
      await walk(wizard, async step => {
        columns += 10;
        rows += 3;
        wizard.resize(columns, rows);
        const screen = await wizard.at(step);
        assert.equal(count(screen, '/10 '), 1, screen.join('\n'));
      });
      assert.equal(count(wizard.scrollback(), '/10 '), 0, wizard.scrollback().join('\n'));
    });

    test('may change its size while a name is typed: the cursor stays behind it', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, {
        args: flags(demo, '--idp', 'corporate', '--cluster', 'red-lab', '--method', '2', '--sign-in-later'),
      });
      await wizard.at('names');
      await wizard.press('ctrl+u');
      wizard.type('one');
      await wizard.waitFor(/red-lab +one$/m);
      wizard.resize(40, 12);
      await wizard.waitFor(
        screen => screen.some(line => /^Enter go on/.test(line)) && /red-lab +one$/m.test(screen.join('\n')),
      );
      wizard.type('-two');
      await wizard.waitFor(/red-lab +one-two$/m);
      const { x, y } = wizard.cursor();
      assert.ok(wizard.screen()[y]?.slice(0, x).endsWith('one-two'));
    });
  });

  describe('colours and signs', { concurrency: 3 }, () => {
    test('NO_COLOR leaves no colour, and every question can still be answered', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t), { env: { NO_COLOR: '1' } });
      await walk(wizard, () => {});
      assert.doesNotMatch(wizard.rawOutput(), /\u001b\[(?!0?m)[\d;]*m/);
    });

    test('a terminal without UTF-8 gets signs of ASCII only', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t), { env: { LANG: 'C', LC_ALL: 'C' } });
      await walk(wizard, () => {});
      assert.match(wizard.rawOutput(), /^[\x00-\x7f]*$/);
      assert.match(wizard.text(), /\+ Kubeconfig: Method 1/);
    });

    test('CI in the environment of a terminal does not keep a person from being asked', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t), { env: { CI: 'true' } });
      await wizard.at('provider');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
    });

    test('a screen reader is told what is a list, a box to tick or a field, and what is chosen', async t => {
      const wizard = await openWizard(t, await temporaryDemo(t), { env: { INK_SCREEN_READER: 'true' } });
      await walk(wizard, (step, screen) => {
        const text = screen.join('\n');
        if (step === 'provider')
          assert.match(text, /option: \(selected\) Corporate Directory, corporate, 1 of 2/);
        if (step === 'clusters') assert.match(text, /checkbox: kubernetes-cluster, (answers, )?https:/);
        if (step === 'names')
          assert.match(text, /textbox: Profile name for kubernetes-cluster kubernetes-cluster/);
      });
    });

    test('names that a hostile portal gives are text and nothing else', async t => {
      const demo = await temporaryDemo(t);
      demo.faults.set('names', 'hostile');
      const wizard = await openWizard(t, demo);
      await wizard.at('provider');
      await wizard.press('enter');
      await wizard.signIn('ada');
      await wizard.at('clusters');
      await wizard.press('ctrl+a', 'enter');
      await wizard.at('method');
      const raw = wizard.rawOutput();
      assert.doesNotMatch(raw, /\u001b\]/, 'no title, no link, no clipboard');
      assert.doesNotMatch(raw, /\u001b\[31m/, 'no colour of theirs');
      assert.doesNotMatch(raw, /[\u200b\u202e\u0000\u0007]/);
      assert.ok(wizard.text().includes('kubernetes-cluster'));
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
    });
  });

  describe('where nobody can be asked', { concurrency: 3 }, () => {
    test('without a terminal it ends with 2 and names what is missing, stdin open or not', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      for (const input of [undefined, 'open', 'y\n'] as const) {
        const ended = await runProgram([], { env: home.env, ...(input !== undefined && { input }) });
        assert.deepEqual([ended.code, ended.stdout], [2, '']);
        assert.match(ended.stderr, /LOGIN-LINK/);
        const rest = await runProgram(flags(demo), { env: home.env, ...(input !== undefined && { input }) });
        assert.equal(rest.code, 2);
        assert.match(rest.stderr, /--method 1\|2\|token/);
        assert.doesNotMatch(rest.stderr, /\u001b/);
      }
      assert.deepEqual(await home.files(), []);
    });

    test('with stderr or stdin elsewhere than the terminal nothing is asked either', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      for (const redirect of ['2>log', '</dev/null']) {
        const line = [process.execPath, cli, ...flags(demo)].map(part => `'${part}'`).join(' ');
        const terminal = openTerminal(t, {
          command: 'sh',
          args: ['-c', `${line} ${redirect}`],
          env: home.env,
          cwd: home.folder,
        });
        await endsWith(terminal, 2);
      }
    });

    test('with the result going elsewhere the person is still asked, and stdout stays clean', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      const line = [process.execPath, cli, ...flags(demo)].map(part => `'${part}'`).join(' ');
      const terminal = openTerminal(t, {
        command: 'sh',
        args: ['-c', `${line} >result`],
        env: home.env,
        cwd: home.folder,
      });
      await terminal.waitFor('Which identity provider');
      await terminal.press('ctrl+c');
      await endsWith(terminal, 130);
      assert.equal((await execa('cat', [home.path('result')])).stdout, '');
    });
  });

  test('the demo tells whom to sign in as, and "d" does it', async t => {
    const home = await temporaryHome(t);
    const terminal = openTerminal(t, {
      command: process.execPath,
      args: [cli, 'demo'],
      cwd: home.folder,
      env: { ...home.env, DKP_AUTH_NO_ANIMATION: '1', SHELL: '/bin/true' },
    });
    await terminal.waitFor(/Trust|Which identity provider/);
    if (terminal.screen().some(line => line.includes('Trust it'))) await terminal.press('down', 'enter');
    await terminal.waitFor('Which identity provider');
    await terminal.press('enter');
    await terminal.waitFor('Demo: sign in as ada, password ada-demo');
    await terminal.waitFor('d let the demo sign in');
    terminal.type('d');
    await terminal.waitFor('Which clusters');
    await terminal.press('space', 'enter');
    await terminal.waitFor('How do you');
    await terminal.press('enter');
    await terminal.waitFor('A name for each');
    await terminal.press('enter');
    await terminal.waitFor('This will be written');
    await terminal.press('enter');
    await endsWith(terminal, 0);
    assert.match(terminal.logicalLines().join('\n'), /✓ Sign in: ada@corp\.example/);
    assert.match(terminal.logicalLines().join('\n'), /coredns/);
    assert.deepEqual(await home.files(), [], 'nothing of it stays');
  });
});
