import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fakeClientId, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

const server = 'https://api.example.com:6443';
const execInfo = JSON.stringify({
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  spec: { interactive: false, cluster: { server } },
});

async function machine(home: Home, fake: { url: string; ca: string }): Promise<string[]> {
  await writeFile(home.path('ca.pem'), fake.ca);
  await writeFile(home.path('secret'), 'the-client-secret\n');
  return [
    ...[
      'login',
      '--issuer',
      fake.url,
      '--client-id',
      fakeClientId,
      '--client-secret-file',
      home.path('secret'),
    ],
    ...['--ca-file', home.path('ca.pem'), '--server', server, '--cluster', 'build'],
    ...['--sign-in', 'client-credentials', '--method', '2', '--profile', 'build', '--json'],
  ];
}

test('a machine signs in by its secret, and again by itself when its token is over, with no refresh token kept', async t => {
  const fake = await startFakeIssuer(t);
  const home = await temporaryHome(t);
  const answer = async () => {
    const idToken = await fake.idToken({ nonce: undefined });
    fake.answers.set('/token', {
      access_token: 'the-access-token',
      token_type: 'bearer',
      expires_in: 3600,
      id_token: idToken,
    });
    return idToken;
  };
  await answer();
  const ended = await runProgram(await machine(home, fake), { env: home.env });
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(fake.requestsTo('/token').length, 1);

  const files = await home.files();
  assert.ok(!files.some(file => file.startsWith('state/sessions/')), files.join('\n'));
  for (const file of files.filter(name => name !== 'secret')) {
    assert.doesNotMatch(await readFile(home.path(file), 'utf8'), /the-client-secret/, file);
  }

  const credential = home.path('state', 'credentials', 'build.json');
  const stored = JSON.parse(await readFile(credential, 'utf8')) as object;
  await writeFile(credential, JSON.stringify({ ...stored, expiresAt: 1 }));
  const second = await answer();
  const again = await runProgram(['token', '--profile', 'build'], {
    env: { ...home.env, KUBERNETES_EXEC_INFO: execInfo },
  });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(jsonOf<{ status: { token: string } }>(again).status.token, second);
  assert.equal(fake.requestsTo('/token').at(-1)?.form.get('grant_type'), 'client_credentials');
});

test('the credential store is the flag, else the environment, else the setting, and a wrong one is wrong usage', async t => {
  const fake = await startFakeIssuer(t);
  const home = await temporaryHome(t);
  const args = await machine(home, fake);
  const { config } = home.paths;
  const wrong = async (more: string[], env: Record<string, string>) => {
    const ended = await runProgram([...args, ...more], { env: { ...home.env, ...env } });
    const said = /(?:: |has a )(\S+) (?:takes auto, keyring, file|that is none)/.exec(ended.stderr)?.[1];
    return said === undefined ? undefined : [said, ended.code];
  };
  assert.deepEqual(await wrong(['--credential-store', 'cupboard'], {}), ['--credential-store', 2]);
  assert.deepEqual(await wrong([], { DKP_AUTH_CREDENTIAL_STORE: 'cupboard' }), [
    'DKP_AUTH_CREDENTIAL_STORE',
    2,
  ]);
  assert.equal(
    await wrong(['--credential-store', 'file'], { DKP_AUTH_CREDENTIAL_STORE: 'cupboard' }),
    undefined,
  );
  await mkdir(config, { recursive: true, mode: 0o700 });
  await writeFile(`${config}/settings.json`, JSON.stringify({ portals: [], credentialStore: 'cupboard' }));
  // It can be mended by a command, and is told as what is damaged.
  assert.deepEqual(await wrong([], {}), ['credentialStore', 1]);
  assert.equal(await wrong([], { DKP_AUTH_CREDENTIAL_STORE: 'none' }), undefined);
});
