import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { readProfile } from '../../source/profiles/registry.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { startFakeIssuer } from '../helpers/fake-issuer.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { answeredLogin } from '../helpers/portal-login.ts';
import { type Ended, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';

const secretNames = [
  'code',
  'code_verifier',
  'client_secret',
  'device_code',
  'refresh_token',
  'access_token',
  'id_token',
  'token',
  'requestCode',
  'hmac',
  'state',
  'nonce',
];

/** Every secret that went over the wire, as the platform has seen it, and those that are stored. */
async function secretsOf(demo: Demo, home: Home): Promise<Set<string>> {
  const secrets = new Set<string>();
  const add = (name: string, value: unknown) => {
    if (secretNames.includes(name) && typeof value === 'string' && value.length >= 6) secrets.add(value);
  };
  for (const { path, body, bearer, headers } of demo.requests) {
    for (const [name, value] of new URL(path, 'https://x').searchParams) add(name, value);
    for (const [name, value] of new URLSearchParams(body)) add(name, value);
    if (body.startsWith('{')) for (const [name, value] of Object.entries(JSON.parse(body))) add(name, value);
    if (bearer !== undefined) secrets.add(bearer.raw);
    if (headers['cookie'] !== undefined) secrets.add(headers['cookie']);
  }
  for (const file of await home.files()) {
    if (!/(credentials|sessions)\/.*\.json$/.test(file)) continue;
    const text = await fs.readFile(home.path('', file), 'utf8');
    for (const [, value = ''] of text.matchAll(
      /"(?:token|refreshToken|previousRefreshToken)\\?": ?\\?"([^"\\]+)/g,
    )) {
      secrets.add(value);
    }
  }
  return secrets;
}

/** Lines of debugging, and none of the conversation. */
const debugLines = ({ stderr }: Ended) => stderr.split('\n').filter(line => /^\d+\.\d{3} /.test(line));

function assertSilent(text: string, secrets: ReadonlySet<string>): void {
  assert.ok(secrets.size > 0);
  assertPlain(text);
  for (const secret of secrets) {
    assert.equal(text.includes(secret), false, `a secret is told: ${secret.slice(0, 12)}...`);
    assert.equal(text.includes(encodeURIComponent(secret)), false);
  }
  assert.doesNotMatch(text, /eyJ[\w-]{5,}/);
}

