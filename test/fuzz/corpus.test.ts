import { describe, it } from 'node:test';
import { fc } from '../helpers/seeded.ts';
import { readCorpus } from './corpus.ts';
import { check, type Target } from './target.ts';
import { targets } from './targets/all.ts';

type Edit = { readonly at: number; readonly length: number; readonly put: string };

/** A good input with a few edits, which fast-check takes away again one by one when something fails. */
function broken({ seeds, words = [] }: Target): fc.Arbitrary<string> {
  const put = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.json({ maxDepth: 2 }),
    fc.constantFrom('', '\u001b[2J', '\u009b31m', '\u202e', '\0', '"', ...words),
  );
  const edit = fc.record({ at: fc.nat(), length: fc.oneof(fc.nat(3), fc.nat(400)), put });
  const apply = (text: string, { at, length, put: middle }: Edit) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + middle + text.slice(from + length);
  };
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 5 }))
    .map(([seed, edits]) => edits.reduce(apply, seed));
}

describe('whatever a stranger writes is read or refused, shown as text only, and within a second', () => {
  for (const target of targets) {
    it(`${target.name}: inputs that were once found`, async () => {
      for (const input of [...target.seeds, ...(await readCorpus(target.name))]) await check(target, input);
    });

    it(`${target.name}: broken at random`, async () => {
      // A failure prints its seed and the smallest input that fails.
      await fc.assert(
        fc.asyncProperty(broken(target), input => check(target, input)),
        { numRuns: 60 },
      );
    });
  }
});
