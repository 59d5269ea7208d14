import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import {
  isSessionId,
  parseSession,
  type Session,
  sessionId,
  sessionOf,
} from '../../source/credentials/session.ts';
import { keepSession, openSessions, type SessionStore } from '../../source/credentials/session-store.ts';
import type { StoreChoice } from '../../source/credentials/store-choice.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { fakeKeyring } from '../helpers/keyring.ts';
import { userError } from '../helpers/user-error.ts';

const client = { issuer: 'https://dkp.example.com/dex', clientId: 'dkp-auth' };

function sessionFor(subject: string, refreshToken = `refresh-${subject}`): Session {
  const account = { issuer: client.issuer, subject, label: `${subject}@corp.example` };
  const token = { token: 'a.b.c', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
  const session = sessionOf(client, { token, refreshToken, scopes: ['openid'] }, 'corporate');
  assert.ok(session);
  return session;
}

function storeIn({ paths, env }: Home, choice: StoreChoice = 'file', keyring = fakeKeyring()): SessionStore {
  return openSessions(paths, openSecretStore({ choice, env, keyring }));
}

async function refreshTokenIn(store: SessionStore, id: string): Promise<string> {
  const read = await store.read(id);
  return read.kind === 'found' ? read.session.refreshToken : read.kind;
}

test('a login leaves a session in a file for this user alone, under a name that tells nobody', async t => {
  const home = await temporaryHome(t);
  const session = sessionFor('../../ada');
  assert.deepEqual(await keepSession(storeIn(home), session), { kind: 'file', why: 'you chose it' });
  const name = `state/sessions/${session.id}.json`;
  assert.deepEqual(await home.files(), [name, `state/sessions/${session.id}.lock`]);
  assert.equal(await home.mode(name), '600');
  assert.equal(await home.mode('state/sessions'), '700');
  assert.deepEqual(await storeIn(home).read(session.id), {
    kind: 'found',
    session,
    place: { kind: 'file', why: 'it was stored there' },
  });
  assert.deepEqual(await storeIn(home).list(), [session.id]);
});

test('there is one session for an issuer, client and account, and a second login replaces it', async t => {
  const home = await temporaryHome(t);
  const store = storeIn(home);
  const first = sessionFor('ada');
  await keepSession(store, { ...first, previousRefreshToken: 'older' });
  await keepSession(store, sessionFor('ada', 'second'));
  await keepSession(store, sessionFor('eve'));
  assert.equal((await store.list()).length, 2);
  const read = await store.read(first.id);
  assert.ok(read.kind === 'found');
  assert.equal(read.session.refreshToken, 'second');
  assert.equal(read.session.previousRefreshToken, undefined);
});

test('every part of what a session is of makes another id, and nothing else does', () => {
  const key = { ...client, account: { issuer: client.issuer, subject: 'ada' } };
  const others = [
    { ...key, issuer: 'https://other.example' },
    { ...key, clientId: 'other' },
    { ...key, account: { ...key.account, subject: 'eve' } },
    { ...key, account: { ...key.account, issuer: 'https://other.example' } },
    { ...key, clientId: 'dkp-auth","https', account: { ...key.account, subject: '' } },
  ];
  const ids = [key, ...others].map(sessionId);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every(isSessionId));
  assert.equal(sessionId({ ...key, account: { ...key.account, ...{ label: 'Ada' } } }), sessionId(key));
});

