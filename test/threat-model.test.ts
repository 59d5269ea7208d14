import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const document = await fs.readFile(path.join(root, 'docs', 'threat-model.md'), 'utf8');

/** The rows of all tables that have a column for what shows them. */
function* rows(): Generator<{ row: string; shownBy: string }> {
  let isShown = false;
  for (const line of document.split('\n')) {
    if (!line.startsWith('|')) isShown = false;
    else if (/\| shown by \|$/.test(line)) isShown = true;
    else if (isShown && !/^[| -]+$/.test(line)) {
      yield { row: line, shownBy: line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '' };
    }
  }
}

it('every row of the threat model names a test that is there, or says why there is none', async () => {
  const faults: string[] = [];
  let tests = 0;
  for (const { row, shownBy } of rows()) {
    if (/^no test: .{15,}$/.test(shownBy)) continue;
    const named = [...shownBy.matchAll(/`(test\/[\w./-]+)` "([^"]+)"(?:; |$)/g)];
    if (named.map(([whole]) => whole).join('') !== shownBy || named.length === 0)
      faults.push(`cannot be read: ${row}`);
    for (const [, file = '', words = ''] of named) {
      const text = await fs.readFile(path.join(root, file), 'utf8').catch(() => undefined);
      tests += 1;
      if (text === undefined) faults.push(`${file} is not there`);
      else if (!text.includes(words)) faults.push(`${file} has no "${words}"`);
    }
  }
  assert.deepEqual(faults, []);
  assert.ok(tests > 80, 'the tables were not found');
});
