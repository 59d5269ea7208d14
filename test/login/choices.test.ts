import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proposeProfileNames, servedFirst, wayFor } from '../../source/login/choices.ts';
import type { Choice } from '../../source/login/options.ts';
import { isProfileName, parseProfileName } from '../../source/profiles/profile-name.ts';
import { sampleCluster } from '../helpers/clusters.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { fc } from '../helpers/seeded.ts';

const name = parseProfileName;

test('a cluster is proposed its own name', () => {
  const red = sampleCluster('Red Prod');
  assert.deepEqual([...proposeProfileNames([red], [], undefined)], [[red, 'red-prod']]);
});

test('a cluster that has a profile is proposed that one again', () => {
  const red = sampleCluster('red');
  const profiles = [sampleProfile('other', 'https://other'), sampleProfile('mine', red.server)];
  assert.equal(proposeProfileNames([red], profiles, undefined).get(red), 'mine');
});

test('a name that another cluster has is made another with the workspace, then with a number', () => {
  const red = sampleCluster('prod');
  const taken = [sampleProfile('prod', 'https://elsewhere')];
  assert.equal(proposeProfileNames([red], taken, 'team-red').get(red), 'prod-team-red');
  assert.equal(proposeProfileNames([red], taken, undefined).get(red), 'prod-2');
  assert.equal(proposeProfileNames([red], [], undefined, [name('prod')]).get(red), 'prod-2');
});

test('clusters of one name are told apart by their host names', () => {
  const [a, b] = ['a', 'b'].map(host =>
    sampleCluster('prod', {
      nameIsUnique: false,
      hostname: `${host}.example.com`,
      server: `https://${host}`,
    }),
  );
  assert.ok(a && b);
  assert.deepEqual([...proposeProfileNames([a, b], [], undefined).values()], ['prod', 'prod-b.example.com']);
});

test('no two clusters are ever proposed one name, nor one that another cluster has', () => {
  const names = fc.constantFrom('prod', 'Prod', 'p r o d', '東京', 'con', 'x'.repeat(100), 'prod-2', '');
  const hosts = fc.constantFrom('a', 'b', 'same');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, hosts), { maxLength: 12 }),
      fc.array(names),
      fc.boolean(),
      (list, owned, global) => {
        const clusters = list.map(([each, hostname], index) =>
          sampleCluster(each, { nameIsUnique: false, hostname, server: `https://server-${index}` }),
        );
        const profiles = owned
          .filter(isProfileName)
          .map((each, index) => sampleProfile(each, `https://server-${index * 2}`));
        const unique = [...new Map(profiles.map(profile => [profile.name, profile])).values()];
        const proposed = proposeProfileNames(clusters, unique, global ? undefined : 'team');
        assert.equal(new Set(proposed.values()).size, clusters.length);
        for (const [cluster, proposal] of proposed) {
          assert.ok(isProfileName(proposal));
          const owner = unique.find(profile => profile.name === proposal);
          assert.ok(owner === undefined || owner.cluster.server === cluster.server);
        }
      },
    ),
  );
});

test("a cluster that accepts none of the portal's audiences is signed in to at its own page", () => {
  assert.equal(wayFor(['red-prod'], ['kube-apiserver']), 'page');
  assert.equal(wayFor(['red-prod', 'kube-apiserver'], ['kube-apiserver']), 'portal');
  assert.equal(wayFor(undefined, ['kube-apiserver']), 'portal');
  assert.equal(wayFor(['red-prod'], undefined), 'portal');
});

test('the cluster that the first login serves comes first, and the others stay in order', () => {
  const choices = ['a', 'b', 'c'].map(
    (each): Choice => ({
      cluster: sampleCluster(each),
      profile: name(each),
      signIn: each === 'b' ? 'portal' : 'page',
    }),
  );
  const order = (ways: string) =>
    servedFirst(choices, ({ signIn }) => signIn === ways).map(({ profile }) => profile);
  assert.deepEqual(order('portal'), ['b', 'a', 'c']);
  assert.deepEqual(order('page'), ['a', 'b', 'c']);
  assert.deepEqual(order('device'), ['a', 'b', 'c']);
});
