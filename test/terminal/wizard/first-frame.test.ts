import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { texts } from '../../../source/wizard/texts.ts';
import { heldAt } from '../../helpers/held-load.ts';
import { type Home, temporaryHome } from '../../helpers/home.ts';
import { assertRestored, endsWith } from '../../helpers/wizard-terminal.ts';
import type { Screen } from '../harness/screen.ts';
import { openTerminal, type Terminal, type TerminalOptions } from '../harness/terminal.ts';

const cancelled = 'dkp-auth: Cancelled.';
const main = /\/dist\/main\.js$/;
const app = /\/dist\/chunk-app-/;
const shortQuestion = texts.linkQuestion.slice(0, 11);

type Start = Pick<TerminalOptions, 'env' | 'columns' | 'rows'> & {
  readonly home?: Home;
  readonly flags?: readonly string[];
  readonly file?: RegExp;
  readonly isDeaf?: boolean;
};

/** The program, held back where the wizard's own code would begin to be loaded. */
async function start(
  t: TestContext,
  { home, flags = [], file = main, isDeaf = false, env, ...size }: Start = {},
) {
  const at = home ?? (await temporaryHome(t));
  const held = heldAt(at, file, isDeaf);
  const terminal = openTerminal(t, {
    command: process.execPath,
    args: [...held.args, ...flags],
    cwd: at.folder,
    env: { ...at.env, ...held.env, DKP_AUTH_NO_ANIMATION: '1', ...env },
    ...size,
  });
  await held.come(terminal);
  return Object.assign(terminal, { home: at, open: held.open });
}

/** What a person sees of a screen, cursor included. */
const seen = (screen: Pick<Screen, 'cells' | 'cursor'>) => ({
  cells: screen.cells(),
  cursor: screen.cursor(),
});

/** Lets the wizard come, and waits until it has drawn and taken the keyboard. */
async function takenOver(terminal: Terminal & { open(): Promise<void> }): Promise<void> {
  await terminal.open();
  // Ink asks for pastes in brackets once it reads keys.
  await terminal.waitFor(() => terminal.rawOutput().split('\u001b[?2004h').length > 2);
}

async function remember(home: Home, ...loginLinks: string[]): Promise<void> {
  await fs.mkdir(home.paths.config, { recursive: true, mode: 0o700 });
  // The latest stands last, to be put first.
  const portals = loginLinks.map((loginLink, index) => ({ loginLink, lastUsed: index + 1 }));
  const file = path.join(home.paths.config, 'settings.json');
  await fs.writeFile(file, JSON.stringify({ portals, method: '2' }), { mode: 0o600 });
}

const portal = (name: string) => `https://${name}.example.com/token/landing/`;
const many = Array.from({ length: 12 }, (_, index) => portal(`a-platform-with-a-name-${index}`));

const places: Readonly<Record<string, Start>> = {
  'of 80x24': {},
  'of 20x8': { columns: 20, rows: 8 },
  'of 40x10': { columns: 40, rows: 10 },
  'of 200x50': { columns: 200, rows: 50 },
  'of 10x4': { columns: 10, rows: 4 },
  'without colours': { env: { NO_COLOR: '1' } },
  'with 16 colours': { env: { TERM: 'xterm' } },
  'with all colours': { env: { COLORTERM: 'truecolor' } },
  'with colours that are forced': { env: { FORCE_COLOR: '1', TERM: 'vt100' } },
  'in ASCII': { env: { LANG: 'C' } },
  'that is the Linux console': { env: { TERM: 'linux' } },
  'of 20x8 in ASCII': { columns: 20, rows: 8, env: { LANG: 'C' } },
  'at "dkp-auth login"': { flags: ['login'] },
  'of a continuous integration': { env: { CI: 'true' } },
};

const pasts: Readonly<Record<string, readonly string[]>> = {
  'the first time': [],
  'with a portal used before': [portal('dkp')],
  'with many portals used before': many,
};

