import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type Credential,
  credentialOf,
  readCredential,
  removeCredential,
  writeCredential,
} from '../../source/credentials/credential.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { processFilesTellTime } from '../../source/system/clock.ts';
import { temporaryHome } from '../helpers/home.ts';
import { account, sampleCredential, sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const prod = parseProfileName('prod');
const server = 'https://api.example.com';
const credential = sampleCredential('prod', server);

async function stored(t: TestContext, content: Credential = credential) {
  const home = await temporaryHome(t);
  await writeCredential(home.paths, prod, content);
  return { ...home, file: path.join(home.paths.credentials, 'prod.json') };
}

test('a credential is kept in a file and folders for this user alone', async t => {
  const { paths, mode } = await stored(t);
  assert.deepEqual(await readCredential(paths, prod), credential);
  assert.equal(await mode('state', 'credentials', 'prod.json'), '600');
  assert.equal(await mode('state', 'credentials'), '700');
  assert.equal(await mode('state'), '700');
});

test('a umask of 000 opens nothing to others', async t => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const { mode } = await stored(t);
  assert.equal(await mode('state', 'credentials', 'prod.json'), '600');
  assert.equal(await mode('state', 'credentials'), '700');
  assert.equal(await mode('state'), '700');
});

test('a credential is replaced as a whole, and removed without a trace', async t => {
  const { paths, files } = await stored(t);
  const next = { ...credential, expiresAt: credential.expiresAt + 1 };
  await writeCredential(paths, prod, next);
  assert.deepEqual(await readCredential(paths, prod), next);
  const mark = processFilesTellTime() ? ['state/callers/prod.due'] : [];
  assert.deepEqual(await files(), [...mark, 'state/credentials/prod.json']);
  await removeCredential(paths, prod);
  await removeCredential(paths, prod);
  assert.deepEqual(await files(), []);
  assert.equal(await readCredential(paths, prod), undefined);
});

test('profiles whose names share a beginning or hold a dot have credentials of their own', async t => {
  const { paths } = await stored(t);
  const names = ['prod.eu', 'prod.json', 'prod-2'];
  for (const name of names)
    await writeCredential(paths, parseProfileName(name), sampleCredential(name, `https://${name}`));
  for (const name of names) {
    assert.equal((await readCredential(paths, parseProfileName(name)))?.server, `https://${name}`);
  }
  await removeCredential(paths, parseProfileName('prod.eu'));
  assert.deepEqual(await readCredential(paths, prod), credential);
});

const damaged: [string, string | Buffer][] = [
  ['empty', ''],
  ['truncated', JSON.stringify(credential).slice(0, -20)],
  ['binary', Buffer.from([0, 1, 2, 255, 254])],
  ['of another version', JSON.stringify({ ...credential, version: 2 })],
  ['of another kind', '[]'],
  ['of another profile', JSON.stringify(sampleCredential('lab', server))],
  ['without an expiry', JSON.stringify({ ...credential, expiresAt: undefined })],
  ['with an expiry that is a text', JSON.stringify({ ...credential, expiresAt: '4000000000' })],
  ['with a token that is none', JSON.stringify({ ...credential, token: 'not a token' })],
  [
    'with a token that would break out of a header',
    JSON.stringify({ ...credential, token: 'a.b.c\r\nX-Evil: 1' }),
  ],
  ['with an unsigned token', JSON.stringify({ ...credential, token: 'eyJhbGciOiJub25lIn0.e30.' })],
];

for (const [what, content] of damaged) {
  test(`a credential file that is ${what} counts as none, and the next login mends it`, async t => {
    const { paths, file } = await stored(t);
    await fs.writeFile(file, content);
    assert.equal(await readCredential(paths, prod), undefined);
    await writeCredential(paths, prod, credential);
    assert.deepEqual(await readCredential(paths, prod), credential);
  });
}

for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o777]) {
  test(`a credential file of mode ${mode.toString(8)} is refused, not used`, async t => {
    const { paths, file } = await stored(t);
    await fs.chmod(file, mode);
    await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /by others.*\n.*chmod 600/));
  });
}

test('a symbolic link in its place is refused and not followed, even to a good file', async t => {
  const { paths, file, path: inHome } = await stored(t);
  await fs.rename(file, inHome('elsewhere'));
  await fs.symlink(inHome('elsewhere'), file);
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /is a symbolic link/));
  await fs.rm(inHome('elsewhere'));
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /is a symbolic link/));
});

test('a FIFO in its place is refused at once and hangs nothing', { timeout: 10_000 }, async t => {
  const { paths, file } = await stored(t);
  await fs.rm(file);
  execFileSync('mkfifo', ['-m', '600', file]);
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /is not a regular file/));
});

test('a folder in its place is refused', async t => {
  const { paths, file } = await stored(t);
  await fs.rm(file);
  await fs.mkdir(file, 0o700);
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /is not a regular file/));
  await assert.rejects(writeCredential(paths, prod, credential), userError('IO'));
});

test('a file of another user is refused', async t => {
  const { paths } = await stored(t);
  t.mock.method(process as Required<Pick<NodeJS.Process, 'getuid'>>, 'getuid', () => 12_345);
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /belongs to another user/));
});

test('a file too large to be a credential is not read', async t => {
  const { paths, file } = await stored(t);
  await fs.truncate(file, 2_000_000);
  await assert.rejects(readCredential(paths, prod), userError('STORE_INVALID', /is too large/));
});

test('a file in the place of the folder is an error that names it, and no credential', async t => {
  const { paths } = await temporaryHome(t);
  await fs.mkdir(paths.state, 0o700);
  await fs.writeFile(paths.credentials, '');
  assert.equal(await readCredential(paths, prod), undefined);
  await assert.rejects(writeCredential(paths, prod, credential), userError('IO', /credentials/));
});

test('what is stored of a token names the profile, its server and the account it was checked for', () => {
  const profile = sampleProfile('prod', server);
  const token = {
    token: credential.token,
    account: account('ada', 'ada@corp'),
    groups: ['admins'],
    audience: ['kube-apiserver'],
    issuedAt: 1,
    expiresAt: 2,
  };
  assert.deepEqual(credentialOf(profile, token), { ...credential, issuedAt: 1, expiresAt: 2 });
});
