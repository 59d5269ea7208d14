import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { endsWith, flags, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';
import type { Cell } from '../harness/screen.ts';

const folder = path.join(import.meta.dirname, '../snapshots');
/** Set it after colours were changed on purpose, and look at what comes of it. */
const isUpdating = process.env['UPDATE_SNAPSHOTS'] === '1';

function styleOf({ bold, inverse, underline, color, background }: Cell): string {
  const parts = [bold && 'bold', inverse && 'inverse', underline && 'underline'];
  const colours = [color !== undefined && `colour ${color}`, background !== undefined && `on ${background}`];
  return [...parts, ...colours].filter(part => part !== false).join(', ');
}

/** A row with every change of its look in braces; what has no look of its own is in none. */
function styled(row: readonly Cell[]): string {
  let line = '';
  let style = '';
  for (const cell of row) {
    const next = styleOf(cell);
    if (next !== style) line += `${style === '' ? '' : '}'}${next === '' ? '' : `{${next}: `}`;
    line += cell.text;
    style = next;
  }
  return (style === '' ? line : `${line}}`).trimEnd();
}

const kinds = [
  ['16', { TERM: 'xterm' }],
  ['256', { TERM: 'xterm-256color' }],
  ['none', { NO_COLOR: '1' }],
] as const;

describe('the looks of what is said, at the names with one that is taken', { concurrency: 3 }, () => {
  for (const [name, env] of kinds) {
    test(`with ${name} colours`, async t => {
      const demo = await temporaryDemo(t);
      const more = ['--idp', 'corporate', '--method', '2', '--sign-in-later'];
      const clusters = ['--cluster', 'blue-prod', '--cluster', 'red-lab'];
      const wizard = await openWizard(t, demo, { args: flags(demo, ...more, ...clusters), env });
      await wizard.at('names');
      await wizard.press('ctrl+u');
      wizard.type('red-lab');
      await wizard.waitFor('is the name for red-lab already');
      const rows = wizard.cells().map(row => styled(row).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:(port)'));
      const found = `${rows.join('\n').trimEnd()}\n`;
      const file = path.join(folder, `colours-${name}.txt`);
      if (isUpdating) await writeFile(file, found);
      assert.equal(found, await readFile(file, 'utf8'));
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
    });
  }
});
