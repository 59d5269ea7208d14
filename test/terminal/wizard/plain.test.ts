import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { temporaryHome } from '../../helpers/home.ts';
import { cli } from '../../helpers/program.ts';
import { endsWith, flags, openWizard, temporaryDemo, type Wizard } from '../../helpers/wizard-terminal.ts';

const dumb = { TERM: 'dumb' };

/** Waits for a question and its prompt, and answers with a line. */
async function answer(wizard: Wizard, question: RegExp, line: string): Promise<void> {
  await wizard.waitFor(screen =>
    new RegExp(`${question.source}[\\s\\S]*> $`).test(`${screen.join('\n').trimEnd()} `),
  );
  wizard.send(`${line}\r`);
}

describe('line by line', { concurrency: 2 }, () => {
  test('TERM=dumb asks the same questions, and no byte moves the cursor', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { env: dumb, rows: 60 });
    await answer(wizard, /Which identity provider/, 'github');
    await wizard.waitFor('While it waits: p paste a token instead, n new address');
    wizard.send('<\r');
    await answer(wizard, /Which identity provider/, '1');
    await wizard.waitFor(() => wizard.addresses().length >= 2);
    await wizard.signIn('ada', wizard.addresses().length);
    await answer(wizard, /Which clusters/, 'blue-prod, nothing');
    await wizard.waitFor('There is no such answer.');
    await answer(wizard, /./, '4,5');
    await answer(wizard, /How do you want to use them/, '2');
    await answer(wizard, /When/, '1');
    await answer(wizard, /Profile name for blue-prod/, 'one');
    await answer(wizard, /Profile name for blue-edge/, 'one');
    await wizard.waitFor('"one" is the name for blue-prod already.');
    await answer(wizard, /./, '');
    await answer(wizard, /Enter writes it/, '');
    await endsWith(wizard, 0);
    const raw = wizard.rawOutput();
    assert.doesNotMatch(raw, /\u001b/);
    const files = await wizard.home.files();
    assert.ok(files.includes('kube/one.yaml'), files.join());
    assert.ok(files.includes('kube/blue-edge.yaml'), files.join());
    assert.match(wizard.text(), /^Done: Profile names: one, blue-edge$/m);
  });

  test('a script answers through a pipe, and the result is on stdout', async t => {
    const demo = await temporaryDemo(t);
    const home = await temporaryHome(t);
    const args = [...flags(demo, '--idp', 'corporate', '--sign-in-later'), '--plain'];
    const { stdout, stderr, exitCode } = await execa(process.execPath, [cli, ...args], {
      env: home.env,
      extendEnv: false,
      input: 'blue-prod\n2\nmine\n\n',
      reject: false,
    });
    assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /^Which clusters do you want to use\?$/m);
    assert.match(stdout, /^Done\.$/m);
    assert.equal(stderr, '');
    assert.ok((await home.files()).includes('kube/mine.yaml'));
  });

  test('input that ends too early ends with 2 and writes nothing', async t => {
    const demo = await temporaryDemo(t);
    const home = await temporaryHome(t);
    const args = [...flags(demo, '--idp', 'corporate', '--sign-in-later'), '--plain'];
    const ended = await execa(process.execPath, [cli, ...args], {
      env: home.env,
      extendEnv: false,
      input: 'blue-prod\n',
      reject: false,
    });
    assert.equal(ended.exitCode, 2);
    assert.match(ended.stderr, /Nobody answers any more/);
    assert.deepEqual(await home.files(), []);
  });

  test('Ctrl+C leaves with 130 at a question and in a paste that is hidden', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { env: dumb });
    await wizard.waitFor(/Which identity provider[\s\S]*>/);
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
    const page = await openWizard(t, demo, {
      env: dumb,
      args: flags(demo, '--sign-in', 'page', '--cluster', 'blue-prod'),
    });
    await page.waitFor(/what is pasted is not shown/);
    page.send('eyJhbGciOiJ');
    await page.press('ctrl+c');
    await endsWith(page, 130);
    assert.doesNotMatch(page.text(), /eyJhbGciOiJ/);
  });

  test('a token longer than a terminal’s line is taken whole', async t => {
    const demo = await temporaryDemo(t);
    const page = await openWizard(t, demo, {
      env: dumb,
      args: flags(demo, '--sign-in', 'page', '--cluster', 'blue-prod'),
    });
    await page.waitFor(/what is pasted is not shown/);
    page.send(`--token=eyJ${'a'.repeat(6000)}.b.c\r`);
    await page.waitFor(/Problem: /);
    assert.doesNotMatch(page.text(), /aaaa/);
    await page.press('ctrl+c');
    await endsWith(page, 130);
  });
});