describe('the first frame', { concurrency: 3 }, () => {
  for (const [past, links] of Object.entries(pasts)) {
    for (const [name, place] of Object.entries(places)) {
      test(`on a terminal ${name}, ${past}, is there before the wizard, and the wizard changes nothing of it`, async t => {
        const home = await temporaryHome(t);
        if (links.length > 0) await remember(home, ...links);
        const terminal = await start(t, { ...place, home });
        const early = seen(terminal);
        assert.match(terminal.screen().join('\n'), /\S/, 'something is drawn');
        await takenOver(terminal);
        await terminal.waitFor(() => terminal.cursor().visible === early.cursor.visible);
        assert.deepEqual(seen(terminal), early);
        await terminal.press('ctrl+c');
        await endsWith(terminal, 130);
      });
    }
  }

  test('says the whole question', async t => {
    const terminal = await start(t);
    assert.deepEqual(
      terminal.screen().filter(line => line !== ''),
      [
        'dkp-auth  1/10  Login link',
        texts.linkQuestion,
        texts.linkPlaceholder,
        texts.linkHelp,
        'Enter go on · Ctrl+C leave · ? help',
      ],
    );
  });

  test('does not flicker: the wizard writes over it, and clears nothing that is not written anew', async t => {
    const terminal = await start(t);
    const before = terminal.rawOutput().length;
    await takenOver(terminal);
    const [frame = ''] = terminal.rawOutput().slice(before).split('\u001b[?2026l');
    assert.match(frame, /^(\u001b\[\?\d+h|\u001b\]7718[^\u0007]*\u0007)*\u001b\[\?25l\u001b\[3A\r/);
    const [beforeTitle = ''] = frame.split('dkp-auth');
    // The sequences that erase.
    assert.doesNotMatch(beforeTitle, /\u001b\[\d*[JK]/);
  });

  test('what is typed while it stands there is not printed into it, and reaches the wizard in its order', async t => {
    const terminal = await start(t);
    const early = seen(terminal);
    terminal.type('dkp.examle');
    await terminal.press('left', 'left');
    terminal.type('p');
    await terminal.press('end');
    terminal.type('.com/wörk');
    assert.deepEqual(seen(terminal), early);
    assert.equal((await terminal.modes()).echo, false);
    await takenOver(terminal);
    await terminal.waitFor('dkp.example.com/wörk');
  });

  test('what is pasted while it stands there is one paste', async t => {
    const terminal = await start(t);
    assert.equal(terminal.bracketedPaste(), true);
    terminal.paste('https://other.\nexample.com/token');
    terminal.type('/landing/');
    await takenOver(terminal);
    await terminal.waitFor('https://other.example.com/token/landing/');
  });

  test('an answer that is typed before the wizard is there is its answer', async t => {
    const terminal = await start(t);
    terminal.send('nothing at all\r');
    await takenOver(terminal);
    await terminal.waitFor('✗ ');
  });

  for (const [when, file] of [
    ['before anything else is loaded', main],
    ['while Ink is loaded', app],
  ] as const) {
    describe(when, () => {
      test('Ctrl+C leaves at once, with the terminal given back and nothing left over', async t => {
        const terminal = await start(t, { file });
        // What follows must not reach a shell.
        terminal.send('abc\u0003rm -rf something\r');
        await endsWith(terminal, 130);
        assert.deepEqual(
          terminal.scrollback().filter(line => line !== ''),
          [cancelled],
        );
        assert.deepEqual(await terminal.home.files(), []);
      });

      for (const [signal, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
        ['SIGHUP', 129],
        ['SIGQUIT', 131],
      ] as const) {
        test(`${signal} gives the terminal back, with nothing of the question left over`, async t => {
          const terminal = await start(t, { file });
          await terminal.kill(signal);
          if (file === app && signal !== 'SIGQUIT') {
            await terminal.waitFor(lines => !lines.join().includes('1/10'));
            await terminal.open();
          }
          await endsWith(terminal, code);
          assert.doesNotMatch(terminal.scrollback().join('\n'), /1\/10|Which login/);
        });
      }

      test('a crash gives the terminal back, and is told', async t => {
        const terminal = await start(t, { file });
        await terminal.open('broken');
        const { code } = await terminal.exit;
        assert.notEqual(code, 0);
        await assertRestored(terminal);
        const text = terminal.scrollback().join('\n');
        assert.match(text, /a file that is broken/);
        assert.doesNotMatch(text, /1\/10|Which login/);
      });

      test('a window that has become narrower is left with nothing over, before anybody heard of it', async t => {
        const home = await temporaryHome(t);
        await remember(home, portal('dkp'));
        const terminal = await start(t, { file, home, isDeaf: true });
        terminal.resize(30, 24);
        await terminal.press('ctrl+c');
        await terminal.open();
        await endsWith(terminal, 130);
        assert.deepEqual(
          terminal.scrollback().filter(line => line !== ''),
          [cancelled],
        );
      });

      for (const isDeaf of [false, true]) {
        const heard = isDeaf ? ', though nobody hears of it meanwhile' : '';
        test(`a window that changes its size is drawn in anew, once${heard}`, async t => {
          for (const [columns, rows, ...links] of [
            [120, 40],
            [80, 12],
            [40, 24, portal('dkp')],
            [30, 12, portal('dkp')],
            [20, 30, portal('dkp'), portal('a-platform-with-a-longer-name-in-it')],
          ] as const) {
            const home = await temporaryHome(t);
            if (links.length > 0) await remember(home, ...links);
            const terminal = await start(t, { file, home, isDeaf });
            terminal.resize(columns, rows);
            await takenOver(terminal);
            const once = (part: string) => terminal.scrollback().join('\n').split(part).length === 2;
            const fits = (lines: string[]) => lines.every(line => line.length < columns);
            await terminal.waitFor(lines => fits(lines) && once('1/10') && once(shortQuestion));
            await terminal.press('ctrl+c');
            await endsWith(terminal, 130);
          }
        });
      }
    });
  }

  test('leaves the scrollback as a wizard does that was not there early', async t => {
    const left = async (flags: readonly string[]) => {
      const home = await temporaryHome(t);
      const held = heldAt(home, main);
      await held.open();
      const terminal = openTerminal(t, {
        command: 'sh',
        args: ['-c', 'seq 1 40; exec "$@"', 'sh', process.execPath, ...held.args, ...flags],
        cwd: home.folder,
        env: { ...home.env, ...held.env },
        rows: 12,
      });
      await terminal.waitFor('? help');
      await terminal.waitFor(() => terminal.rawOutput().includes('\u001b[?2026l'));
      terminal.type('dkp');
      await terminal.waitFor(/^dkp$/m);
      await terminal.press('ctrl+c');
      await endsWith(terminal, 130);
      return { isEarly: !terminal.rawOutput().includes('held'), lines: terminal.scrollback() };
    };
    const [early, late] = [await left([]), await left(['login', '--no-browser'])];
    assert.deepEqual(early.lines, late.lines);
    const shown = Array.from({ length: 40 }, (_, index) => String(index + 1));
    assert.deepEqual(
      early.lines.filter(line => line !== ''),
      [...shown, cancelled],
    );
  });

  test('Ctrl+Z while it stands there pauses the wizard, fg goes on', async t => {
    const home = await temporaryHome(t);
    const held = heldAt(home, main);
    const shell = openTerminal(t, {
      command: 'bash',
      args: ['--norc', '--noprofile', '-i'],
      cwd: home.folder,
      env: { ...home.env, ...held.env, PS1: 'shell> ', NODE: process.execPath, HOOK: held.args[1] ?? '' },
    });
    await shell.waitFor('shell>');
    shell.send(`"$NODE" --import "$HOOK" ${held.args[2]}\r`);
    await held.come(shell);
    shell.type('dkp');
    await shell.press('ctrl+z');
    await held.open();
    await shell.waitFor(/Stopped[\s\S]*shell>/);
    shell.send('echo in-$((40+2))\r');
    await shell.waitFor('in-42');
    shell.send('fg\r');
    await shell.waitFor(/in-42[\s\S]*^dkp$/m);
  });
});

describe('there is no first frame before the wizard', { concurrency: 3 }, () => {
  const others: Readonly<Record<string, Start & { prepare?: (home: Home) => Promise<void> }>> = {
    'for a screen reader': { env: { INK_SCREEN_READER: 'true' } },
    'for a screen reader by a variable of ours': { env: { DKP_AUTH_SCREEN_READER: 'true' } },
    'for a screen reader by the settings': {
      prepare: async home => {
        await fs.mkdir(home.paths.config, { recursive: true, mode: 0o700 });
        await fs.writeFile(path.join(home.paths.config, 'settings.json'), '{"screenReader": true}');
      },
    },
    'line by line': { flags: ['--plain'] },
    'where the cursor cannot be moved': { env: { TERM: 'dumb' } },
    'with what happens told': { env: { DKP_AUTH_DEBUG: '1' } },
    'with flags': { flags: ['login', '--no-browser'] },
    'with a link': { flags: ['login', portal('dkp')] },
    'in a window without room': { columns: 80, rows: 3 },
    'with settings that are damaged': {
      prepare: async home => {
        await fs.mkdir(home.paths.config, { recursive: true, mode: 0o700 });
        await fs.writeFile(path.join(home.paths.config, 'settings.json'), '{"portals": [{}');
      },
    },
    'with a login link that could do something to the terminal': {
      prepare: home => remember(home, 'https://dkp.example.com/\u001b[2J'),
    },
    'with a wizard that was left': {
      prepare: async home => {
        await fs.mkdir(home.paths.state, { recursive: true, mode: 0o700 });
        const left = { version: 1, loginLink: portal('dkp'), step: 'provider', leftAt: Date.now() };
        await fs.writeFile(path.join(home.paths.state, 'wizard.json'), JSON.stringify(left), { mode: 0o600 });
      },
    },
  };
  for (const [name, { prepare, ...place }] of Object.entries(others)) {
    test(name, async t => {
      const home = await temporaryHome(t);
      await prepare?.(home);
      const terminal = await start(t, { ...place, home });
      assert.doesNotMatch(terminal.rawOutput(), /1\/10|Which/);
    });
  }

  test('with nobody at the other end of stderr', async t => {
    const home = await temporaryHome(t);
    const held = heldAt(home, main);
    const terminal = openTerminal(t, {
      command: 'sh',
      args: ['-c', '"$@" 2>"$OUT"; cat "$OUT"', 'sh', process.execPath, ...held.args],
      cwd: home.folder,
      env: { ...home.env, ...held.env, OUT: home.path('out') },
    });
    await held.open();
    await endsWith(terminal, 0);
    assert.doesNotMatch(terminal.rawOutput(), /1\/10|Which/);
  });

  test('after a day, one that was left is forgotten', async t => {
    const home = await temporaryHome(t);
    await fs.mkdir(home.paths.state, { recursive: true, mode: 0o700 });
    const leftAt = Date.now() - 25 * 60 * 60 * 1000;
    const left = { version: 1, loginLink: portal('dkp'), step: 'provider', leftAt };
    await fs.writeFile(path.join(home.paths.state, 'wizard.json'), JSON.stringify(left), { mode: 0o600 });
    const terminal = await start(t, { home });
    assert.match(terminal.rawOutput(), /1\/10/);
  });
});
