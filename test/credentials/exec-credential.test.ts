import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatExecCredential } from '../../source/credentials/exec-answer.ts';
import { parseExecInfo } from '../../source/credentials/exec-credential.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

const v1 = 'client.authentication.k8s.io/v1';
const v1beta1 = 'client.authentication.k8s.io/v1beta1';
const info = (more: object = {}) =>
  JSON.stringify({ apiVersion: v1, kind: 'ExecCredential', spec: { interactive: true }, ...more });

test("kubectl's version, interactivity and cluster are read", () => {
  const cluster = {
    server: 'https://api.example.com',
    'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    'tls-server-name': 'name',
    'insecure-skip-tls-verify': true,
    'proxy-url': 'http://proxy',
    config: null,
  };
  assert.deepEqual(parseExecInfo(info({ spec: { interactive: false, cluster } })), {
    apiVersion: v1,
    interactive: false,
    cluster: {
      server: 'https://api.example.com',
      ca: 'PEM',
      tlsServerName: 'name',
      insecureSkipTlsVerify: true,
    },
  });
});

test('what a caller leaves out is the cautious choice', () => {
  assert.deepEqual(parseExecInfo('{}'), { apiVersion: v1beta1, interactive: false, cluster: undefined });
  assert.deepEqual(
    parseExecInfo(info({ spec: { cluster: { server: 'https://a', 'certificate-authority-data': null } } })),
    {
      apiVersion: v1,
      interactive: false,
      cluster: { server: 'https://a', ca: '', tlsServerName: '', insecureSkipTlsVerify: false },
    },
  );
});

test('a variable that is not set or empty is a person, not kubectl', () => {
  assert.equal(parseExecInfo(undefined), undefined);
  assert.equal(parseExecInfo(''), undefined);
});

test('v1beta1 is spoken too, and is the answer where no version is named', () => {
  assert.equal(parseExecInfo(info({ apiVersion: v1beta1 }))?.apiVersion, v1beta1);
  assert.equal(parseExecInfo(info({ apiVersion: '' }))?.apiVersion, v1beta1);
  assert.equal(parseExecInfo(info({ apiVersion: undefined }))?.apiVersion, v1beta1);
});

const refused: [string, string, RegExp][] = [
  ['broken JSON', '{"apiVersion":', /is not JSON/],
  ['text', 'yes', /is not JSON/],
  ['JSON of another shape', '"ExecCredential"', /is not an ExecCredential/],
  ['null', 'null', /is not an ExecCredential/],
  ['another kind', info({ kind: 'Pod' }), /is not an ExecCredential/],
  ['a version that is a number', info({ apiVersion: 1 }), /is not an ExecCredential/],
  ['interactive that is a text', info({ spec: { interactive: 'yes' } }), /is not an ExecCredential/],
  ['a cluster without a server', info({ spec: { cluster: {} } }), /is not an ExecCredential/],
  [
    'a server that is a list',
    info({ spec: { cluster: { server: ['https://a'] } } }),
    /is not an ExecCredential/,
  ],
  [
    'v1alpha1',
    info({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    /v1alpha1, which is not supported/,
  ],
  [
    'a version of the future',
    info({ apiVersion: 'client.authentication.k8s.io/v2' }),
    /Supported: .*v1, .*v1beta1/,
  ],
  ['a hostile version', info({ apiVersion: '\u001b[31mx' }), /asks for x,/],
];

for (const [what, value, fault] of refused) {
  test(`refused: ${what}`, () =>
    assert.throws(() => parseExecInfo(value), userError('EXEC_INFO_INVALID', fault)));
}

test('whatever the variable holds, it is read or refused in words', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.jsonValue().map(spec => JSON.stringify({ spec })),
      ),
      value => {
        try {
          parseExecInfo(value);
        } catch (error) {
          userError('EXEC_INFO_INVALID')(error);
        }
      },
    ),
  );
});

test('the answer is one line of JSON with version, kind, expiry in RFC 3339 and token, and nothing else', () => {
  const answer = formatExecCredential({ token: 'a.b.c', expiresAt: 1_800_000_000 }, v1);
  assert.doesNotMatch(answer, /\n/);
  assert.deepEqual(JSON.parse(answer), {
    apiVersion: v1,
    kind: 'ExecCredential',
    status: { expirationTimestamp: '2027-01-15T08:00:00Z', token: 'a.b.c' },
  });
  assert.equal(JSON.parse(formatExecCredential({ token: 'a.b.c', expiresAt: 1 })).apiVersion, v1beta1);
});
