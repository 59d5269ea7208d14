import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { credentialOf, writeCredential } from '../../source/credentials/credential.ts';
import { verifyIdToken } from '../../source/credentials/id-token.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { sessionOf } from '../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { type FakeIssuer, fakeClientId, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused } from '../helpers/plain-output.ts';
import { sampleCredential, sampleProfile } from '../helpers/profiles.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

type Outcome = {
  profiles: {
    name: string;
    hadToken: boolean;
    session: string;
    sharedWith: string[];
    message: string | null;
  }[];
};

/** Profiles that share one login at an issuer, each with a token of its own. */
async function signedIn(home: Home, fake: FakeIssuer, names: readonly string[]): Promise<Profile[]> {
  const idToken = await verifyIdToken(await fake.idToken(), {
    issuer: fake.url,
    keys: { keys: fake.keys.jwks() },
    now: Date.now(),
  });
  const session = sessionOf(fake.client(), {
    token: idToken,
    refreshToken: 'canary-refresh-token',
    scopes: ['openid'],
  });
  assert.ok(session);
  const secrets = openSecretStore({ choice: 'file', env: home.env });
  await keepSession(openSessions(home.paths, secrets), session);
  const profiles: Profile[] = [];
  for (const [number, name] of names.entries()) {
    const profile = sampleProfile(name, `https://cluster-${number}.example`, {
      issuer: fake.url,
      portal: { ca: fake.ca },
      signIn: 'browser',
      account: idToken.account,
      client: {
        id: fakeClientId,
        scopes: [],
        extraParameters: {},
        tokenKind: 'id-token',
        flags: [],
        listen: [],
        credentialStore: 'file',
      },
      kubeconfigs: [home.path('kube', `${name}.yaml`)],
    });
    await claimProfile(home.paths, profile);
    await writeCredential(home.paths, profile.name, credentialOf(profile, idToken));
    profiles.push(profile);
  }
  await fs.mkdir(home.path('kube'));
  for (const name of names) await fs.writeFile(home.path('kube', `${name}.yaml`), `# ${name}\n`);
  return profiles;
}

async function issuerWithRevocation(t: TestContext): Promise<FakeIssuer> {
  const fake = await startFakeIssuer(t);
  fake.metadata = { revocation_endpoint: `${fake.url}/revoke` };
  fake.answers.set('/revoke', { raw: '', status: 200 });
  return fake;
}

const secretsIn = async (home: Home) =>
  (await home.files()).filter(file => /(credentials|sessions)\/.*\.json$/.test(file));

