import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../source/check/check.ts';
import { fc } from '../helpers/seeded.ts';
import { kubeconfig, landscape } from './landscape.ts';

type User = { readonly token: string; readonly clusters: readonly number[] };

const user: fc.Arbitrary<User> = fc.record({
  token: fc.constantFrom('p', 'q', 'r'),
  clusters: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
});
const files = fc.array(fc.array(user, { maxLength: 4 }), { minLength: 1, maxLength: 3 });

const textOf = (users: readonly User[]) =>
  kubeconfig({
    clusters: Object.fromEntries([0, 1, 2, 3].map(cluster => [`c${cluster}`, `https://c${cluster}.example`])),
    contexts: Object.fromEntries(
      users.flatMap(({ clusters }, index) =>
        clusters.map(cluster => [`x${index}-${cluster}`, [`c${cluster}`, `u${index}`]] as const),
      ),
    ),
    users: Object.fromEntries(users.map(({ token }, index) => [`u${index}`, { token }])),
  });

/** By comparing everybody with everybody. */
function expected(all: readonly (readonly User[])[]): string[] {
  const users = all.flatMap((list, file) =>
    list.map((each, index) => ({ ...each, at: `${file} u${index}` })),
  );
  const setOf = ({ clusters }: User) => clusters.toSorted().join();
  return users.flatMap(one => {
    const shares = users.some(
      other =>
        other.token === one.token &&
        one.clusters.length > 0 &&
        other.clusters.length > 0 &&
        setOf(other) !== setOf(one),
    );
    return [
      ...(one.clusters.length > 1 ? [`SHARED_USER ${one.at}`] : []),
      ...(shares ? [`SHARED_TOKEN ${one.at}`] : []),
    ];
  });
}

describe('what is shared', () => {
  it('is found in any files, whatever their order', () => {
    fc.assert(
      fc.property(files, all => {
        const found = check(landscape({ files: all.map(textOf), apart: true }))
          .filter(({ code }) => code.startsWith('SHARED_'))
          .map(({ code, file, subject }) => `${code} ${file.replace('/kube/', '')} ${subject.slice(6, -1)}`);
        assert.deepEqual(found.toSorted(), expected(all).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});
