import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { isNoMark, temporaryHome } from '../../helpers/home.ts';
import { assertRestored, endsWith, flags, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';
import { shortestWays } from '../../helpers/wizard-ways.ts';

/** Waits until a process that nobody here started is no more. */
async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    assert.ok(Date.now() < deadline, 'the program is still there');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

// Most of the time is spent waiting for the platform, so several go on at once.
describe('the wizard ends', { concurrency: 2 }, () => {
  describe('Ctrl+C', { concurrency: 4 }, () => {
    for (const { step, args, keys } of shortestWays) {
      test(`at "${step}" ends with 130, gives the terminal back and leaves no file`, async t => {
        const demo = await temporaryDemo(t);
        const wizard = await openWizard(t, demo, { args: args(demo) });
        await keys?.(wizard);
        await wizard.at(step);
        await wizard.press('ctrl+c');
        await endsWith(wizard, 130);
        assert.deepEqual(await wizard.home.files(), []);
        const text = wizard.text();
        assert.match(text, /dkp-auth: Cancelled\.$/);
        assert.doesNotMatch(text, /\d+\/10/, 'nothing of the questions is left');
      });
    }

    test('while one signs in to another cluster leaves what is written whole, and says so', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, {
        args: flags(
          demo,
          '--idp',
          'corporate',
          '--method',
          '1',
          '--cluster',
          'kubernetes-cluster',
          '--cluster',
          'blue-prod',
          '--sign-in-now',
        ),
      });
      await wizard.signIn('ada');
      await wizard.at('names');
      await wizard.press('enter', 'enter');
      await wizard.at('review');
      await wizard.press('enter');
      await wizard.waitFor('Sign in for blue-prod (2 of 2)');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      const file = `kube/127.0.0.1-${demo.document.port}.yaml`;
      assert.match(wizard.text(), new RegExp(`Written already: ~/${file}\\.`));
      assert.equal(parse(await fs.readFile(wizard.home.path(file), 'utf8')).contexts.length, 2);
      assert.deepEqual(
        (await wizard.home.files()).filter(name => name.startsWith('state/credentials')),
        ['state/credentials/kubernetes-cluster.json'],
      );
      for (const name of await wizard.home.files()) assert.doesNotMatch(name, /tmp|lock/);
    });

    test('while nothing can be written yet leaves nothing, though the run has begun', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, {
        args: flags(demo, '--idp', 'corporate', '--method', '2', '--cluster', 'red-prod'),
      });
      await wizard.signIn('ada');
      await wizard.at('names');
      await wizard.press('enter');
      await wizard.at('review');
      await wizard.press('enter');
      await wizard.waitFor('Sign in for red-prod (1 of 1)');
      await wizard.press('escape');
      await wizard.at('review');
      await wizard.press('enter');
      await wizard.waitFor('Sign in for red-prod (1 of 1)');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      assert.deepEqual(await wizard.home.files(), []);
      assert.match(wizard.text(), /dkp-auth: Cancelled\.$/);
    });
  });

  describe('a signal', { concurrency: 4 }, () => {
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGINT', 130],
    ] as const) {
      test(`${signal} while it waits for the login ends as a shell expects, with the terminal given back and no file`, async t => {
        const demo = await temporaryDemo(t);
        const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
        await wizard.at('login');
        await wizard.kill(signal);
        await endsWith(wizard, code);
        assert.deepEqual(await wizard.home.files(), []);
      });
    }

    test('SIGTERM between two logins leaves every file whole', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      const wizard = await openWizard(t, demo, {
        home,
        args: flags(
          demo,
          '--idp',
          'corporate',
          '--method',
          '2',
          '--cluster',
          'kubernetes-cluster',
          '--cluster',
          'blue-prod',
          '--sign-in-now',
        ),
      });
      await wizard.signIn('ada');
      await wizard.at('names');
      await wizard.press('enter', 'enter');
      await wizard.at('review');
      await wizard.press('enter');
      await wizard.waitFor('Sign in for blue-prod (2 of 2)');
      await wizard.kill('SIGTERM');
      await endsWith(wizard, 143);
      const files = (await home.files()).filter(isNoMark);
      assert.deepEqual(files, [
        'config/profiles/blue-prod.json',
        'config/profiles/kubernetes-cluster.json',
        'config/settings.json',
        'kube/blue-prod.yaml',
        'kube/kubernetes-cluster.yaml',
        'state/credentials/kubernetes-cluster.json',
        'state/node',
      ]);
      for (const file of files.filter(name => name.endsWith('.json')))
        JSON.parse(await fs.readFile(home.path(file), 'utf8'));
    });

    test('a window that is closed ends the program', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
      await wizard.at('login');
      const pid = await wizard.pid;
      wizard.close();
      await wizard.exit;
      await gone(pid);
      assert.deepEqual(await wizard.home.files(), []);
    });
  });

  test('what was typed after the end does not reach the shell', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: [] });
    await wizard.at('link');
    wizard.send('\u0003rm -rf something\r');
    await endsWith(wizard, 130);
    await assertRestored(wizard);
    assert.doesNotMatch(wizard.text(), /rm -rf/);
  });
});
