import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endsWith, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';
import { later } from '../../helpers/wizard-ways.ts';

const long = (index: number) => `production-europe-frankfurt-team-number-${index}`;
const thirty = Array.from({ length: 30 }, (_, index) => ({
  name: long(index),
  hostname: `${index}.example.com`,
  server: `https://127.0.0.1:1/${index}`,
  ca: '',
}));

/** Without blanks, line ends and the marks of entries: the words themselves, however they were broken. */
const letters = (text: string) => text.replaceAll(/[\s•]/g, '');

describe('in a small window', { concurrency: 2 }, () => {
  test('of 40x24 a review of 30 long names is scrolled through, and each stands with its cluster', async t => {
    const chosen = thirty.flatMap(({ name }) => ['--cluster', name]);
    const demo = await temporaryDemo(t, { clusters: thirty });
    const args = later(demo, ...chosen, '--method', '1');
    const wizard = await openWizard(t, demo, { columns: 40, rows: 24, args });
    await wizard.at('names');
    for (const _ of thirty) await wizard.press('enter');
    const position = () => /^Lines (\d+)-(\d+) of (\d+): arrows move$/m.exec(wizard.screen().join('\n'));
    await wizard.waitFor(() => position() !== null);
    const seen = new Map<number, string>();
    for (let screens = 0; screens < 100; screens += 1) {
      const [, from = 0, to = 0, of = 0] = (position() ?? []).map(Number);
      const screen = wizard.screen();
      const end = screen.findIndex(line => line.startsWith('Lines '));
      for (let row = from; row <= to; row += 1) seen.set(row, screen[end - (to - row) - 1] ?? '');
      if (to === of) break;
      await wizard.press('pagedown');
      await wizard.waitFor(() => Number(position()?.[1]) > from);
    }
    const text = letters(
      [...seen]
        .sort(([a], [b]) => a - b)
        .map(([, line]) => line)
        .join(''),
    );
    for (const { name, server } of thirty)
      assert.ok(text.includes(letters(`${name} -> ${name} (${server})`)), `${name}\n${text}`);
    await wizard.press('home');
    await wizard.waitFor(/^Lines 1-/m);
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('of 20x8 what is wrong with a link has a key that says all of it', async t => {
    const wizard = await openWizard(t, await temporaryDemo(t), { columns: 20, rows: 8, args: [] });
    await wizard.at('link');
    wizard.type('http://dkp.example.com/x');
    await wizard.waitFor(/^Ctrl\+G$/m);
    await wizard.press('ctrl+g');
    await wizard.waitFor(() => letters(wizard.text()).includes('Usehttps://dkp.example.com/x.'));
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('help at a certificate shows its fingerprint once more, next to the question', async t => {
    const demo = await temporaryDemo(t);
    const args = ['login', demo.document.loginLinks.global];
    const wizard = await openWizard(t, demo, { columns: 40, rows: 24, args });
    await wizard.at('trust');
    const fingerprint = /^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/m;
    await wizard.waitFor(() => fingerprint.test(wizard.text()));
    wizard.type('?');
    await wizard.waitFor(() => wizard.text().match(new RegExp(fingerprint, 'gm'))?.length === 2);
    await wizard.waitFor(screen =>
      letters(screen.join('')).includes(fingerprint.exec(wizard.text())?.[0] ?? '-'),
    );
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });
});
