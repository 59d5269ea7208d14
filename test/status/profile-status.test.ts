import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { candidatesFor } from '../../source/completion/live-names.ts';
import { isolationAmong } from '../../source/login/isolation.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { listProfiles } from '../../source/profiles/registry.ts';
import { collectStatus } from '../../source/status/profile-status.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { nameOf, writeProfiles } from '../load/many-profiles.ts';

const count = 50;

/** How often each file is opened, and looked at. */
function countFiles(t: TestContext) {
  const opened = t.mock.method(fs, 'openSync');
  const seen = t.mock.method(fs, 'statSync');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const times = ({ mock }: typeof opened | typeof seen, file: string) =>
    mock.calls.filter(call => call.arguments[0] === file).length;
  return {
    opened: (file: string) => times(opened, file),
    seen: (file: string) => times(seen, file),
    allOpened: () => opened.mock.calls.map(call => String(call.arguments[0])),
  };
}

const manyProfiles = async (t: TestContext): Promise<Home> => {
  const home = await temporaryHome(t);
  await writeProfiles(home, count);
  return home;
};

test('status of many profiles reads each file once, and looks once at a kubeconfig that they share', async t => {
  const home = await manyProfiles(t);
  const shared = home.path('shared.yaml');
  fs.writeFileSync(shared, '');
  const files = countFiles(t);
  const own = await listProfiles(home.paths);
  const profiles = own.map(profile => ({ ...profile, kubeconfigs: [...profile.kubeconfigs, shared] }));
  const rows = await collectStatus(profiles, profiles, home.paths);
  assert.equal(rows.length, count);
  for (const { name, kubeconfigs, expiresAt } of rows) {
    assert.equal(files.opened(home.path('config', 'profiles', `${name}.json`)), 1, name);
    assert.equal(files.opened(home.path('state', 'credentials', `${name}.json`)), 1, name);
    for (const { path, exists } of kubeconfigs) {
      assert.deepEqual([exists, files.seen(path), files.opened(path)], [true, 1, 0], path);
    }
    assert.notEqual(expiresAt, null);
  }
});

test('status of one profile reads no token of another', async t => {
  const home = await manyProfiles(t);
  const profiles = await listProfiles(home.paths);
  const files = countFiles(t);
  const chosen = profiles.filter(({ name }) => name === nameOf(7));
  assert.deepEqual(
    (await collectStatus(chosen, profiles, home.paths)).map(({ name }) => name),
    [nameOf(7)],
  );
  const tokens = files.allOpened().filter(file => file.startsWith(home.paths.credentials));
  assert.deepEqual(tokens, [home.path('state', 'credentials', `${nameOf(7)}.json`)]);
});

test('completion reads no profile but those that fit', async t => {
  const home = await manyProfiles(t);
  const files = countFiles(t);
  const names = [4, ...Array.from({ length: 10 }, (_, digit) => 40 + digit)].map(nameOf);
  const found = await candidatesFor('profiles', nameOf(4), home.paths);
  assert.deepEqual(found.map(({ value }) => value).sort(), names);
  const fitting = names.map(name => home.path('config', 'profiles', `${name}.json`));
  assert.deepEqual(files.allOpened().sort(), fitting);
});

/** How often the server of a cluster is looked at for all profiles to be told apart. */
function looksAmong(number: number): number {
  let looks = 0;
  const profiles: Profile[] = Array.from({ length: number }, (_, index) => {
    const audience = { kind: 'dex-client', client: `client-${index}` } as const;
    const profile = sampleProfile(nameOf(index), `https://${index}.example.com`, { audience });
    return {
      ...profile,
      get cluster() {
        looks += 1;
        return profile.cluster;
      },
    };
  });
  assert.deepEqual([...new Set(profiles.map(isolationAmong(profiles)))], ['audience']);
  return looks;
}

test('ten times the profiles are told apart by ten times the looks', () => {
  assert.equal(looksAmong(500), 10 * looksAmong(50));
});

test('one audience is shared by clusters of one issuer only', () => {
  const at = (name: string, server: string, issuer: string, client: string): Profile => ({
    ...sampleProfile(name, server, { audience: { kind: 'dex-client', client } }),
    issuer,
  });
  const cases: readonly [Profile, string][] = [
    [at('two-names', 'https://a.example', 'https://one.example', 'a'), 'audience'],
    [at('of-a-cluster', 'https://a.example', 'https://one.example', 'a'), 'audience'],
    [at('other-issuer', 'https://b.example', 'https://two.example', 'a'), 'audience'],
    [at('twin-a', 'https://c.example', 'https://two.example', 'c'), 'separate'],
    [at('twin-b', 'https://d.example', 'https://two.example', 'c'), 'separate'],
    [sampleProfile('stock', 'https://e.example'), 'separate'],
  ];
  const told = isolationAmong(cases.map(([profile]) => profile));
  for (const [profile, expected] of cases) assert.equal(told(profile), expected, profile.name);
});