test('an issuer that gives no refresh token leaves no session', () => {
  const { account } = sessionFor('ada');
  const token = { token: 'a.b.c', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
  assert.equal(sessionOf(client, { token, refreshToken: undefined, scopes: [] }), undefined);
});

test('a session is not read under another id, nor one whose account was changed', () => {
  const session = sessionFor('ada');
  const text = (change: object) => JSON.stringify({ ...session, ...change });
  assert.deepEqual(parseSession(text({}), session.id), session);
  assert.equal(parseSession(text({}), sessionFor('eve').id), undefined);
  assert.equal(parseSession(text({ account: sessionFor('eve').account }), session.id), undefined);
  assert.equal(parseSession(text({ issuer: 'https://evil.example' }), session.id), undefined);
  assert.equal(parseSession(text({ refreshToken: '' }), session.id), undefined);
  assert.equal(parseSession('{', session.id), undefined);
});

test('a session that others could have read or written is refused, not followed', async t => {
  const home = await temporaryHome(t);
  const store = storeIn(home);
  const session = sessionFor('ada');
  await keepSession(store, session);
  const file = home.path('state', 'sessions', `${session.id}.json`);
  await fs.chmod(file, 0o644);
  await assert.rejects(store.read(session.id), userError('STORE_INVALID', /read or written by others/));
  await assert.rejects(keepSession(store, session), userError('STORE_INVALID'));
  await fs.chmod(file, 0o600);
  await fs.rename(file, home.path('elsewhere'));
  await fs.symlink(home.path('elsewhere'), file);
  await assert.rejects(
    keepSession(store, sessionFor('ada', 'next')),
    userError('STORE_INVALID', /symbolic link/),
  );
  assert.doesNotMatch(await fs.readFile(home.path('elsewhere'), 'utf8'), /next/);
});

test('names that are not ids reach no path', async t => {
  const store = storeIn(await temporaryHome(t));
  for (const id of ['', '..', '../x', 'A'.repeat(40), `${'a'.repeat(39)}/`]) {
    await assert.rejects(store.read(id), userError('STORE_INVALID'));
    await assert.rejects(async () => store.hold(id, async () => undefined), userError('STORE_INVALID'));
  }
});

test('with none, nothing is on the disk, and the process still has its session', async t => {
  const home = await temporaryHome(t);
  const keyring = fakeKeyring();
  const store = storeIn(home, 'none', keyring);
  const session = sessionFor('ada');
  assert.deepEqual(await keepSession(store, session), { kind: 'none', why: 'you chose it' });
  assert.equal(await refreshTokenIn(store, session.id), 'refresh-ada');
  assert.deepEqual(await store.list(), [session.id]);
  assert.deepEqual(await home.files(), []);
  assert.deepEqual(keyring.calls, []);
  assert.equal(await refreshTokenIn(storeIn(home, 'none', keyring), session.id), 'none');
  await store.hold(session.id, held => held.remove());
  assert.equal(await refreshTokenIn(store, session.id), 'none');
});

test('in memory too, holders come one after the other, and one that fails lets the next in', async t => {
  const store = storeIn(await temporaryHome(t), 'none');
  const { id } = sessionFor('ada');
  let inside = 0;
  const turns = Array.from({ length: 5 }, (_, number) =>
    store.hold(id, async () => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise(setImmediate);
      inside -= 1;
      if (number === 2) throw new Error('third');
      return number;
    }),
  );
  const outcomes = await Promise.allSettled(turns);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
});

test('nothing is lost when the keyring comes and goes', async t => {
  const home = await temporaryHome(t);
  const keyring = fakeKeyring();
  const session = sessionFor('ada');
  const file = home.path('state', 'sessions', `${session.id}.json`);
  const rotate = (refreshToken: string, choice: StoreChoice = 'auto') => {
    const store = storeIn(home, choice, keyring);
    return store.hold(session.id, async held => {
      const read = await held.read();
      if (read.kind === 'unavailable') return read.error.code;
      return (await held.write({ ...session, refreshToken })).kind;
    });
  };
  // Signed in over SSH, where no keyring answers; then at the desk.
  keyring.fault = 'over SSH';
  assert.equal((await keepSession(storeIn(home, 'auto', keyring), session)).kind, 'file');
  keyring.fault = undefined;
  assert.equal(await rotate('second'), 'file');
  assert.equal(await refreshTokenIn(storeIn(home, 'auto', keyring), session.id), 'second');
  // The next login goes into the keyring; over SSH it can then not be used, and is not lost.
  assert.equal((await keepSession(storeIn(home, 'auto', keyring), session)).kind, 'keyring');
  assert.equal(await rotate('third'), 'keyring');
  assert.doesNotMatch(await fs.readFile(file, 'utf8'), /third/);
  keyring.fault = 'over SSH';
  assert.equal(await rotate('never'), 'KEYRING_UNAVAILABLE');
  assert.equal(await refreshTokenIn(storeIn(home, 'auto', keyring), session.id), 'unavailable');
  keyring.fault = undefined;
  assert.equal(await refreshTokenIn(storeIn(home, 'auto', keyring), session.id), 'third');
  // A login over SSH replaces it: the issuer has ended the one in the keyring anyway.
  keyring.fault = 'over SSH';
  assert.equal((await keepSession(storeIn(home, 'auto', keyring), sessionFor('ada', 'fourth'))).kind, 'file');
  assert.equal(await refreshTokenIn(storeIn(home, 'auto', keyring), session.id), 'fourth');
  // Chosen on purpose, it moves both ways, and no key stays behind.
  keyring.fault = undefined;
  keyring.secrets.clear();
  assert.equal(await rotate('fifth', 'keyring'), 'keyring');
  assert.equal(await rotate('sixth', 'file'), 'file');
  assert.equal(await refreshTokenIn(storeIn(home, 'file', keyring), session.id), 'sixth');
  assert.equal(keyring.secrets.size, 0);
});

test('removing a session removes its key too', async t => {
  const home = await temporaryHome(t);
  const keyring = fakeKeyring();
  const store = storeIn(home, 'auto', keyring);
  const session = sessionFor('ada');
  await keepSession(store, session);
  assert.equal(keyring.secrets.size, 1);
  await store.hold(session.id, held => held.remove());
  assert.equal(keyring.secrets.size, 0);
  assert.deepEqual(await store.read(session.id), { kind: 'none' });
});
