import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeServerUrl } from '../../source/portal/server-url.ts';
import { fc } from '../helpers/seeded.ts';

const same: [string, string][] = [
  ['https://api.example.com', 'https://api.example.com'],
  ['HTTPS://API.Example.COM', 'https://api.example.com'],
  ['https://api.example.com:443', 'https://api.example.com'],
  ['https://api.example.com/', 'https://api.example.com'],
  ['https://api.example.com///', 'https://api.example.com'],
  ['https://api.example.com:6443/', 'https://api.example.com:6443'],
  ['https://api.example.com/dkp/api-server/', 'https://api.example.com/dkp/api-server'],
  ['https://api.example.com/a/../dkp/./api-server', 'https://api.example.com/dkp/api-server'],
  ['https://[2001:DB8:0::1]:6443', 'https://[2001:db8::1]:6443'],
  ['https://127.1', 'https://127.0.0.1'],
  ['https://127.0.0.1/a|b^c', 'https://127.0.0.1/a%7Cb%5Ec'],
];

for (const [text, expected] of same) {
  test(`${text} is the server ${expected}`, () => assert.equal(normalizeServerUrl(text), expected));
}

test('another port, path, letter case of the path or host is another server', () => {
  const servers = [
    'https://api.example.com',
    'https://api.example.com:6443',
    'https://api.example.com:80',
    'https://api.example.com/dkp/api-server',
    'https://api.example.com/DKP/api-server',
    'https://api.example.com/dkp',
    'https://api2.example.com',
    'https://example.com',
  ];
  assert.equal(new Set(servers.map(normalizeServerUrl)).size, servers.length);
});

const none = [
  '',
  'api.example.com',
  'http://api.example.com',
  'ftp://api.example.com',
  'https://',
  'https://ada@api.example.com',
  'https://ada:pw@api.example.com',
  'https://api.example.com?x=1',
  'https://api.example.com/?',
  'https://api.example.com/#',
  'https://api.example.com#x',
  'https://api.example.com\n',
  ' https://api.example.com',
  'https://api.exa\tmple.com',
  'https://api.example.com/\u0000',
  `https://api.example.com/${'x'.repeat(2000)}`,
  // Too long once it is escaped.
  `https://api.example.com/${'ᕌ'.repeat(400)}`,
];

for (const text of none) {
  test(`${JSON.stringify(text).slice(0, 60)} is not the address of an API server`, () =>
    assert.equal(normalizeServerUrl(text), undefined));
}

test('normalizing twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['https'], withQueryParameters: false }), text => {
      const once = normalizeServerUrl(text);
      assert.ok(once !== undefined);
      assert.equal(normalizeServerUrl(once), once);
    }),
  );
});
