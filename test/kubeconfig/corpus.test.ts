import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { edit } from '../../source/kubeconfig/edit.ts';
import { layOut } from '../../source/kubeconfig/layout.ts';
import { mergeInto, sampleEntry } from './sample.ts';

const folder = path.join(import.meta.dirname, 'corpus');
const files = await fs.readdir(folder);
const entries = ['red', 'blue'].map(name => sampleEntry(name));

describe('kubeconfigs as others write them', () => {
  for (const name of files) {
    it(`${name}: a merge adds entries, and every other byte stays`, async () => {
      const before = await fs.readFile(path.join(folder, name), 'utf8');
      const [after = ''] = mergeInto([before], entries).texts;
      assert.notEqual(after, before);
      assert.equal(mergeInto([after], entries).texts[0], after, 'the second time nothing changes');
      const old = layOut(before, 'x');
      const merged = layOut(after, 'x');
      const textsOf = ({ items, text }: typeof old) => items.map(item => text.slice(item.start, item.end()));
      const kept = textsOf(merged);
      for (const text of textsOf(old)) assert.ok(kept.includes(text), text);
      assert.equal(kept.length, old.items.length + 6);
      const removals = (['clusters', 'contexts', 'users'] as const).flatMap(section =>
        entries.map(({ profile }) => ({ kind: 'remove', section, name: profile }) as const),
      );
      const without = edit(merged, removals).text;
      const isEmpty = old.items.length === 0;
      assert.equal(isEmpty ? without.replaceAll('[]', 'null') : without, before);
    });
  }
});
