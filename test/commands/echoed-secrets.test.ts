import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { kubectlSays } from '../helpers/exec-info.ts';
import { fakeClientId, oauthError, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { type Ended, runProgram } from '../helpers/program.ts';
import { renewableProfile } from '../helpers/renewable.ts';

/** In no form, nor in good part, in anything printed or left on the disk. */
async function assertSilent(
  home: Home,
  secrets: readonly string[],
  ...ended: readonly Ended[]
): Promise<void> {
  const files = (await home.files()).filter(file => /flights|rejections|debug/.test(file));
  const texts = await Promise.all(
    files.map(async file => [file, await readFile(home.path(file), 'utf8')] as const),
  );
  const printed = ended.flatMap(
    ({ stdout, stderr }) =>
      [
        ['stdout', stdout],
        ['stderr', stderr],
      ] as const,
  );
  for (const secret of secrets) {
    assert.ok(secret.length > 12, 'a secret that can be told from words');
    for (const [where, text] of [...printed, ...texts]) {
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        secret.slice(0, 12),
      ]) {
        assert.equal(text.includes(form), false, `${where} holds "${form}":\n${text}`);
      }
    }
  }
}

/** Says again whatever it was sent, as some issuers and many proxies in front of them do. */
const repeating = (form: URLSearchParams, authorization = '') =>
  oauthError(
    'invalid_grant',
    `no good: ${authorization} ${[...form].map(([name, value]) => `${name}=${value}`).join(', ')}`,
  );

describe('an issuer that repeats what it was sent', () => {
  for (const json of [false, true]) {
    test(`a client secret is in no error${json ? ', with --json' : ''}`, async t => {
      const fake = await startFakeIssuer(t);
      const home = await temporaryHome(t);
      const secret = 'canary+secret/of=the client';
      fake.answers.set('/token', form =>
        repeating(form, String(fake.requestsTo('/token').at(-1)?.headers['authorization'] ?? '')),
      );
      await writeFile(home.path('ca.pem'), fake.ca);
      await writeFile(home.path('secret'), `${secret}\n`);
      const args = ['login', '--issuer', fake.url, '--client-id', fakeClientId];
      args.push('--client-secret-file', home.path('secret'), '--ca-file', home.path('ca.pem'));
      args.push('--server', 'https://api.example.com:6443', '--cluster', 'build', '--profile', 'build');
      args.push('--sign-in', 'client-credentials', '--method', '2', ...(json ? ['--json'] : ['--yes']));
      const ended = await runProgram(args, { env: home.env });
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /refused: invalid_grant \(no good: .*\*\*\*/);
      const basic = Buffer.from(`${fakeClientId}:${encodeURIComponent(secret)}`).toString('base64');
      await assertSilent(home, [secret, basic], ended);
    });
  }

  test('a refresh token is in no error, and in no record of it that other processes read', async t => {
    const { home, profile, rotating, session, keep } = await renewableProfile(t);
    await keep(-10);
    // Long enough that the end of what is shown of a description falls into it.
    rotating.issuer.answers.set('/token', form =>
      oauthError('server_error', `${'why '.repeat(45)}${form.get('refresh_token')}`, 400),
    );
    const env = { ...home.env, ...kubectlSays(profile), DKP_AUTH_DEBUG_FILE: home.path('debug.log') };
    const first = await runProgram(['token', '--profile', 'prod'], { env });
    const second = await runProgram(['token', '--profile', 'prod'], { env });
    assert.deepEqual([first.code, second.code], [1, 1]);
    await assertSilent(home, [session.refreshToken], first, second);
  });

  test('a code that was pasted is in no error', async t => {
    const fake = await startFakeIssuer(t);
    const home = await temporaryHome(t);
    fake.answers.set('/token', form => repeating(form));
    await writeFile(home.path('ca.pem'), fake.ca);
    const args = [
      'login',
      '--issuer',
      fake.url,
      '--client-id',
      fakeClientId,
      '--ca-file',
      home.path('ca.pem'),
    ];
    args.push('--server', 'https://api.example.com:6443', '--cluster', 'build', '--profile', 'build');
    args.push('--sign-in', 'paste', '--method', '2', '--yes');
    const ended = await runProgram(args, { env: home.env, input: 'canary-code-of-the-issuer\n' });
    assert.equal(fake.requestsTo('/token').length, 1, ended.stderr);
    assert.equal(ended.code, 1, ended.stderr);
    const sent = fake.requestsTo('/token')[0]?.form;
    await assertSilent(home, ['canary-code-of-the-issuer', sent?.get('code_verifier') ?? ''], ended);
  });
});
