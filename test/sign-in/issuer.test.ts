import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import type { AnyFault } from '../../source/demo/disturbances.ts';
import type { ErrorCode } from '../../source/errors.ts';
import { clockOffsetOf, fetchIssuerKeys } from '../../source/sign-in/issuer.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { userError } from '../helpers/user-error.ts';

describe("an issuer's keys", async () => {
  const demo = await demoForTests();
  const { issuer } = demo.document;
  const http = createHttpClient([demo.document.ca]);
  after(() => http.close());
  afterEach(() => demo.faults.clear());
  const metadata = (more: object) => ({
    body: JSON.stringify({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      jwks_uri: `${issuer}/keys`,
      ...more,
    }),
    headers: { 'content-type': 'application/json' },
  });

  it('are read from where its metadata says, with the time its clock shows', async () => {
    const found = await fetchIssuerKeys(http, issuer);
    assert.equal(found.issuer, issuer);
    assert.equal(found.keys.keys.length, 1);
    assert.ok(Math.abs(found.clockOffset) < 2000);
  });

  it('are read anew every time, so that a change of keys is seen', async () => {
    const before = (await fetchIssuerKeys(http, issuer)).keys.keys;
    await demo.rotateKeys({ keepOld: true });
    const both = (await fetchIssuerKeys(http, issuer)).keys.keys;
    assert.equal(both.length, 2);
    assert.deepEqual(both[1], before[0]);
    await demo.rotateKeys({ keepOld: false });
    assert.equal((await fetchIssuerKeys(http, issuer)).keys.keys.length, 1);
  });

  it('are not taken from metadata that name another issuer, and both are told', async () => {
    for (const named of ['https://evil.example/dex', `${issuer}/`, issuer.toUpperCase()]) {
      demo.faults.set('discovery', metadata({ issuer: named }));
      await assert.rejects(
        fetchIssuerKeys(http, issuer),
        userError(
          'ISSUER_METADATA',
          new RegExp(`The issuer ${issuer} names another issuer in its metadata: ${named}`),
        ),
      );
    }
  });

  const faults: ['discovery' | 'keys', AnyFault, ErrorCode, RegExp][] = [
    ['discovery', 'not-json', 'ISSUER_METADATA', /does not publish its metadata/],
    ['discovery', 'wrong-types', 'ISSUER_METADATA', /./],
    ['discovery', 'empty', 'ISSUER_METADATA', /./],
    ['discovery', 'redirect', 'ISSUER_METADATA', /./],
    ['discovery', 'not-found', 'ISSUER_METADATA', /./],
    ['discovery', 'bad-gateway', 'ISSUER_METADATA', /./],
    ['discovery', 'huge', 'PORTAL_ANSWER', /more than 5 MB/],
    ['discovery', 'cut', 'NETWORK', /Could not reach/],
    ['discovery', metadata({ jwks_uri: undefined }), 'ISSUER_METADATA', /publishes no keys/],
    ['discovery', metadata({ jwks_uri: 'keys' }), 'ISSUER_METADATA', /publishes no keys/],
    ['discovery', metadata({ jwks_uri: 'http://127.0.0.1:1/keys' }), 'NETWORK', /without TLS/],
    ['keys', 'not-json', 'ISSUER_METADATA', /keys that cannot be read/],
    ['keys', 'wrong-types', 'ISSUER_METADATA', /keys that cannot be read/],
    ['keys', 'empty', 'ISSUER_METADATA', /keys that cannot be read/],
    ['keys', 'redirect', 'ISSUER_METADATA', /keys with status 302/],
    ['keys', 'bad-gateway', 'ISSUER_METADATA', /keys with status 502/],
    ['keys', 'huge', 'PORTAL_ANSWER', /more than 5 MB/],
    [
      'keys',
      { body: JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }) },
      'ISSUER_METADATA',
      /cannot be read/,
    ],
  ];
  for (const [point, fault, code, text] of faults) {
    it(`are an error in words when ${point} answers ${typeof fault === 'string' ? fault : fault.body?.slice(0, 90)}`, async () => {
      demo.faults.set(point, fault);
      await assert.rejects(fetchIssuerKeys(http, issuer), userError(code, text));
    });
  }

  it('are an error in plain text, whatever the metadata call the issuer', async () => {
    for (const named of ['https://evil\u001b[31m.example', `${issuer}\u202e`, 'evil\r\n\u0007']) {
      demo.faults.set('discovery', metadata({ issuer: named }));
      await assert.rejects(fetchIssuerKeys(http, issuer), error => {
        assert.doesNotMatch(String(error), /[\p{Cc}\p{Cf}]/u);
        return userError('ISSUER_METADATA')(error);
      });
    }
  });

  it('are not waited for when the person leaves', async () => {
    const stop = new AbortController();
    const arrived = new Promise<void>(resolve => {
      demo.intercept('/dex/.well-known/openid-configuration', () => resolve(), { times: 1 });
    });
    const waiting = fetchIssuerKeys(http, issuer, stop.signal);
    await arrived;
    stop.abort(new DOMException('Stopped', 'AbortError'));
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});

describe("an issuer's clock", () => {
  it('is read from the date of its answer', () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    assert.ok(Math.abs(clockOffsetOf(date) - 3_600_000) < 2000);
  });
  it('is taken for ours where the answer has no date, or none that can be read', () => {
    assert.equal(clockOffsetOf(undefined), 0);
    assert.equal(clockOffsetOf('yesterday'), 0);
  });
});
