import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { credentialOf, readCredential, writeCredential } from '../../source/credentials/credential.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { edit } from '../../source/kubeconfig/edit.ts';
import { mergeEntries } from '../../source/kubeconfig/merge.ts';
import { changeKubeconfigs } from '../../source/kubeconfig/write.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile, listProfileNames, readProfile } from '../../source/profiles/registry.ts';
import { readSettings } from '../../source/system/settings.ts';
import { type RotatingIssuer, startRotatingIssuer } from '../credentials/rotating-issuer.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { type FakeIssuer, fakeClientId, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { download } from '../helpers/handed-out.ts';
import { filesBelow, type Home } from '../helpers/home.ts';
import { plugin } from '../helpers/plugin.ts';
import { answeredLogin } from '../helpers/portal-login.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { cli } from '../helpers/program.ts';
import { sampleEntry } from '../kubeconfig/sample.ts';

type Test = { after(run: () => Promise<void>): void };

/** Who stands at the other end of all scenes. */
export type World = { readonly demo: Demo; readonly fake: FakeIssuer; readonly rotating: RotatingIssuer };

/** A run of the built program. It can be done again after a fault, and then all must be as it should. */
export type Scene = {
  readonly name: string;
  prepare(home: Home, world: World): Promise<void>;
  readonly command: (home: Home, world: World) => readonly string[];
  readonly env?: (home: Home, world: World) => Readonly<Record<string, string>>;
  /** Rejects while it is not done. */
  isDone(home: Home, world: World): Promise<void>;
  /** It says nothing to people by itself, and is not to be cut short by a limit that kills a shell. */
  readonly isShell?: boolean;
};

export async function startWorld(test: Test): Promise<World> {
  const demo = await startDemo({
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
  });
  test.after(() => demo.close());
  const fake = await startFakeIssuer(test);
  fake.metadata = { revocation_endpoint: `${fake.url}/revoke` };
  fake.answers.set('/revoke', { raw: '', status: 200 });
  fake.answers.set('/token', () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: fake.url, sub: 'build', aud: fakeClientId, iat: now, exp: now + 36_000 };
    const more = { access_token: 'the-access-token', token_type: 'bearer', expires_in: 36_000 };
    return { ...more, id_token: fake.keys.sign(claims) };
  });
  // An hour in which Dex takes a replaced refresh token again: no fault is to be blamed on a slow machine.
  return { demo, fake, rotating: await startRotatingIssuer(test, 3_600_000) };
}

const red = parseProfileName('red');
const crimson = parseProfileName('crimson');
const prod = parseProfileName('prod');
const node = process.execPath;
const kubeconfig = (home: Home) => home.path('kube', 'red.yaml');

/** A profile with a token, its login at the issuer, and a kubeconfig that names it. */
async function signedIn(home: Home, { rotating }: World, secondsLeft: number, name = prod): Promise<Profile> {
  const { issuer } = rotating;
  const subject = path.basename(home.folder);
  const session = rotating.login(subject, ['prod-client']);
  const profile: Profile = {
    version: 1,
    name,
    cluster: {
      name: 'prod',
      server: 'https://prod.example.com',
      hostname: 'prod.example.com',
      ca: issuer.ca,
    },
    issuer: issuer.url,
    portal: { ca: issuer.ca },
    signIn: 'browser',
    client: {
      ...{ id: fakeClientId, scopes: [], extraParameters: {}, tokenKind: 'id-token', flags: [], listen: [] },
      credentialStore: 'file',
    },
    audience: { kind: 'dex-client', client: 'prod-client' },
    account: session.account,
    kubeconfigs: [kubeconfig(home)],
  };
  await claimProfile(home.paths, profile);
  await keepSession(openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env })), session);
  const expiresAt = Math.floor(Date.now() / 1000) + secondsLeft;
  const issuedAt = expiresAt - 36_000;
  const claims = { iss: issuer.url, sub: subject, aud: 'prod-client', iat: issuedAt, exp: expiresAt };
  const checked = { account: session.account, groups: [], audience: [], issuedAt, expiresAt };
  await writeCredential(
    home.paths,
    name,
    credentialOf(profile, { ...checked, token: issuer.keys.sign(claims) }),
  );
  await changeKubeconfigs(
    [kubeconfig(home)],
    layouts =>
      mergeEntries(
        layouts,
        [sampleEntry(name, { user: { kind: 'exec', command: plugin, args: ['--profile', name] } })],
        {
          ...{ onConflict: 'fail', forNew: kubeconfig(home), isKnown: () => false, setCurrent: undefined },
        },
      ).layouts,
    { paths: home.paths },
  );
  return profile;
}

/** Whether a kubeconfig calls the plugin for a profile. */
async function namesIn(file: string, profile: string): Promise<boolean> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return new RegExp(`--profile["']?(,|\\n *-) *["']?${profile}\\b`).test(text);
}

async function secretsOf(home: Home, name: string): Promise<string[]> {
  const files = await filesBelow(home.folder);
  return files.filter(
    file => file.startsWith(`state/credentials/${name}.`) || /sessions\/.*\.json/.test(file),
  );
}

async function isServed(home: Home): Promise<void> {
  const stored = await readCredential(home.paths, prod);
  assert.ok(stored !== undefined && stored.expiresAt > Date.now() / 1000, 'no good token is stored');
}

