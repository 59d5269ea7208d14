import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatLoginLink,
  type LoginLink,
  parseLoginLink,
  portalName,
  sameLink,
} from '../../source/portal/login-link.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

const origin = 'https://dkp.example.com';
const link = (more: Partial<LoginLink> = {}): LoginLink => ({
  origin,
  prefix: '/token',
  workspace: undefined,
  ...more,
});

const understood: [string, LoginLink][] = [
  // Global: the landing page, the dashboard, the token pages, only the host.
  ['https://dkp.example.com/token/landing/', link()],
  ['https://dkp.example.com/token/landing', link()],
  ['https://dkp.example.com/ops/landing', link()],
  ['https://dkp.example.com/ops/landing/', link()],
  ['https://dkp.example.com/dkp/kommander/dashboard', link()],
  ['https://dkp.example.com/dkp/kommander/dashboard/#/clusters?x=1', link()],
  ['https://dkp.example.com/token/', link()],
  ['https://dkp.example.com/token', link()],
  ['https://dkp.example.com/token/login/red-prod', link()],
  ['https://dkp.example.com/token/plugin/kubeconfig?profileName=x', link()],
  ['https://dkp.example.com/token/async', link()],
  ['https://dkp.example.com/dex/auth?client_id=kube-apiserver', link()],
  ['https://dkp.example.com/dex/callback', link()],
  ['https://dkp.example.com/dkp/api-server', link()],
  ['https://dkp.example.com', link()],
  ['https://dkp.example.com/', link()],
  ['dkp.example.com', link()],
  ['  dkp.example.com\n', link()],
  ['HTTPS://DKP.Example.COM:443/token/landing/', link()],
  // Another port, another kind of host.
  ['dkp.example.com:8443', link({ origin: 'https://dkp.example.com:8443' })],
  ['localhost:8443/token/landing/', link({ origin: 'https://localhost:8443' })],
  ['10.0.0.7', link({ origin: 'https://10.0.0.7' })],
  ['https://[2001:DB8::1]/token/landing/', link({ origin: 'https://[2001:db8::1]' })],
  [
    'https://[::1]:8443/token/landing/team-red',
    link({ origin: 'https://[::1]:8443', workspace: 'team-red' }),
  ],
  ['[::1]:8443', link({ origin: 'https://[::1]:8443' })],
  ['https://bücher.example/token/landing/', link({ origin: 'https://xn--bcher-kva.example' })],
  // A workspace.
  ['https://dkp.example.com/token/landing/team-red', link({ workspace: 'team-red' })],
  ['https://dkp.example.com/token/landing/team-red/', link({ workspace: 'team-red' })],
  ['https://dkp.example.com/ops/landing/team-red', link({ workspace: 'team-red' })],
  ['https://dkp.example.com/token/workspace/team-red', link({ workspace: 'team-red' })],
  ['https://dkp.example.com/token/login/red-prod?tenant-id=team-red', link({ workspace: 'team-red' })],
  ['https://dkp.example.com/dkp/kommander/dashboard/?tenant-id=team-red', link({ workspace: 'team-red' })],
  ['dkp.example.com/token/landing/team-red', link({ workspace: 'team-red' })],
  // A token service elsewhere.
  ['https://dkp.example.com/auth/token/landing/', link({ prefix: '/auth/token' })],
  ['https://dkp.example.com/my-token/landing/team-red', link({ prefix: '/my-token', workspace: 'team-red' })],
  ['https://dkp.example.com/my-token/plugin/providers', link({ prefix: '/my-token' })],
];

for (const [text, expected] of understood) {
  test(`${JSON.stringify(text)} is understood`, () => assert.deepEqual(parseLoginLink(text), expected));
}

