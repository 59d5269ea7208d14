import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import type { JSONWebKeySet } from 'jose';
import { type IdTokenExpectation, verifyIdToken } from '../../source/credentials/id-token.ts';
import type { ErrorCode } from '../../source/errors.ts';
import type { Account } from '../../source/profiles/profile.ts';
import { userError } from '../helpers/user-error.ts';

const issuer = 'https://dkp.example.com/dex';
const now = 1_800_000_000;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const keys = {
  keys: [
    { ...key.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' },
    { ...curve.publicKey.export({ format: 'jwk' }), kid: 'two', use: 'sig', alg: 'ES256' },
  ],
} as JSONWebKeySet;

const claims = {
  iss: issuer,
  sub: 'ada-subject',
  aud: 'kube-apiserver',
  exp: now + 86_400,
  iat: now,
  email: 'ada@corp.example',
  name: 'Ada Nwosu',
  groups: ['admins'],
};
type Claims = Partial<Record<keyof typeof claims | 'nbf' | 'azp' | 'preferred_username', unknown>>;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(more: Claims = {}, by: { header?: object; key?: KeyObject } = {}): string {
  const input = `${part({ alg: 'RS256', kid: 'one', ...by.header })}.${part({ ...claims, ...more })}`;
  return `${input}.${sign('sha256', Buffer.from(input), by.key ?? key.privateKey).toString('base64url')}`;
}

/** Signed with the issuer's public key as if it were a shared secret: the classic confusion. */
function signedWithSecret(secret: string | Buffer): string {
  const input = `${part({ alg: 'HS256', kid: 'one' })}.${part(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' });
const publicDer = key.publicKey.export({ type: 'spki', format: 'der' });

const verify = (token: string, more: Partial<IdTokenExpectation> = {}) =>
  verifyIdToken(token, { issuer, keys, now: now * 1000, ...more });

test('a good token tells the account, groups, audience and times', async () => {
  const token = signed();
  assert.deepEqual(await verify(token), {
    token,
    account: { issuer, subject: 'ada-subject', label: 'ada@corp.example' },
    groups: ['admins'],
    audience: ['kube-apiserver'],
    issuedAt: now,
    expiresAt: now + 86_400,
  });
});

test('a signature by an elliptic curve is as good', async () => {
  const input = `${part({ alg: 'ES256', kid: 'two' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' });
  assert.equal((await verify(`${input}.${signature.toString('base64url')}`)).issuedAt, now);
});

const refusedTokens: [string, string, RegExp, ErrorCode?][] = [
  // Signature.
  [
    'a key that the issuer does not publish',
    signed({}, { key: stranger.privateKey }),
    /not signed by the issuer's keys/,
  ],
  [
    'a key id that the issuer does not publish',
    signed({}, { header: { kid: 'three' } }),
    /not signed by the issuer's keys/,
  ],
  ["another key's id", signed({}, { header: { kid: 'two' } }), /not signed by the issuer's keys/],
  [
    'alg none without a signature',
    `${part({ alg: 'none' })}.${part(claims)}.`,
    /cannot be read|proves nothing/,
  ],
  ['alg none with a signature', signed({}, { header: { alg: 'none' } }), /proves nothing/],
  ['alg NoNe', signed({}, { header: { alg: 'NoNe' } }), /proves nothing/],
  ['HS256 with the public key as PEM', signedWithSecret(publicPem), /proves nothing/],
  ['HS256 with the public key as DER', signedWithSecret(publicDer), /proves nothing/],
  [
    'RS256 said, another algorithm used',
    signed({}, { key: curve.privateKey }),
    /not signed by the issuer's keys/,
  ],
  ['a changed claim', tampered({ sub: 'eve-subject' }), /not signed by the issuer's keys/],
  ['a key brought along in the header', signed({}, bringsItsKey()), /not signed by the issuer's keys/],
  ['a critical extension nobody knows', signed({}, { header: { crit: ['x'], x: 1 } }), /cannot be read/],
  // Form.
  ['no token at all', 'this is not a token', /cannot be read/],
  ['an empty text', '', /cannot be read/],
  ['three dots', '...', /cannot be read/],
  ['an encrypted token', `${signed()}.x.y`, /cannot be read/],
  ['a list instead of claims', listSigned(), /cannot be read/],
  [
    'an oversized token',
    signed({ groups: Array.from({ length: 9000 }, () => 'group-name') }),
    /is too large/,
  ],
  // Issuer.
  [
    'another issuer',
    signed({ iss: 'https://evil.example/dex' }),
    /is not from https:\/\/dkp\.example\.com\/dex/,
  ],
  ['the issuer with a slash more', signed({ iss: `${issuer}/` }), /is not from/],
  ['no issuer', signed({ iss: undefined }), /is not from/],
  ['an issuer that is a list', signed({ iss: [issuer] }), /is not from/],
  // Times.
  ['an expiry that is over', signed({ exp: now - 61 }), /has expired.*\nSign in again/],
  ['a beginning that is to come', signed({ nbf: now + 61 }), /is not valid yet.*\nCheck the clock/],
  ['no expiry', signed({ exp: undefined }), /has no good "exp"/],
  ['an expiry that is a text', signed({ exp: String(now + 60) }), /has no good "exp"/],
  ['an expiry beyond all calendars', signed({ exp: 1e300 }), /claims of a wrong kind/],
  ['no time of issue', signed({ iat: undefined }), /has no good "iat"/],
  ['a time of issue that is a text', signed({ iat: String(now) }), /has no good "iat"|wrong kind/],
  // The rest.
  ['no subject', signed({ sub: undefined }), /has no good "sub"/],
  ['an empty subject', signed({ sub: '' }), /wrong kind/],
  ['a subject that is a number', signed({ sub: 7 }), /wrong kind|has no good "sub"/],
  ['no audience', signed({ aud: undefined }), /has no good "aud"/],
  ['an audience that is a number', signed({ aud: 7 }), /wrong kind/],
  ['groups of a wrong type', signed({ groups: ['admins', 7] }), /wrong kind/],
  ['an e-mail address of a wrong type', signed({ email: { value: 'x' } }), /wrong kind/],
];

for (const [what, token, fault] of refusedTokens) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(verify(token), userError('TOKEN_INVALID', fault));
  });
}

function tampered(more: Claims): string {
  const [header, , signature] = signed().split('.');
  return `${header}.${part({ ...claims, ...more })}.${signature}`;
}

function bringsItsKey() {
  const jwk = { ...stranger.publicKey.export({ format: 'jwk' }), kid: 'one' };
  return { header: { jwk, jku: 'https://evil.example/keys' }, key: stranger.privateKey };
}

function listSigned(): string {
  const input = `${part({ alg: 'RS256', kid: 'one' })}.${part([claims])}`;
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

test('clocks may differ by a minute', async () => {
  await verify(signed({ exp: now - 59 }));
  await verify(signed({ nbf: now + 59 }));
});

test("the issuer's clock is what counts", async () => {
  await assert.rejects(
    verify(signed(), { now: (now + 90_000) * 1000 }),
    userError('TOKEN_INVALID', /has expired/),
  );
});

test('a token made before the login began was made for another one', async () => {
  const notBefore = now * 1000;
  await assert.rejects(
    verify(signed({ iat: now - 6 }), { notBefore }),
    userError('TOKEN_INVALID', /older than this login/),
  );
  await verify(signed({ iat: now - 5 }), { notBefore });
  await verify(signed({ iat: now - 3600 }));
});

test('a token of another account is refused with both names, whatever it calls itself', async () => {
  const account = { issuer, subject: 'ada-subject', label: 'ada@corp.example' };
  await verify(signed({ email: 'renamed@corp.example' }), { account });
  await assert.rejects(
    verify(signed({ sub: 'eve-subject' }), { account: { ...account, label: 'the pinned one' } }),
    userError('WRONG_ACCOUNT', /signed in as ada@corp\.example, but this profile belongs to the pinned one/),
  );
  await assert.rejects(
    verify(signed(), { account: { ...account, issuer: 'https://old.example.com/dex' } }),
    userError('WRONG_ACCOUNT'),
  );
});

test('two accounts of one name are told apart by what differs', async () => {
  const label = 'ada@corp.example';
  const subject = 'ada-subject';
  const elsewhere = 'https://old.example.com/dex';
  const cases: readonly [Account, string][] = [
    [
      { issuer, subject: 'ada-before', label },
      `You signed in as ${label} (subject ${subject}), but this profile belongs to ${label} (subject ada-before).`,
    ],
    [
      { issuer: elsewhere, subject, label },
      `You signed in as ${label} (of ${issuer}), but this profile belongs to ${label} (of ${elsewhere}).`,
    ],
    [
      { issuer, subject: 'x\u001b[31m', label },
      `You signed in as ${label} (subject ${subject}), but this profile belongs to ${label} (subject x).`,
    ],
  ];
  for (const [account, message] of cases) {
    await assert.rejects(verify(signed(), { account }), { code: 'WRONG_ACCOUNT', message });
  }
});

test('a token for another cluster is refused with both audiences, one that fits among several is enough', async () => {
  const audiences = ['red-prod', 'red-prod-cli'];
  await assert.rejects(
    verify(signed(), { audiences }),
    userError(
      'TOKEN_INVALID',
      /is meant for kube-apiserver, but this cluster accepts red-prod, red-prod-cli.*\n.*--sign-in page/,
    ),
  );
  await verify(signed({ aud: 'red-prod' }), { audiences });
  await verify(signed({ aud: ['x', 'red-prod-cli'] }), { audiences });
  await assert.rejects(
    verify(signed({ aud: [] }), { audiences }),
    userError('TOKEN_INVALID', /is meant for/),
  );
  await assert.rejects(verify(signed(), { audiences: [] }), userError('TOKEN_INVALID', /is meant for/));
});

test('the account is called by e-mail, user name, name, and at last by its subject', async () => {
  const labelOf = async (more: Claims) => (await verify(signed(more))).account.label;
  assert.equal(await labelOf({ preferred_username: 'ada' }), 'ada@corp.example');
  assert.equal(await labelOf({ email: undefined, preferred_username: 'ada' }), 'ada');
  assert.equal(await labelOf({ email: ' \u200b', preferred_username: undefined }), 'Ada Nwosu');
  assert.equal(await labelOf({ email: undefined, name: undefined }), 'ada-subject');
});

test('names and groups from a token are plain text', async () => {
  const { account, groups } = await verify(
    signed({ email: 'ada\u001b]52;c;ZXZpbA==\u0007\r\n@corp\u202e', groups: ['ad\u001b[31mmins\n'] }),
  );
  assert.equal(account.label, 'ada @corp');
  assert.deepEqual(groups, ['admins']);
});

test('after a change of keys the old and the new one both count while both are published', async () => {
  const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rotated = {
    keys: [
      { ...next.publicKey.export({ format: 'jwk' }), kid: 'next', alg: 'RS256', use: 'sig' },
      ...keys.keys,
    ],
  } as JSONWebKeySet;
  await verify(signed({}, { header: { kid: 'next' }, key: next.privateKey }), { keys: rotated });
  await verify(signed(), { keys: rotated });
});
