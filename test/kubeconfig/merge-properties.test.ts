import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../source/errors.ts';
import type { KubeconfigEntry } from '../../source/kubeconfig/entry.ts';
import { sharedUsers } from '../../source/kubeconfig/invariant.ts';
import { type Layout, layOut } from '../../source/kubeconfig/layout.ts';
import { conflictWays, type Merged } from '../../source/kubeconfig/merge.ts';
import { Names } from '../../source/kubeconfig/names.ts';
import { asksFor } from '../../source/kubeconfig/ours.ts';
import { isFields } from '../../source/kubeconfig/section.ts';
import { fc } from '../helpers/seeded.ts';
import { mergeInto, sampleEntry } from './sample.ts';

const corpus = path.join(import.meta.dirname, 'corpus');
const texts = await Promise.all(
  (await fs.readdir(corpus)).map(name => fs.readFile(path.join(corpus, name), 'utf8')),
);

// Few names, so that they clash: with one another, with ours, and with what the corpus has.
const names = fc.constantFrom('red', 'blue', 'a', 'default', 'old', 'red-2');
const servers = fc.constantFrom('https://one', 'https://two', 'https://red.example.com:6443');
const contents = {
  clusters: fc.record({ server: servers }),
  contexts: fc.record({ cluster: names, user: names }),
  users: fc.oneof(
    fc.record({ token: fc.constantFrom('t1', 't2') }),
    names.map(name => ({ exec: { command: '/old/dkp-auth-token', args: ['--profile', name] } })),
  ),
};
const kinds = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
const list = (section: 'clusters' | 'contexts' | 'users') =>
  fc.uniqueArray(
    fc
      .record({ name: names, content: contents[section] })
      .map(({ name, content }) => ({ name, [kinds[section]]: content })),
    { selector: ({ name }) => name, maxLength: 4 },
  );
const made = fc
  .record({ clusters: list('clusters'), contexts: list('contexts'), users: list('users') })
  .chain(config =>
    fc.constantFrom(
      JSON.stringify(config),
      JSON.stringify(config, undefined, 2),
      // Block style, every entry on one line.
      Object.entries(config)
        .map(
          ([key, items]) =>
            `${key}:${items.length === 0 ? ' []' : ''}\n${items.map(item => `- ${JSON.stringify(item)} # ${key}\n`).join('')}`,
        )
        .join('# between\n'),
    ),
  );
const files = fc.array(fc.oneof(fc.constantFrom(...texts, ''), made), { minLength: 1, maxLength: 3 });
const entries: fc.Arbitrary<KubeconfigEntry[]> = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom('red', 'blue', 'a', 'default'), servers)
    .map(([name, server]) => sampleEntry(name, { server })),
  { selector: ({ profile }) => profile, minLength: 1, maxLength: 3 },
);
const ways = fc.constantFrom(...conflictWays);

/** Undefined where the merge is refused, with a reason for people. */
function merged(
  ...args: Parameters<typeof mergeInto>
): (Merged & { readonly texts: readonly string[] }) | undefined {
  try {
    return mergeInto(...args);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return undefined;
  }
}

const property = (
  check: (texts: string[], ours: KubeconfigEntry[], way: (typeof conflictWays)[number]) => void,
) => fc.assert(fc.property(files, entries, ways, check), { numRuns: 200 });

type Piece = { readonly item: Layout['items'][number]; readonly text: string };

const piecesOf = ({ layouts }: Pick<Merged, 'layouts'>): Piece[] =>
  layouts.flatMap(({ items, text }) =>
    items.map(item => ({ item, text: text.slice(item.start, item.end()) })),
  );

describe('a merge, whatever the files hold and whatever becomes of names that clash,', () => {
  it('is done when it is done: the second time nothing changes', () => {
    let done = 0;
    property((before, ours, onConflict) => {
      const first = merged(before, ours, { onConflict });
      if (first === undefined) return;
      done += 1;
      assert.deepEqual(merged(first.texts, ours, { onConflict: 'fail' })?.texts, first.texts);
    });
    assert.ok(done > 50, `${done} were not refused`);
  });

  it('loses no entry and changes none that is not ours, byte for byte', () => {
    property((before, ours, onConflict) => {
      const after = merged(before, ours, { onConflict });
      if (after === undefined) return;
      for (const [index, text] of before.entries()) {
        const layout: Layout | undefined = after.layouts[index];
        const old = layOut(text, layout?.path ?? '');
        const placed = new Set([...after.placed.values()].map(({ context }) => context));
        const touched = new Set([...placed, ...ours.map(({ profile }) => profile as string)]);
        const now: Piece[] = layout === undefined ? [] : piecesOf({ layouts: [layout] });
        for (const item of old.items) {
          const name = String(item.value?.['name']);
          const same: Piece | undefined = now.find(
            each => each.item.section === item.section && each.item.value?.['name'] === name,
          );
          assert.ok(same, `${item.section} ${name} is lost`);
          const user = item.value?.['user'];
          const isOurs = ours.some(({ profile }) => isFields(user) && asksFor(user, profile));
          if (touched.has(name) || isOurs) continue;
          // A cluster that a context of ours names is ours too.
          const isCluster = [...after.placed.values()].some(
            ({ context }) => new Names(after.layouts).find('contexts', context)?.content['cluster'] === name,
          );
          if (item.section === 'clusters' && isCluster) continue;
          assert.equal(same.text, text.slice(item.start, item.end()));
        }
      }
    });
  });

  it('never lets one user serve two clusters that did not before, and what it wrote serves its own', () => {
    property((before, ours, onConflict) => {
      const after = merged(before, ours, { onConflict });
      if (after === undefined) return;
      const known = new Set(sharedUsers(before.map(text => layOut(text, 'x'))).map(({ user }) => user));
      for (const { user } of sharedUsers(after.layouts)) assert.ok(known.has(user), user);
      const found = new Names(after.layouts);
      for (const { profile, server } of ours) {
        const context = found.find('contexts', after.placed.get(profile)?.context ?? '');
        assert.equal(found.find('clusters', String(context?.content['cluster']))?.content['server'], server);
        const user = found.find('users', String(context?.content['user']));
        assert.ok(user && asksFor(user.content, profile), 'kubectl finds another user than ours');
      }
    });
  });

  it('comes to the same in whatever order the profiles come, where no name clashes', () => {
    property((before, ours) => {
      const onConflict = 'fail';
      const one = merged(before, ours, { onConflict });
      const other = merged(before, ours.toReversed(), { onConflict });
      if (one === undefined || other === undefined) return;
      const view = ({ layouts }: Pick<Merged, 'layouts'>) =>
        layouts.map(({ items }) =>
          items.map(({ section, value }) => JSON.stringify([section, value])).sort(),
        );
      assert.deepEqual(view(one), view(other));
    });
  });
});
