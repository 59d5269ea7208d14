import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { claimProfile } from '../../../source/profiles/registry.ts';
import { heldAt } from '../../helpers/held-load.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { sampleProfile } from '../../helpers/profiles.ts';
import { endsWith } from '../../helpers/wizard-terminal.ts';
import { openTerminal, type Terminal, type TerminalOptions } from '../harness/terminal.ts';

const main = /\/dist\/main\.js$/;
const picker = /\/dist\/chunk-pick-profile-/;
const question = 'Which profile do you want to use?';

type Start = Pick<TerminalOptions, 'env' | 'columns' | 'rows'> & {
  readonly profiles?: number;
  readonly flags?: readonly string[];
  readonly file?: RegExp;
  /** What is in the folder of the profiles besides. */
  readonly spoilt?: string;
  /** A redirection that puts something in the place of the terminal. */
  readonly input?: string;
};

/** `dkp-auth use`, whose stdout a shell reads, held back where what answers keys would begin to be loaded. */
async function start(
  t: TestContext,
  { profiles = 3, flags = [], file = main, spoilt, input = '', env, ...size }: Start = {},
) {
  const home = await temporaryHome(t);
  const names = Array.from({ length: profiles }, (_, index) => `p${String(index + 1).padStart(2, '0')}`);
  const fileOf = (name: string) => home.path(`${name}.yaml`);
  for (const name of names) {
    const entry = `current-context: ${name}
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}}}]
users: [{name: ${name}, user: {exec: {command: dkp-auth, args: [--profile, ${name}]}}}]
`;
    await fs.writeFile(fileOf(name), entry, { mode: 0o600 });
    const profile = sampleProfile(name, `https://${name}.example.com`, { kubeconfigs: [fileOf(name)] });
    await claimProfile(home.paths, profile);
  }
  if (spoilt !== undefined)
    await fs.writeFile(path.join(home.paths.profiles, 'spoilt.json'), spoilt, { mode: 0o600 });
  const answer = home.path('answer');
  const held = heldAt(home, file);
  const terminal = openTerminal(t, {
    command: 'sh',
    args: ['-c', `exec "$@" > "$ANSWER" ${input}`, 'sh', process.execPath, ...held.args, 'use', ...flags],
    cwd: home.folder,
    env: { ...home.env, ...held.env, DKP_AUTH_NO_ANIMATION: '1', SHELL: '/bin/sh', ANSWER: answer, ...env },
    ...size,
  });
  await held.come(terminal);
  return Object.assign(terminal, {
    open: held.open,
    fileOf,
    answer: () => fs.readFile(answer, 'utf8'),
  });
}

const seen = (terminal: Terminal) => ({ cells: terminal.cells(), cursor: terminal.cursor() });

async function takenOver(terminal: Terminal & { open(): Promise<void> }): Promise<void> {
  await terminal.open();
  // Ink asks for pastes in brackets once it reads keys.
  await terminal.waitFor(() => terminal.rawOutput().split('\u001b[?2004h').length > 2);
}

const places: Readonly<Record<string, Start>> = {
  'of 80x24': {},
  'of 20x8': { columns: 20, rows: 8 },
  'of 200x50': { columns: 200, rows: 50 },
  'of 10x4': { columns: 10, rows: 4 },
  'without colours': { env: { NO_COLOR: '1' } },
  'with all colours': { env: { COLORTERM: 'truecolor' } },
  'in ASCII': { env: { LANG: 'C' }, columns: 30 },
};

