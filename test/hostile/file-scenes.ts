import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { readCredential, removeCredential, writeCredential } from '../../source/credentials/credential.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { sessionOf } from '../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import type { LoginOptions } from '../../source/login/options.ts';
import { runLogin } from '../../source/login/run.ts';
import { parseProfile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile, readProfile, releaseProfile } from '../../source/profiles/registry.ts';
import { filesBelow, type Home } from '../helpers/home.ts';
import { checkedToken, loginOptions, planContext } from '../helpers/login-options.ts';
import { sampleCredential, sampleProfile } from '../helpers/profiles.ts';

const other = parseProfileName('other');
const otherServer = 'https://other.example.com:6443';
const own = `# mine
apiVersion: v1
kind: Config
clusters: [{name: home, cluster: {server: "https://home.example.com"}}]
contexts: [{name: home, context: {cluster: home, user: home}}]
users: [{name: home, user: {token: my-own-token}}]
current-context: home
`;

/** Something that writes. It can be done again after a fault, and then all must be as it should. */
export type Scene = {
  readonly name: string;
  prepare?(home: Home): Promise<void>;
  act(home: Home): Promise<unknown>;
  /** What must be there after it was done. */
  isDone(home: Home): Promise<void>;
};

/** What is there before: another profile with a good token, and a kubeconfig of the person's own. */
export async function furnish(home: Home): Promise<void> {
  await claimProfile(home.paths, sampleProfile('other', otherServer));
  await writeCredential(home.paths, other, sampleCredential('other', otherServer));
  await fs.writeFile(home.path('own.yaml'), own, { mode: 0o600 });
}

const login = (home: Home, more: Partial<LoginOptions>, profiles = ['red', 'blue']) =>
  runLogin(
    loginOptions(profiles, { signInTime: 'all', ...more }),
    new Map(),
    async ({ profile }) => checkedToken(`person of ${profile}`),
    planContext(home),
  );

async function isLoggedIn(home: Home): Promise<void> {
  for (const name of ['red', 'blue'].map(parseProfileName)) {
    assert.equal((await readProfile(home.paths, name))?.cluster.server, `https://${name}.example.com:6443`);
    assert.equal((await readCredential(home.paths, name))?.subject, `person of ${name}`);
  }
}

const session = () => {
  const client = { issuer: 'https://dkp.example.com/dex', clientId: 'dkp-auth' };
  const kept = sessionOf(client, { token: checkedToken('ada'), refreshToken: 'refresh', scopes: ['openid'] });
  assert.ok(kept);
  return kept;
};
const sessionsOf = (home: Home) =>
  openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));

export const scenes: readonly Scene[] = [
  ...(['1', '2', 'token'] as const).map(method => ({
    name: `a first login, method ${method}`,
    act: (home: Home) => login(home, { method }),
    isDone: isLoggedIn,
  })),
  {
    name: 'a login again',
    prepare: home => login(home, {}).then(() => undefined),
    act: home => login(home, {}),
    isDone: isLoggedIn,
  },
  {
    name: "a login into the person's own kubeconfig",
    act: home => login(home, { output: home.path('own.yaml') }),
    async isDone(home) {
      await isLoggedIn(home);
      const text = await fs.readFile(home.path('own.yaml'), 'utf8');
      for (const part of ['# mine', 'my-own-token', 'red.example.com', 'blue.example.com'])
        assert.ok(text.includes(part), part);
    },
  },
  {
    name: 'a session that is kept',
    act: home => keepSession(sessionsOf(home), session()),
    async isDone(home) {
      assert.equal((await sessionsOf(home).read(session().id)).kind, 'found');
    },
  },
  {
    name: 'a profile that is given back',
    prepare: home => login(home, { signInTime: 'all' }, ['red']).then(() => undefined),
    async act(home) {
      const red = parseProfileName('red');
      await removeCredential(home.paths, red);
      await releaseProfile(home.paths, red);
    },
    async isDone(home) {
      const files = await filesBelow(home.folder);
      assert.deepEqual(
        files.filter(file => /(profiles|credentials)\/red/.test(file)),
        [],
      );
    },
  },
];

/** Unfinished files, locks, and notes that may be lost or torn without harm. */
const isPassing = (file: string) => /\.(lock|tmp)/.test(file) || /\/callers\/|\.started$/.test(file);

/** What holds at every moment, whatever happened; `lost` are files that a disk has emptied. */
export async function assertWhole(
  home: Home,
  scene: Pick<Scene, 'name'>,
  lost: readonly string[] = [],
): Promise<void> {
  const isLost = (file: string) => lost.some(each => file === each || file.startsWith(`${each}.dkp-auth-`));
  const files = (await filesBelow(home.folder)).filter(file => !isPassing(file) && !isLost(file));
  const profiles = new Set<string>();
  for (const file of files) {
    const text = await fs.readFile(home.path(file), 'utf8');
    assert.notEqual(text, '', `${file} is empty`);
    if (/profiles\/[^/]+\.json$/.test(file)) {
      profiles.add(parseProfile(text, file).name);
    } else if (/\.json$/.test(file)) {
      JSON.parse(text);
    }
  }
  for (const file of files.filter(each => each.endsWith('.yaml'))) {
    const { users = [] } = parse(await fs.readFile(home.path(file), 'utf8')) as {
      users?: { name: string; user: { exec?: { args?: string[] } } }[];
    };
    for (const { name, user } of users) {
      const refers = user.exec?.args?.[0] === '--profile' && scene.name !== 'a profile that is given back';
      const isThere = profiles.has(name) || lost.some(each => each.endsWith(`/profiles/${name}.json`));
      assert.ok(!refers || isThere, `${file} refers to ${name}, which is not there`);
    }
  }
  assert.equal(
    (await readCredential(home.paths, other))?.token,
    sampleCredential('other', otherServer).token,
  );
  assert.equal((await readProfile(home.paths, other))?.cluster.server, otherServer);
  // Of a kubeconfig that a disk has lost there is a copy.
  const isOwn = (file: string) =>
    file === 'own.yaml' || (lost.includes('own.yaml') && file.startsWith('own.yaml.'));
  const all = await filesBelow(home.folder);
  const mine = await Promise.all(all.filter(isOwn).map(file => fs.readFile(home.path(file), 'utf8')));
  assert.ok(
    mine.some(text => text.includes('# mine') && text.includes('my-own-token')),
    'the own kubeconfig of the person is damaged',
  );
  for (const file of files) {
    const { mode } = await fs.stat(path.join(home.folder, file));
    assert.equal(mode & 0o077, 0, `${file} can be read by others`);
  }
}