describe('logout', () => {
  test('forgets tokens, ends the login at the issuer, and leaves kubeconfigs and profiles', async t => {
    const fake = await issuerWithRevocation(t);
    const home = await temporaryHome(t);
    await signedIn(home, fake, ['prod', 'lab']);
    assert.equal((await secretsIn(home)).length, 3);
    const ended = await runProgram(['logout', 'prod', 'lab'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assertPlain(ended.stdout);
    assertNoToken(ended.stdout);
    assert.equal(ended.stdout.includes('canary'), false);
    assert.match(ended.stdout, /^prod: the token is forgotten; the login at the issuer is ended\.$/m);
    assert.match(ended.stdout, /Kubeconfigs and profiles stay/);
    assert.deepEqual(await secretsIn(home), []);
    const files = await home.files();
    assert.ok(files.includes('kube/prod.yaml') && files.includes('config/profiles/prod.json'));
    // One login, ended once, in the name of its client.
    const [revocation, second] = fake.requestsTo('/revoke');
    assert.equal(second, undefined);
    assert.equal(revocation?.form.get('token'), 'canary-refresh-token');
    assert.equal(revocation?.form.get('token_type_hint'), 'refresh_token');
    assert.equal(revocation?.form.get('client_id'), fakeClientId);
  });

  test('a login that another profile goes on with is not ended', async t => {
    const fake = await issuerWithRevocation(t);
    const home = await temporaryHome(t);
    await signedIn(home, fake, ['prod', 'lab']);
    const ended = await runProgram(['logout', 'prod', '--json'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(jsonOf<Outcome>(ended).profiles, [
      { name: 'prod', hadToken: true, session: 'shared', sharedWith: ['lab'], message: null },
    ]);
    assert.equal(fake.requestsTo('/revoke').length, 0);
    const left = await secretsIn(home);
    assert.deepEqual(
      left.map(file => file.split('/')[1]),
      ['credentials', 'sessions'],
    );
    const rest = await runProgram(['logout', '--all', '--json'], { env: home.env });
    assert.deepEqual(
      jsonOf<Outcome>(rest).profiles.map(({ name, hadToken, session }) => [name, hadToken, session]),
      [
        ['lab', true, 'revoked'],
        ['prod', false, 'revoked'],
      ],
    );
    assert.equal(fake.requestsTo('/revoke').length, 1);
  });

  test('a profile that was left stays left, though another goes on with the same login', async t => {
    const fake = await issuerWithRevocation(t);
    const home = await temporaryHome(t);
    const [prod] = await signedIn(home, fake, ['prod', 'lab']);
    assert.ok(prod);
    assert.equal((await runProgram(['logout', 'prod'], { env: home.env })).code, 0);
    const env = { ...home.env, ...kubectlSays(prod) };
    const asked = await runProgram(['token', '--profile', 'prod'], { env });
    assert.equal(asked.code, 3, asked.stderr);
    assert.equal((await runProgram(['renew', '--profile', 'prod'], { env })).code, 3);
    assert.equal(fake.requestsTo('/token').length, 0);
    const told = jsonOf<{ profiles: { name: string; renewal: string; needsLogin: boolean }[] }>(
      await runProgram(['status', '--json'], { env: home.env }),
    );
    assert.deepEqual(
      told.profiles.map(({ name, renewal, needsLogin }) => [name, renewal, needsLogin]),
      [
        ['lab', 'by-itself', false],
        ['prod', 'asks', true],
      ],
    );
    // Nobody else uses the login then.
    const last = await runProgram(['logout', 'lab', '--json'], { env: home.env });
    assert.equal(jsonOf<Outcome>(last).profiles[0]?.session, 'revoked');
  });

  for (const [what, prepare, why] of [
    [
      'an issuer that cannot be told',
      (fake: FakeIssuer) => void delete fake.metadata['revocation_endpoint'],
      /offers no way to/,
    ],
    [
      'an issuer in trouble',
      (fake: FakeIssuer) => void fake.answers.set('/revoke', { raw: 'down', status: 503 }),
      /\w/,
    ],
    [
      'an issuer that is gone',
      (fake: FakeIssuer) => void fake.answers.set('/.well-known/openid-configuration', 'cut'),
      /was cut/,
    ],
  ] as const) {
    test(`forgets everything here and lists what was not ended: ${what}`, async t => {
      const fake = await issuerWithRevocation(t);
      prepare(fake);
      const home = await temporaryHome(t);
      await signedIn(home, fake, ['prod']);
      const ended = await runProgram(['logout', '--all', '--json'], { env: home.env });
      assert.equal(ended.code, 0, ended.stderr);
      const [prod] = jsonOf<Outcome>(ended).profiles;
      assert.equal(prod?.session, 'not-revoked');
      assert.match(prod?.message ?? '', why);
      assert.equal(`${ended.stdout}${ended.stderr}`.includes('canary'), false);
      assert.deepEqual(await secretsIn(home), []);
    });
  }

  test('a session that cannot be read any more is forgotten all the same', async t => {
    const fake = await issuerWithRevocation(t);
    const home = await temporaryHome(t);
    await signedIn(home, fake, ['prod']);
    const [session = ''] = (await secretsIn(home)).filter(file => file.includes('sessions'));
    await fs.writeFile(home.path(session), '{"version":1', { mode: 0o600 });
    const ended = await runProgram(['logout', 'prod'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /not ended at the issuer: it cannot be read any more/);
    assert.match(ended.stdout, /^Not ended at the issuer: prod\./m);
    assert.deepEqual(await secretsIn(home), []);
  });

  test("the platform's own tokens come without a login to end", async t => {
    const home = await temporaryHome(t);
    const profile = sampleProfile('prod', 'https://prod.example.com');
    await claimProfile(home.paths, profile);
    await writeCredential(home.paths, profile.name, sampleCredential('prod', 'https://prod.example.com'));
    const ended = await runProgram(['logout', 'prod'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^prod: the token is forgotten\.$/m);
    const again = await runProgram(['logout', 'prod'], { env: home.env });
    assert.match(again.stdout, /^prod: there was no token\.$/m);
  });

  test('it wants to be told of whom', async t => {
    const home = await temporaryHome(t);
    for (const args of [[], ['prod', '--all']]) {
      assertRefused(await runProgram(['logout', ...args], { env: home.env }), { exit: 2, message: /--all/ });
    }
    assertRefused(await runProgram(['logout', 'nowhere'], { env: home.env }), {
      exit: 2,
      message: /There is no profile "nowhere"/,
    });
  });
});
