import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProfileAnswers } from '../../source/login/answers.ts';
import { answeredProfileNames, completeProfileNames } from '../../source/login/profile-names.ts';
import { sampleCluster } from '../helpers/clusters.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const [red, blue, lab] = ['red', 'blue', 'lab'].map(name => sampleCluster(name)) as [
  ReturnType<typeof sampleCluster>,
  ReturnType<typeof sampleCluster>,
  ReturnType<typeof sampleCluster>,
];
const offered = [red, blue, lab];
const names = (
  flags: string[],
  chosen = offered,
  profiles: Parameters<typeof answeredProfileNames>[2] = [],
) => answeredProfileNames(parseProfileAnswers(flags), chosen, profiles);

test('profile names are given to clusters as the flags say', () => {
  assert.deepEqual([...names(['x'], [red])], [[red, 'x']]);
  assert.deepEqual(
    [...names(['blue=b', 'https://red.example.com:6443=r'])],
    [
      [blue, 'b'],
      [red, 'r'],
    ],
  );
  assert.deepEqual([...names([])], []);
});

test('one name is refused for two clusters, in every way to say it', () => {
  assert.throws(() => names(['x'], [red, blue]), userError('USAGE', /one name, but 2 clusters/));
  assert.throws(
    () => names(['red=x', 'blue=x']),
    userError('PROFILE_TAKEN', /"x" to two clusters: red and blue/),
  );
});

test("another cluster's profile name is refused, the cluster's own is taken again", () => {
  const profiles = [sampleProfile('x', red.server)];
  assert.throws(
    () => names(['blue=x'], offered, profiles),
    userError('PROFILE_TAKEN', /taken by the cluster prod/),
  );
  assert.equal(names(['red=x'], offered, profiles).get(red), 'x');
});

test('a name for a cluster that was not chosen is refused', () => {
  assert.throws(() => names(['lab=x'], [red, blue]), userError('UNKNOWN_CLUSTER', /It has: red, blue/));
});

test('clusters without a name get one that nobody has', () => {
  const profiles = [sampleProfile('blue', 'https://elsewhere')];
  const complete = completeProfileNames(names(['red=lab']), offered, profiles, undefined);
  assert.deepEqual(
    offered.map(cluster => complete.get(cluster)),
    ['lab', 'blue-2', 'lab-2'],
  );
});

test('a profile of another installation is not proposed again, and its name counts as taken', () => {
  const elsewhere = sampleProfile('red', red.server, {
    portal: { loginLink: 'https://other.example/token/landing/' },
  });
  const complete = completeProfileNames(new Map(), [red], [], undefined, [elsewhere]);
  assert.equal(complete.get(red), 'red-2');
});

/** How often profiles and clusters were asked for something while names were found: each with each would be the square. */
function readsFor(count: number): number {
  let reads = 0;
  const counted = <T extends object>(each: T): T =>
    new Proxy(each, {
      get(target, property) {
        reads += 1;
        return Reflect.get(target, property);
      },
    });
  const clusters = Array.from({ length: count }, (_, index) =>
    // Nothing of such a name is left, so that all of them are numbered.
    counted(sampleCluster(`c${index}`, { name: index % 2 === 0 ? `c${index}` : '東京' })),
  );
  const profiles = clusters.map(({ server }, index) => counted(sampleProfile(`c${index}`, server)));
  const usable = profiles.filter((_, index) => index % 3 === 0);
  reads = 0;
  const complete = completeProfileNames(new Map(), clusters, usable, 'team-red', profiles);
  assert.equal(new Set(complete.values()).size, count);
  return reads;
}

test('names for thousands of clusters, beside thousands of profiles, take work that grows as they do', () => {
  const [few, many] = [readsFor(500), readsFor(5000)];
  assert.ok(many <= few * 11, `${few} reads for 500, ${many} for 5,000`);
});