const refused: [string, RegExp][] = [
  ['', /is empty/],
  ['   ', /is empty/],
  [
    'http://dkp.example.com/token/landing/',
    /begins with http:.*\nUse https:\/\/dkp\.example\.com\/token\/landing\/\./,
  ],
  ['http://dkp.example.com:8080/x', /Use https:\/\/dkp\.example\.com:8080\/x/],
  ['ftp://dkp.example.com', /is not an https address/],
  ['javascript://dkp.example.com/%0aalert(1)', /is not an https address/],
  ['file:///etc/passwd', /is not an https address/],
  ['https://ada:secret@dkp.example.com/token/landing/', /holds a user name or password/],
  ['https://dkp.example.com@evil.example/token/landing/', /holds a user name or password/],
  ['ada@dkp.example.com', /holds a user name or password/],
  ['not an address', /is not an address/],
  ['https://', /is not an address/],
  ['../dkp.example.com/token/landing/', /names no host/],
  ['https://./token/landing/', /names no host/],
  ['https://dkp..example.com/', /names no host/],
  ['https://dkp.example.com/token/ landing', /is not an address/],
  ['https://dkp.example.com/token\nhttps://other.example.com', /is not an address/],
  ['https://dkp.exa\u0000mple.com', /is not an address/],
  ['https://dkp.example.com:99999', /is not an address/],
  [`https://dkp.example.com/${'x'.repeat(2000)}`, /is too long/],
  [
    'https://dkp.example.com/token/landing/Team Red'.replace(' ', '%20'),
    /workspace that cannot be one: "Team Red"/,
  ],
  ['https://dkp.example.com/token/landing/..%2fadmin', /workspace that cannot be one/],
  ['https://dkp.example.com/token/landing/%1b%5b31m', /workspace that cannot be one: ""/],
  ['https://dkp.example.com/token/landing/%ff', /path that cannot be read/],
  ['https://dkp.example.com/?tenant-id=-x', /workspace that cannot be one/],
  ['https://dkp.example.com/a%20b/landing/', /path that is not one of the platform/],
];

for (const [text, fault] of refused) {
  test(`${JSON.stringify(text).slice(0, 80)} is refused, and why is said`, () => {
    assert.throws(() => parseLoginLink(text), userError('LINK_INVALID', fault));
  });
}

test('a refusal repeats no password that was in the link', () => {
  const readsPassword = (error: unknown) => /hunter2/.test(String(error) + JSON.stringify(error));
  assert.throws(
    () => parseLoginLink('https://ada:hunter2@dkp.example.com/'),
    error => !readsPassword(error),
  );
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const links = fc.record(
  {
    origin: fc
      .tuple(
        fc.webUrl({ validSchemes: ['https'], withQueryParameters: false }),
        fc.integer({ min: 1, max: 65535 }),
      )
      .map(([url, port]) => new URL(`https://${new URL(url).hostname}:${port}`).origin),
    prefix: fc.array(label, { minLength: 1, maxLength: 3 }).map(parts => `/${parts.join('/')}`),
    workspace: fc.option(label, { nil: undefined }),
  },
  { noNullPrototype: true },
);

test('a link written out is read back the same', () => {
  fc.assert(
    fc.property(links, expected => {
      fc.pre(expected.prefix !== '/ops' && !/\/(landing|workspace)(\/|$)/.test(expected.prefix));
      assert.deepEqual(parseLoginLink(formatLoginLink(expected)), expected);
    }),
  );
});

test('any text is either understood as an https link or refused in words, never anything else', () => {
  const noise = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.webUrl({ validSchemes: ['http', 'https', 'ftp'], withQueryParameters: true, withFragments: true }),
    fc
      .tuple(fc.constantFrom('https://h/token/landing/', 'h/?tenant-id=', '//', 'https:\\\\'), fc.string())
      .map(p => p.join('')),
  );
  fc.assert(
    fc.property(noise, text => {
      let parsed: LoginLink;
      try {
        parsed = parseLoginLink(text);
      } catch (error) {
        userError('LINK_INVALID')(error);
        return;
      }
      const url = new URL(parsed.origin);
      assert.equal(url.protocol, 'https:');
      assert.equal(url.username + url.password, '');
      assert.match(parsed.prefix, /^(\/[\w.~-]+)+$/);
      assert.match(parsed.workspace ?? 'none', /^[a-z0-9.-]+$/);
      assert.ok(sameLink(parseLoginLink(formatLoginLink(parsed)), parsed));
    }),
  );
});

test('two links are the same when host, prefix and workspace are', () => {
  const same = (a: string, b: string) => sameLink(parseLoginLink(a), parseLoginLink(b));
  assert.ok(same('dkp.example.com', 'https://DKP.example.com:443/dkp/kommander/dashboard'));
  assert.ok(!same('dkp.example.com', 'dkp.example.com/token/landing/team-red'));
  assert.ok(!same('dkp.example.com', 'dkp.example.com:8443'));
  assert.ok(!same('dkp.example.com', 'dkp.example.com/other/landing/'));
});

test('a portal is a good file name: no two links share one, none leaves its folder', () => {
  const nameOf = (text: string) => portalName(parseLoginLink(text));
  assert.equal(nameOf('dkp.example.com'), 'dkp.example.com');
  assert.equal(nameOf('dkp.example.com:8443/token/landing/team-red'), 'dkp.example.com-8443_team-red');
  assert.equal(nameOf('https://[::1]:8443'), '--1-8443');
  fc.assert(
    fc.property(links, each => {
      assert.match(portalName(each), /^[a-z0-9._-]+$/);
      assert.doesNotMatch(portalName(each), /^\.+$/);
    }),
  );
});