const kubectlSays = ({ rotating }: World) =>
  clientGoSays({
    cluster: { ...sampleProfile('prod', 'https://prod.example.com').cluster, ca: rotating.issuer.ca },
  });

export const scenes: readonly Scene[] = [
  {
    name: 'a login',
    async prepare(home, { fake }) {
      await fs.writeFile(home.path('ca.pem'), fake.ca, { mode: 0o600 });
      await fs.writeFile(home.path('secret'), 'the-client-secret\n', { mode: 0o600 });
    },
    command: (home, { fake }) => [
      ...[node, cli, 'login', '--issuer', fake.url, '--client-id', fakeClientId],
      ...['--client-secret-file', home.path('secret'), '--ca-file', home.path('ca.pem')],
      ...['--server', 'https://api.example.com:6443', '--cluster', 'build', '--method', '2'],
      ...['--sign-in', 'client-credentials', '--profile', 'build'],
    ],
    async isDone(home) {
      const build = parseProfileName('build');
      assert.ok((await readProfile(home.paths, build)) && (await readCredential(home.paths, build)));
      assert.ok(await namesIn(home.path('kube', 'build.yaml'), 'build'));
    },
  },
  {
    name: 'a login merged into a kubeconfig',
    prepare: async () => undefined,
    command: (home, { demo }) => [
      ...[node, cli, ...answeredLogin(demo, '--sign-in-later', '--merge', '--output', home.path('own.yaml'))],
    ],
    async isDone(home) {
      assert.ok(await readProfile(home.paths, prod));
      assert.ok(await namesIn(home.path('own.yaml'), 'prod'));
    },
  },
  {
    name: 'undo',
    prepare: home =>
      changeKubeconfigs(
        [home.path('own.yaml')],
        layouts => layouts.map(layout => edit(layout, [{ kind: 'current-context', name: 'elsewhere' }])),
        { paths: home.paths },
      ).then(() => undefined),
    command: home => [node, cli, 'undo', home.path('own.yaml')],
    async isDone(home) {
      assert.doesNotMatch(await fs.readFile(home.path('own.yaml'), 'utf8'), /elsewhere/);
    },
  },
  {
    name: 'profiles rename',
    prepare: (home, world) => signedIn(home, world, 30_000, red).then(() => undefined),
    command: () => [node, cli, 'profiles', 'rename', 'red', 'crimson'],
    async isDone(home) {
      assert.deepEqual(await listProfileNames(home.paths), ['crimson', 'other']);
      assert.ok(await readCredential(home.paths, crimson), 'the token is lost');
      assert.ok((await namesIn(kubeconfig(home), 'crimson')) && !(await namesIn(kubeconfig(home), 'red')));
      const files = await filesBelow(home.folder);
      assert.ok(!files.some(file => file.startsWith('state/credentials/red.')));
    },
  },
  {
    name: 'profiles remove',
    prepare: (home, world) => signedIn(home, world, 30_000, red).then(() => undefined),
    command: () => [node, cli, 'profiles', 'remove', 'red', '--yes'],
    async isDone(home) {
      assert.deepEqual(await listProfileNames(home.paths), ['other']);
      assert.deepEqual(await secretsOf(home, 'red'), []);
      assert.ok(!(await namesIn(kubeconfig(home), 'red')));
    },
  },
  {
    name: 'logout',
    prepare: (home, world) => signedIn(home, world, 30_000, red).then(() => undefined),
    command: () => [node, cli, 'logout', 'red'],
    async isDone(home) {
      assert.deepEqual(await secretsOf(home, 'red'), []);
    },
  },
  {
    name: 'check --fix',
    prepare: async (home, { demo }) => fs.chmod(await download(demo, home), 0o600),
    command: home => [node, cli, 'check', '--fix', '--yes', home.path('platform.yaml')],
    async isDone(home) {
      assert.deepEqual(await listProfileNames(home.paths), ['kubernetes-cluster', 'other', 'red-lab']);
      assert.match(await fs.readFile(home.path('platform.yaml'), 'utf8'), /--profile/);
    },
  },
  {
    name: 'a setting',
    prepare: async () => undefined,
    command: () => [node, cli, 'config', 'set', 'timeout', '123'],
    async isDone(home) {
      assert.equal(((await readSettings(home.paths)) as Record<string, unknown>)['timeout'], 123);
    },
  },
  {
    name: 'a renewal',
    prepare: (home, world) => signedIn(home, world, -10).then(() => undefined),
    command: () => [node, cli, 'token', '--profile', 'prod'],
    env: (_, world) => ({ KUBERNETES_EXEC_INFO: kubectlSays(world) }),
    isDone: isServed,
  },
  {
    name: "a renewal by the plugin's script",
    prepare: (home, world) => signedIn(home, world, -10).then(() => undefined),
    command: () => ['/bin/sh', plugin, '--profile', 'prod'],
    env: (_, world) => ({ KUBERNETES_EXEC_INFO: kubectlSays(world) }),
    isDone: isServed,
    isShell: true,
  },
  {
    name: "a cached token from the plugin's script",
    prepare: (home, world) => signedIn(home, world, 30_000).then(() => undefined),
    command: () => ['/bin/sh', plugin, '--profile', 'prod'],
    env: (_, world) => ({ KUBERNETES_EXEC_INFO: kubectlSays(world) }),
    isDone: isServed,
    isShell: true,
  },
];
