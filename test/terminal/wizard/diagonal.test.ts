import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Step } from '../../../source/wizard/steps/order.ts';
import { assertPlain } from '../../helpers/plain-output.ts';
import { endsWith, openWizard, temporaryDemo, type Wizard } from '../../helpers/wizard-terminal.ts';

type Kind = {
  readonly columns: number;
  readonly rows: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly check: (wizard: Wizard) => void;
};

const colours = /\u001b\[(?:\d+;)*(?:3[0-7]|38|4[0-7]|48|9[0-7])(?:;\d+)*m/;

/** One terminal for each size and each manner: together they meet every column and row of the matrix. */
const kinds: Readonly<Record<string, Kind>> = {
  '20x8, LANG=C': {
    columns: 20,
    rows: 8,
    env: { LANG: 'C', LC_ALL: 'C' },
    check: wizard => assert.match(wizard.rawOutput(), /^[\x00-\x7f]*$/),
  },
  '40x24, NO_COLOR': {
    columns: 40,
    rows: 24,
    env: { NO_COLOR: '1' },
    check: wizard => assert.doesNotMatch(wizard.rawOutput(), colours),
  },
  '80x24, 16 colours': {
    columns: 80,
    rows: 24,
    env: { TERM: 'xterm' },
    // The first 16 colours are what the person's palette makes of them.
    check: wizard => assert.doesNotMatch(wizard.rawOutput(), colours),
  },
  '200x50, 256 colours': {
    columns: 200,
    rows: 50,
    env: { TERM: 'xterm-256color' },
    check: wizard => assert.match(wizard.rawOutput(), /\u001b\[38;5;65m/),
  },
};

const frameBegins = '\u001b[?2026h';

/** The rows that the program drew at once, at most: a frame that is higher than the screen loses what is above. */
function highestFrame(wizard: Wizard): number {
  const frames = wizard.rawOutput().split(frameBegins).slice(1);
  const climbs = frames.map(frame => Number(/^\u001b\[(\d+)A/.exec(frame)?.[1] ?? 0));
  return Math.max(...climbs);
}

async function walk(wizard: Wizard, { columns, rows }: Kind): Promise<void> {
  const seen = async (step: Step) => {
    const screen = await wizard.at(step);
    assert.ok(screen.length <= rows, `${step}\n${screen.join('\n')}`);
    for (const line of screen) assert.ok(line.length <= columns, `${step}: ${line}`);
    assertPlain(wizard.scrollback().join('\n'), step);
  };
  await seen('provider');
  await wizard.press('enter');
  await wizard.signIn('ada');
  await seen('clusters');
  await wizard.press('space', 'down', 'down', 'space', 'enter');
  await seen('method');
  await wizard.press('enter');
  await seen('time');
  await wizard.press('enter');
  await seen('names');
  await wizard.press('enter', 'enter');
  await seen('review');
  await wizard.press('enter');
}

describe('the whole wizard on a real terminal', { concurrency: 2 }, () => {
  for (const [name, kind] of Object.entries(kinds)) {
    test(`${name}: to its end, with nothing left over and every answer to be read`, async t => {
      const { columns, rows, env } = kind;
      const wizard = await openWizard(t, await temporaryDemo(t), { columns, rows, env });
      await walk(wizard, kind);
      await endsWith(wizard, 0);
      assert.ok(highestFrame(wizard) < rows, `${highestFrame(wizard)} rows were drawn at once`);
      assertPlain(wizard.scrollback().join('\n'));
      const text = wizard.text();
      // Every answer, the addresses and the commands whole: as copying gives them.
      assert.equal(wizard.addresses().length, 1);
      assert.match(wizard.addresses()[0] ?? '', /&connector_id=corporate$/);
      const letters = text.replaceAll(/\s/g, '');
      for (const word of [
        'Identityprovider:CorporateDirectory',
        'Signin:ada@corp.example',
        'Kubeconfig:Method1',
      ])
        assert.ok(letters.includes(word), `${word}\n${text}`);
      assert.match(text, /^dkp-auth login https:.* --profile red-lab=red-lab$/m);
      assert.equal(text.match(/\d+\/10 /g), null, 'no question is left over');
      kind.check(wizard);
    });
  }

  test('80x24, TERM=dumb: to its end, and no byte moves the cursor', async t => {
    const wizard = await openWizard(t, await temporaryDemo(t), { env: { TERM: 'dumb' } });
    const answer = async (question: string, line: string) => {
      const isAsked = () => wizard.text().lastIndexOf(question) > answered && /> *$/.test(wizard.text());
      await wizard.waitFor(isAsked);
      answered = wizard.text().lastIndexOf(question);
      wizard.send(`${line}\r`);
    };
    let answered = -1;
    await answer('Which identity provider', '1');
    await wizard.signIn('ada');
    await answer('Which clusters', '1 3');
    await answer('How do you want to use them', '1');
    await answer('When?', '1');
    await answer('Profile name for kubernetes-cluster', '');
    await answer('Profile name for red-lab', '');
    await answer('This will be written', '');
    await endsWith(wizard, 0);
    assertPlain(wizard.rawOutput().replaceAll('\r', ''));
    assert.match(wizard.text(), /^dkp-auth login https:.* --profile red-lab=red-lab$/m);
  });
});
