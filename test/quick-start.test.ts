import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quickStartHead } from '../scripts/quick-start.ts';
import { fc } from './helpers/seeded.ts';

type Split = Iterable<Intl.SegmentData> & { containing(at?: number): Intl.SegmentData | undefined };
type Constructor = new (
  locales?: string,
  options?: Intl.SegmenterOptions,
) => {
  segment(text: string): Split;
};
const Quick: Constructor = new Function(`${quickStartHead};return __Segmenter`)();

const signs = 'aZ ~é¬ʸ–…•·↑↓─│█●✓✗⠋©®\u00ad\u0301\u200d\ufe0f☺中👍🏽';

test('texts are split into characters as Node does, with its tables and without', () => {
  const unit = fc.constantFrom(...signs);
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), characters => {
      const text = characters.join('');
      for (const granularity of ['grapheme', 'word'] as const) {
        const own = new Quick(undefined, { granularity }).segment(text);
        const node = new Intl.Segmenter(undefined, { granularity }).segment(text);
        const places = (split: Split) =>
          [...split].map(({ segment, index, input }) => ({ segment, index, input }));
        assert.deepEqual(places(own), places(node));
        for (let at = 0; at <= text.length; at++)
          assert.equal(own.containing(at)?.index, node.containing(at)?.index);
      }
    }),
  );
});
