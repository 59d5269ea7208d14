import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { layOut } from '../../source/kubeconfig/layout.ts';
import { meaningOf } from '../../source/kubeconfig/meaning.ts';
import { readPlainItem } from '../../source/kubeconfig/plain-item.ts';
import { fc } from '../helpers/seeded.ts';

/** @returns whether it was read */
function agrees(piece: string): boolean {
  const plain = readPlainItem(piece);
  if (plain !== undefined) assert.deepEqual([plain], meaningOf(piece), JSON.stringify(piece));
  return plain !== undefined;
}

test('an entry of a real kubeconfig is read as the YAML library reads it, or left to it', async () => {
  const corpus = path.join(import.meta.dirname, 'corpus');
  let read = 0;
  for (const name of await fs.readdir(corpus)) {
    const { items } = layOut(await fs.readFile(path.join(corpus, name), 'utf8'), name);
    for (const { piece } of items) if (piece !== undefined && agrees(piece)) read += 1;
  }
  assert.ok(read > 15, String(read));
});

test('whatever an entry is made of, the two agree where both read it', () => {
  const words = fc.constantFrom(
    'a',
    '-',
    '- ',
    '--',
    ': ',
    ':',
    ' ',
    '  ',
    '    ',
    '\n',
    '\n  ',
    '\n    ',
    '\n  - ',
    '\n- ',
    '# c',
    "'",
    '"',
    'name: a',
    'user:',
    'args:',
    'x: y',
    'null',
    'true',
    'Yes',
    '~',
    '1',
    '1e3',
    '-1',
    '.5',
    '0x1f',
    '|',
    '>',
    '&a ',
    '*a',
    '!!str ',
    '{',
    '}',
    '[a]',
    'https://a:1/b',
    'a:b',
    'LS0t==',
    '<<: ',
    '? ',
    '%',
    '@',
    '`',
    '\t',
    '\r',
    '\u00e9',
    '__proto__: a',
    '-x',
    '---',
    '...',
    '=',
  );
  const pieces = fc.array(words, { maxLength: 14 }).map(parts => `- name: ${parts.join('')}\n`);
  let read = 0;
  fc.assert(
    fc.property(pieces, piece => {
      if (agrees(piece)) read += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 50, String(read));
});

test('the same with entries that are nearly as kubectl writes them', () => {
  const scalars = fc.constantFrom(
    'a',
    'true',
    'null',
    'x:y',
    'https://a.b:6443',
    '-l',
    '--flag=x',
    'AbC+/=',
    '"q"',
    '12',
    'y',
    'a b',
  );
  const indents = fc.constantFrom('  ', '    ', '      ', '');
  const lines = fc.array(
    fc
      .tuple(indents, fc.constantFrom('name', 'user', 'exec', 'args', '- '), fc.option(scalars, { nil: '' }))
      .map(([indent, key, value]) =>
        key === '- ' ? `${indent}- ${value}` : `${indent}${key}:${value === '' ? '' : ` ${value}`}`,
      ),
    { maxLength: 7 },
  );
  let read = 0;
  fc.assert(
    fc.property(lines, list => {
      if (agrees(`- name: a\n${list.map(line => `${line}\n`).join('')}`)) read += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 50, String(read));
});
