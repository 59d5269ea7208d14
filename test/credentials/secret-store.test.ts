import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSecretStore, type SecretStore } from '../../source/credentials/secret-store.ts';
import type { StoreChoice } from '../../source/credentials/store-choice.ts';
import { type FakeKeyring, fakeKeyring } from '../helpers/keyring.ts';
import { userError } from '../helpers/user-error.ts';

const subject = { id: 'session-1', issuer: 'https://dkp.example.com/dex' };
/** Twice what Windows takes. */
const secret = 'refresh-token-'.repeat(400);

const storeWith = (keyring: FakeKeyring, choice: StoreChoice = 'auto') =>
  openSecretStore({ choice, env: {}, keyring });

async function sealed(store: SecretStore, text = secret, former?: string): Promise<string> {
  return (await store.sealer(subject, former)).seal(text);
}

test('with a keyring the file is unreadable, whatever its size, and its key is all the keyring has', async () => {
  const keyring = fakeKeyring();
  const content = await sealed(storeWith(keyring));
  assert.doesNotMatch(content, /refresh-token/);
  assert.ok(!content.includes(Buffer.from('refresh-token').toString('base64').slice(0, 16)));
  const [key = ''] = keyring.secrets.values();
  assert.equal(Buffer.from(key, 'base64').length, 32);
  const opened = await storeWith(keyring).open(content, subject.id);
  assert.deepEqual(opened, {
    kind: 'opened',
    secret,
    place: { kind: 'keyring', why: 'it was stored there' },
  });
});

test('what is sealed twice is never the same, and asks the keyring once', async () => {
  const keyring = fakeKeyring();
  const store = storeWith(keyring);
  const first = await sealed(store);
  const calls = keyring.calls.length;
  const second = await sealed(store, secret, first);
  assert.notEqual(first, second);
  assert.equal(keyring.calls.length, calls);
  assert.equal(keyring.secrets.size, 1);
});

test('a file that was changed, moved, or given to another issuer does not open', async () => {
  const keyring = fakeKeyring();
  const content = await sealed(storeWith(keyring));
  const parts = JSON.parse(content) as Record<string, string>;
  const flipped = (text = '') => {
    const bytes = Buffer.from(text, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  const other = await sealed(storeWith(keyring), 'another secret');
  const changes: Record<string, unknown>[] = [
    { issuer: 'https://evil.example' },
    { data: flipped(parts['data']) },
    { data: parts['data']?.slice(0, 8) },
    { data: (JSON.parse(other) as { data: string }).data },
    { nonce: flipped(parts['nonce']) },
    { key: (JSON.parse(other) as { key: string }).key },
    { key: '../../somewhere' },
    { version: 2 },
    { kept: 'elsewhere' },
  ];
  for (const change of changes) {
    const text = JSON.stringify({ ...parts, ...change });
    assert.deepEqual(
      await storeWith(keyring).open(text, subject.id),
      { kind: 'lost' },
      JSON.stringify(change),
    );
  }
  assert.deepEqual(await storeWith(keyring).open(content, 'session-2'), { kind: 'lost' });
  const renamed = JSON.stringify({ ...parts, id: 'session-2' });
  assert.deepEqual(await storeWith(keyring).open(renamed, 'session-2'), { kind: 'lost' });
  for (const text of ['', 'null', '{}', content.slice(0, 50)]) {
    assert.deepEqual(await storeWith(keyring).open(text, subject.id), { kind: 'lost' });
  }
});

test('auto takes the file when the keyring is absent, locked, or does not keep things, and says why', async () => {
  for (const [fault, garbles, why] of [
    ['the keyring is locked', false, 'the keyring is locked'],
    [undefined, true, 'the keyring did not keep what it was given'],
  ] as const) {
    const keyring = fakeKeyring({ fault, garbles });
    const store = storeWith(keyring);
    const sealer = await store.sealer(subject);
    assert.deepEqual([sealer.kind, sealer.why], ['file', why]);
    assert.deepEqual(await store.describe(), { kind: 'file', why });
    const opened = await store.open(sealer.seal(secret), subject.id);
    assert.equal(opened.kind === 'opened' && opened.secret, secret);
  }
});

test('a keyring that was demanded is not replaced by a file', async () => {
  const keyring = fakeKeyring({ fault: 'it is locked' });
  const store = storeWith(keyring, 'keyring');
  const refused = userError('KEYRING_UNAVAILABLE', /it is locked(.|\n)*--credential-store file/);
  await assert.rejects(store.sealer(subject), refused);
  await assert.rejects(store.describe(), refused);
});

test('found in the file, it stays there when the keyring answers later, until it is wanted elsewhere', async () => {
  const keyring = fakeKeyring({ fault: 'over SSH' });
  const content = await sealed(storeWith(keyring));
  keyring.fault = undefined;
  keyring.calls.length = 0;
  const auto = storeWith(keyring);
  assert.equal((await auto.open(content, subject.id)).kind, 'opened');
  assert.equal((await auto.sealer(subject, content)).kind, 'file');
  assert.deepEqual(keyring.calls, [], 'no renewal waits for a keyring that it does not need');
  const moved = await sealed(storeWith(keyring, 'keyring'), secret, content);
  assert.doesNotMatch(moved, /refresh-token/);
  const back = await sealed(storeWith(keyring, 'file'), secret, moved);
  assert.match(back, /refresh-token/);
});

test('found in the keyring, it is only unavailable while the keyring does not answer', async () => {
  const keyring = fakeKeyring();
  const content = await sealed(storeWith(keyring));
  keyring.fault = 'the keyring is locked';
  const locked = await storeWith(keyring).open(content, subject.id);
  assert.equal(locked.kind, 'unavailable');
  if (locked.kind === 'unavailable') userError('KEYRING_UNAVAILABLE', /the keyring is locked/)(locked.error);
  keyring.fault = undefined;
  assert.equal((await storeWith(keyring).open(content, subject.id)).kind, 'opened');
  keyring.secrets.clear();
  assert.deepEqual(await storeWith(keyring).open(content, subject.id), { kind: 'lost' });
});

test('a key leaves the keyring with its file, and not while the next file needs it', async () => {
  const keyring = fakeKeyring();
  const store = storeWith(keyring);
  const first = await sealed(store);
  const second = await sealed(store, secret, first);
  await store.forget(first, second);
  assert.equal(keyring.secrets.size, 1);
  await store.forget(second);
  assert.equal(keyring.secrets.size, 0);
  assert.deepEqual(await store.open(second, subject.id), { kind: 'lost' });
});

test('to say where things go leaves nothing in the keyring', async () => {
  const keyring = fakeKeyring();
  assert.deepEqual(await storeWith(keyring).describe(), { kind: 'keyring', why: 'it answers' });
  assert.deepEqual(await storeWith(keyring, 'file').describe(), { kind: 'file', why: 'you chose it' });
  assert.deepEqual(await storeWith(keyring, 'none').describe(), { kind: 'none', why: 'you chose it' });
  assert.equal(keyring.secrets.size, 0);
});
