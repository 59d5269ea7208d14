import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { formatSpellings, readSpellings, spellingsFile } from '../../source/credentials/spellings.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { temporaryHome } from '../helpers/home.ts';

const prod = parseProfileName('prod');
const bound = '{"server":"https://api.example.com","config":null}';
const spelling = (number: number) => `{"server":"https://API${number}.example.com","config":null}`;

test('spellings are those of one bound cluster, the latest first, and not too many', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.callers, { recursive: true });
  let known: string[] = [];
  for (const number of [1, 2, 3, 2, 4, 5]) {
    const content = formatSpellings(bound, spelling(number), known);
    await fs.writeFile(spellingsFile(paths, prod), content, { mode: 0o600 });
    known = readSpellings(paths, prod, bound);
    assert.equal(known[0], spelling(number));
  }
  assert.deepEqual(known, [5, 4, 2, 3].map(spelling));
  assert.deepEqual(readSpellings(paths, prod, spelling(5)), []);
  assert.deepEqual(readSpellings(paths, prod, ''), []);
});

test('a file that others could have written holds none', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.callers, { recursive: true });
  await fs.writeFile(spellingsFile(paths, prod), formatSpellings(bound, spelling(1), []), { mode: 0o600 });
  await fs.chmod(spellingsFile(paths, prod), 0o664);
  assert.deepEqual(readSpellings(paths, prod, bound), []);
  await fs.rm(spellingsFile(paths, prod));
  assert.deepEqual(readSpellings(paths, prod, bound), []);
});