describe('--debug', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo({ tokenLifetimeSeconds: 3600, deviceIntervalSeconds: 1 });
  });
  after(() => demo.close());

  test("a login by the platform's token service: times and requests, and no secret", async t => {
    const home = await temporaryHome(t);
    demo.forgetRequests();
    const program = startProgram(['--debug', ...answeredLogin(demo)], { env: home.env });
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const lines = debugLines(ended);
    assert.match(lines[0] ?? '', /^\d+\.\d{3} start version=\S+ node=\S+ .*command=login/);
    assert.ok(
      lines.some(line =>
        /http method=POST url=https:\S+\/token\/async sent=\d+ status=201 received=\d+ ms=\d+$/.test(line),
      ),
    );
    assert.ok(lines.some(line => /url=\S+\/token\/async\/query\?hmac=\*\*\*&requestCode=\*\*\*/.test(line)));
    assert.match(lines.at(-1) ?? '', /end exitCode=0$/);
    assertSilent(lines.join('\n'), await secretsOf(demo, home));
    assert.doesNotMatch(ended.stdout, /^\d+\.\d{3} /m);
  });

  for (const way of ['browser', 'device'] as const) {
    test(`a login at the issuer by ${way}, a renewal and a logout, into one file`, async t => {
      const home = await temporaryHome(t);
      const portal = await writePortalFile(demo, home, { clusters: ['red-prod'] });
      const log = home.path('debug.log');
      demo.forgetRequests();
      const program = startProgram(
        [
          ...[
            'login',
            '--portal-file',
            portal,
            '--all-clusters',
            '--method',
            '2',
            '--profile',
            'prod',
            '--debug-file',
            log,
          ],
          ...['--sign-in', way, '--idp', 'corporate', '--credential-store', 'file'],
        ],
        { env: home.env },
      );
      await personSignsIn(program, demo, demo.user('ada'), way === 'device' ? 2 : 1);
      assert.equal((await program.ended).code, 0);
      const secrets = await secretsOf(demo, home);
      const credential = home.path('state', 'credentials', 'prod.json');
      await fs.rm(credential);
      const profile = await readProfile(home.paths, parseProfileName('prod'));
      assert.ok(profile);
      const env = { ...home.env, ...kubectlSays(profile), DKP_AUTH_DEBUG_FILE: log };
      const given = await runProgram(['token', '--profile', 'prod'], { env });
      assert.equal(given.code, 0, given.stderr);
      assert.equal(given.stderr, '');
      for (const secret of await secretsOf(demo, home)) secrets.add(secret);
      assert.equal((await runProgram(['logout', 'prod', `--debug-file=${log}`], { env: home.env })).code, 0);
      const text = await fs.readFile(log, 'utf8');
      assertSilent(text, secrets);
      assert.equal((text.match(/ start /g) ?? []).length, 3);
      assert.match(text, /token profile=prod kept=false/);
      assert.match(text, /lock file=\S+ waitedMs=\d+/);
      assert.match(text, /http method=POST url=\S+\/dex\/token sent=\d+ status=200/);
      assert.equal(await home.mode('debug.log'), '600');
    });
  }

  test('a machine, whose secret comes from a file, at an issuer that fails', async t => {
    const home = await temporaryHome(t);
    const fake = await startFakeIssuer(t);
    fake.answers.set('/token', {
      raw: JSON.stringify({ error: 'invalid_client', error_description: 'not canary-client-secret' }),
      status: 401,
      headers: { 'content-type': 'application/json' },
    });
    await fs.writeFile(home.path('ca.pem'), fake.ca);
    await fs.writeFile(home.path('secret'), 'canary-client-secret\n');
    const ended = await runProgram(
      [
        ...[
          'login',
          '--issuer',
          fake.url,
          '--client-id',
          'robot',
          '--client-secret-file',
          home.path('secret'),
        ],
        ...[
          '--server',
          'https://prod.example.com',
          '--ca-file',
          home.path('ca.pem'),
          '--cluster',
          'prod.example.com',
        ],
        ...['--sign-in', 'client-credentials', '--method', '2', '--profile', 'robot', '--debug', '--yes'],
      ],
      { env: home.env },
    );
    assert.notEqual(ended.code, 0);
    const lines = debugLines(ended).join('\n');
    assert.match(lines, /url=\S+\/issuer\/token .*status=401/);
    assert.match(lines, /error level=0 name=UserError code=/);
    assertSilent(lines, new Set(['canary-client-secret']));
  });

  test('asking API servers and the doctor', async t => {
    const home = await temporaryHome(t);
    const token = await keepToken(home, demo, await boundProfile(home, demo, 'lab', 'red-lab'));
    for (const args of [['status', '--check-server'], ['doctor'], ['profiles', 'rename', 'lab', 'other']]) {
      const ended = await runProgram([...args, '--debug'], { env: home.env });
      assertSilent(debugLines(ended).join('\n'), new Set([token]));
    }
  });

  test('without it nothing is told, and behind -- it is a word like any other', async t => {
    const home = await temporaryHome(t);
    assert.equal((await runProgram(['status'], { env: home.env })).stderr, '');
    const ended = await runProgram(['status', '--', '--debug'], { env: home.env });
    assert.equal(ended.code, 2);
    assert.deepEqual(debugLines(ended), []);
  });

  test("a file that is somebody else's link is not written through", async t => {
    const home = await temporaryHome(t);
    await fs.symlink(home.path('target'), home.path('link'));
    const ended = await runProgram(['status', '--debug-file', home.path('link')], { env: home.env });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Could not write to/);
    assert.deepEqual(await home.files(), ['link']);
    assert.equal((await runProgram(['status', '--debug-file'], { env: home.env })).code, 2);
  });
});
