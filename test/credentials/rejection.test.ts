import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Rejections, type Response, respond } from '../../source/credentials/rejection.ts';
import { rejectionReason } from '../../source/credentials/rejection-reason.ts';
import { issuer, sampleProfile } from '../helpers/profiles.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const minute = 60_000;

type Call = readonly [caller: string, at: number];

/** Asks one after the other and tells what each is answered; a renewal takes no time. */
function conversation(calls: readonly Call[], renewable = true, fails = false): Response[] {
  let rejections: Rejections = { version: 1, callers: [] };
  let storedAt = now - 3600_000;
  return calls.map(([caller, at]) => {
    const { response, next } = respond(rejections, caller, { storedAt, renewable }, now + at);
    rejections = next;
    if (response === 'renew' && renewable && !fails) storedAt = now + at;
    return response;
  });
}
const sameCaller = [0, 1, 2, 3, 4].map((second): Call => ['kubectl', second * 1000]);

test('who asks again gets one renewal, then one word about it, then is left alone', () => {
  const expected = ['renew', 'tell', 'serve', 'serve', 'serve'];
  assert.deepEqual(conversation(sameCaller), expected);
  assert.deepEqual(conversation(sameCaller, false), expected);
  assert.deepEqual(conversation(sameCaller, true, true), expected);
});

test('one kubectl after the other: the first renews, each of the others is told that this one is rejected too', () => {
  const calls = ['a', 'b', 'b', 'c', 'c'].map((caller, index): Call => [caller, index * 1000]);
  assert.deepEqual(conversation(calls), ['renew', 'tell', 'serve', 'tell', 'serve']);
});

test('many that ask again while the token is being renewed wait for that one', () => {
  let rejections: Rejections = { version: 1, callers: [] };
  for (let number = 0; number < 50; number += 1) {
    const doubtful = { storedAt: now - 3600_000, renewable: true };
    const { response, next } = respond(rejections, `kubectl ${number}`, doubtful, now + number);
    assert.equal(response, 'renew');
    assert.equal(next.renewedAt, now);
    rejections = next;
  }
});

test('the next renewal for a rejection comes five minutes later at the earliest, whatever the clock does', () => {
  const year = 365 * 24 * 60 * minute;
  assert.deepEqual(
    conversation([
      ['a', 0],
      ['b', 4 * minute],
      ['c', 6 * minute],
    ]),
    ['renew', 'tell', 'renew'],
  );
  assert.deepEqual(
    conversation([
      ['a', year],
      ['b', 0],
    ]),
    ['renew', 'renew'],
  );
});

test('no more callers are remembered than are of use', () => {
  let rejections: Rejections = { version: 1, callers: [] };
  for (let number = 0; number < 500; number += 1) {
    rejections = respond(rejections, `caller ${number}`, { storedAt: now, renewable: true }, now).next;
  }
  assert.equal(rejections.callers.length, 64);
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenWith = (claims: object) => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2ln`;
const seconds = now / 1000;
const good = { iss: issuer, aud: ['kube-apiserver'], iat: seconds, groups: ['devs'] };
const reason = (claims: object, more = {}) =>
  rejectionReason(
    { token: tokenWith({ ...good, ...claims }), storedAt: now + 200 },
    sampleProfile('prod', 'https://api.example.com', more),
  );

test('a token for another audience than the cluster is known to expect is named as the reason', () => {
  const audience = { audience: { kind: 'dex-client', client: 'prod-client' } } as const;
  assert.match(reason({}, audience), /for the audience kube-apiserver, but .* expect prod-client/);
  assert.match(reason({ aud: [] }, audience), /for no audience, but/);
  assert.match(reason({ aud: 'prod-client' }, audience), /may expect another audience or issuer/);
});

test('another issuer and a clock that is behind are named', () => {
  assert.match(
    reason({ iss: 'https://other.example.com' }),
    /from the issuer https:\/\/other\.example\.com, but/,
  );
  assert.match(reason({ iat: seconds + 300 }), /clock is 300 s behind the issuer's/);
});

test('where nothing is known to be wrong it says what the token has', () => {
  assert.match(
    reason({}),
    new RegExp(`from the issuer ${issuer}, for the audience kube-apiserver, .* the groups devs:`),
  );
  assert.match(reason({ groups: undefined }), /with no groups:/);
  const elsewhere = { groups: undefined, _claim_names: { groups: 'src1' } };
  assert.match(reason(elsewhere), /no groups, which were too many for it/);
});

test('what a token says reaches the terminal as text only', () => {
  const text = reason({ aud: ['\u001b[31mred\u202e'], groups: ['a\u0007b'] });
  assert.doesNotMatch(text, /\p{Cc}|\p{Cf}/u);
  assert.equal(
    rejectionReason({ token: 'a.b.c', storedAt: now }, sampleProfile('prod', 'https://a.example.com')),
    'The token cannot be read here.',
  );
});