describe('the list of use', { concurrency: 3 }, () => {
  for (const profiles of [1, 3, 50]) {
    for (const [name, place] of Object.entries(places)) {
      test(`of ${profiles} on a terminal ${name} is there before the picker, which changes nothing of it`, async t => {
        const terminal = await start(t, { ...place, profiles });
        const early = seen(terminal);
        assert.match(terminal.screen().join('\n'), /^Which pr[\s\S]*p01/);
        await takenOver(terminal);
        assert.deepEqual(seen(terminal), early);
        await terminal.press('escape');
        await endsWith(terminal, 130);
        assert.equal(await terminal.answer(), '');
      });
    }
  }

  test('what is typed while it stands there is not printed into it, and picks', async t => {
    const terminal = await start(t);
    const early = seen(terminal);
    await terminal.press('down', 'enter');
    // Enter was the last: this must not reach a shell.
    terminal.send('rm -rf something\r');
    assert.deepEqual(seen(terminal), early);
    assert.equal((await terminal.modes()).echo, false);
    await terminal.open();
    await endsWith(terminal, 0);
    assert.equal(await terminal.answer(), `export KUBECONFIG='${terminal.fileOf('p02')}'\n`);
    assert.doesNotMatch(terminal.scrollback().join('\n'), /Which profile|rm -rf/);
    assert.match(terminal.logicalLines().join('\n'), /p02 \(prod\): KUBECONFIG is/);
  });

  test('letters that are typed while it stands there filter it', async t => {
    const terminal = await start(t, { profiles: 50 });
    terminal.type('p37');
    await takenOver(terminal);
    await terminal.waitFor(/Filter: p37 {2}.*1 of 50/);
    await terminal.press('enter');
    await endsWith(terminal, 0);
    assert.equal(await terminal.answer(), `export KUBECONFIG='${terminal.fileOf('p37')}'\n`);
  });

  test('Escape that is typed while it stands there leaves', async t => {
    const terminal = await start(t);
    await terminal.press('escape');
    await terminal.open();
    await endsWith(terminal, 130);
    assert.equal(await terminal.answer(), '');
  });

  for (const [when, file] of [
    ['before anything else is loaded', main],
    ['while the picker is loaded', picker],
  ] as const) {
    test(`Ctrl+C ${when} leaves at once, with the terminal given back and nothing left over`, async t => {
      const terminal = await start(t, { file });
      terminal.send('\u0003rm -rf something\r');
      await endsWith(terminal, 130);
      const left = terminal.scrollback().filter(line => line !== '');
      assert.deepEqual([left, await terminal.answer()], [['dkp-auth: Cancelled.'], '']);
    });

    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      test(`${signal} ${when} gives the terminal back, with nothing of the list left over`, async t => {
        const terminal = await start(t, { file });
        await terminal.kill(signal);
        if (file === picker) {
          await terminal.waitFor(lines => !lines.join().includes(question));
          await terminal.open();
        }
        await endsWith(terminal, code);
        assert.doesNotMatch(terminal.scrollback().join('\n'), /Which profile|p01/);
        assert.equal(await terminal.answer(), '');
      });
    }
  }

  test('SIGTERM while it is picked from ends it as it says', async t => {
    const terminal = await start(t);
    await takenOver(terminal);
    await terminal.kill('SIGTERM');
    await endsWith(terminal, 143);
    assert.equal(await terminal.answer(), '');
  });

  test('in a window that has become narrower it is there once', async t => {
    const terminal = await start(t);
    terminal.resize(40, 12);
    await takenOver(terminal);
    const isOnce = () => terminal.scrollback().join('\n').split(question).length === 2;
    await terminal.waitFor(lines => lines.every(line => line.length < 40) && isOnce());
    await terminal.press('ctrl+c');
    await endsWith(terminal, 130);
  });
});

describe('there is no list before the picker', { concurrency: 3 }, () => {
  const others: Readonly<Record<string, Start>> = {
    'for a screen reader': { env: { INK_SCREEN_READER: 'true' } },
    'where the cursor cannot be moved': { env: { TERM: 'dumb' } },
    'with what happens told': { env: { DKP_AUTH_DEBUG: '1' } },
    'with a name': { flags: ['p01'] },
    'with flags': { flags: ['--json'] },
    'in a window without room': { rows: 3 },
    'without profiles': { profiles: 0 },
    'with a profile that cannot be read': { spoilt: '{' },
    'where nobody types': { input: '< /dev/null' },
  };
  for (const [name, place] of Object.entries(others)) {
    test(name, async t => {
      const terminal = await start(t, place);
      assert.doesNotMatch(terminal.rawOutput(), /Which/);
    });
  }
});
