import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse, stringify } from 'yaml';
import schema from '../../docs/portal-file.schema.json' with { type: 'json' };
import { createAuthority } from '../../source/demo/certificates.ts';
import type { AnyFault } from '../../source/demo/disturbances.ts';
import { UserError } from '../../source/errors.ts';
import { parsePortalFile, readPortalFile, usualScopes } from '../../source/portal/portal-file.ts';
import { createHttpClient, type HttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

const authority = createAuthority('Some CA').pem;
const indented = authority.trim().replaceAll('\n', '\n    ');

const whole = `apiVersion: dkp-auth/v1
kind: PortalFile
# Questions: platform@example.com
loginLink: https://dkp.example.com/token/landing/
ca: |
    ${indented}
issuer: https://dkp.example.com/dex
client:
  id: dkp-auth
  scopes: [profile, email, groups, offline_access]
  redirectPorts: [8000, 18000]
workspaces:
  - name: team-red
    loginLink: https://dkp.example.com/token/landing/team-red
  - name: team-blue
clusters:
  - name: red-prod
    server: https://Red-Prod.example.com:443/
    ca: red.pem
    workspace: team-red
    audience: { dexClient: red-prod }
  - name: other
    server: https://other.example.com:6443
    audience:
      resource: https://other.example.com/
  - name: third
    server: https://other.example.com:6444
    audience: { audience: api://third }
  - name: fourth
    server: https://other.example.com/path
`;

const small = `apiVersion: dkp-auth/v1
kind: PortalFile
issuer: https://issuer.example.com
client: { id: dkp-auth }
clusters:
  - name: one
    server: https://one.example.com
`;

const parsed = (text: string, readAuthority: () => Promise<string> = async () => authority) =>
  parsePortalFile({ source: 'portal.yaml', text, readAuthority });

describe('a portal file', () => {
  it('is what the program works with: link, client, workspaces, clusters', async () => {
    const { ca, clusters, ...file } = await parsed(whole);
    assert.equal(ca, authority);
    const link = { origin: 'https://dkp.example.com', prefix: '/token', workspace: undefined };
    const issuer = 'https://dkp.example.com/dex';
    assert.deepEqual(file, {
      source: 'portal.yaml',
      link,
      client: {
        issuer,
        clientId: 'dkp-auth',
        scopes: ['profile', 'email', 'groups', 'offline_access'],
        extraParameters: {},
        tokenKind: 'id-token',
      },
      redirectPorts: [8000, 18000],
      workspaces: [
        { name: 'team-red', link: { ...link, workspace: 'team-red' } },
        { name: 'team-blue', link: undefined },
      ],
    });
    assert.deepEqual(
      clusters.map(({ audience }) => audience),
      [
        { kind: 'dex-client', client: 'red-prod' },
        { kind: 'resource', resource: 'https://other.example.com/' },
        { kind: 'audience', audience: 'api://third' },
        { kind: 'shared' },
      ],
    );
    assert.deepEqual(clusters[0], {
      name: 'red-prod',
      nameIsUnique: true,
      hostname: 'red-prod.example.com',
      server: 'https://red-prod.example.com',
      ca: authority,
      issuer,
      workspace: 'team-red',
      audience: { kind: 'dex-client', client: 'red-prod' },
    });
    assert.equal(clusters[1]?.ca, undefined);
  });

  it('needs no platform: issuer, client and one cluster will do', async () => {
    const { link, client, redirectPorts, workspaces, clusters } = await parsed(small);
    assert.deepEqual([link, redirectPorts, workspaces, clusters.length], [undefined, [], [], 1]);
    assert.deepEqual(client.scopes, usualScopes);
    assert.equal(client.clientSecret, undefined);
  });

  it('keeps the issuer letter by letter, because that is how it is compared', async () => {
    const text = small.replace('https://issuer.example.com', 'https://Issuer.example.com/realm/');
    assert.equal((await parsed(text)).client.issuer, 'https://Issuer.example.com/realm/');
  });

  it('takes of a certificate text only the certificates', async () => {
    const text = small.replace('client:', `ca: |\n    # ours\n    ${indented}\n    junk\nclient:`);
    assert.equal((await parsed(text)).ca, authority);
  });
});

/** The small file with one text in another's place. */
const changed = (from: string, to: string) => {
  assert.ok(small.includes(from));
  return small.replace(from, to);
};
const second = (lines: string) => `${small}${lines}`;

describe('a fault in a portal file', () => {
  const cases: [what: string, text: string, message: string | RegExp][] = [
    [
      'an unknown field',
      changed('client:', 'isuer: x\nclient:'),
      '4:1: isuer is not a field that belongs here; did you mean "issuer"?',
    ],
    [
      'a field in other letters',
      changed('    server:', '    Server:'),
      /7:5: clusters\[0\]\.Server is not .* did you mean "server"\?/,
    ],
    [
      'a field unlike any',
      changed('client:', 'zzzzzz: x\nclient:'),
      /4:1: zzzzzz is not a field that belongs here; there are apiVersion, kind, /,
    ],
    [
      'a secret',
      changed('{ id: dkp-auth }', '{ id: a, clientSecret: b }'),
      /4:18: client\.clientSecret .*holds no secret/,
    ],
    [
      'a field that is missing',
      changed('    server: https://one.example.com\n', ''),
      '6:5: clusters[0] lacks the field "server"',
    ],
    [
      'no issuer',
      changed('issuer: https://issuer.example.com\n', ''),
      '1:1: the whole lacks the field "issuer"',
    ],
    ['an empty field', changed('https://issuer.example.com', ''), /3:9: issuer is empty/],
    [
      'a number for a name',
      changed('name: one', 'name: 12'),
      /6:11: clusters\[0\]\.name is not text \(put it in quotes\)/,
    ],
    ['a list for a mapping', changed('{ id: dkp-auth }', '[]'), /4:9: client is not a mapping/],
    [
      'no clusters',
      changed('clusters:\n  - name: one\n    server: https://one.example.com', 'clusters: []'),
      /5:11: clusters is empty/,
    ],
    [
      'another version',
      changed('dkp-auth/v1', 'dkp-auth/v2'),
      '1:13: apiVersion is "dkp-auth/v2"; this program reads "dkp-auth/v1"',
    ],
    ['another kind', changed('PortalFile', 'Config'), /2:7: kind is "Config"/],
    [
      'an http server',
      changed('https://one', 'http://one'),
      '7:13: clusters[0].server begins with http://, which anybody on the way can read',
    ],
    ['an http issuer', changed('https://issuer', 'http://issuer'), /3:9: issuer begins with http:\/\//],
    [
      'a server with a query',
      changed('one.example.com', 'one.example.com/?a=b'),
      /7:13: clusters\[0\]\.server is "https.*", which is not an https:\/\/ address/,
    ],
    ['a server with a user', changed('https://one', 'https://me@one'), /7:13: clusters\[0\]\.server/],
    ['an issuer with a fragment', changed('issuer.example.com', 'issuer.example.com/#a'), /3:9: issuer/],
    [
      'a name with capitals',
      changed('name: one', 'name: One'),
      /6:11: clusters\[0\]\.name is "One", which may hold a-z/,
    ],
    ['a name that leaves its folder', changed('name: one', 'name: ../one'), /6:11: clusters\[0\]\.name/],
    [
      'a name that Windows keeps',
      changed('name: one', 'name: con'),
      '6:11: clusters[0].name is "con", which is reserved on Windows',
    ],
    ['a name without end', changed('name: one', `name: ${'a'.repeat(64)}`), /6:11: .*longer than 63/],
    [
      'a name that is taken',
      second('  - name: one\n    server: https://two.example.com\n'),
      '8:11: clusters[1].name is the same as that of number 1: "one"',
    ],
    [
      'a server that is taken',
      second('  - name: two\n    server: https://ONE.example.com:443/\n'),
      '9:13: clusters[1].server is the same as that of number 1: "https://one.example.com"',
    ],
    [
      'a workspace that is not there',
      second('    workspace: team-red\nworkspaces: [{ name: team-rad }]\n'),
      /8:16: clusters\[0\]\.workspace is "team-red", which is not one of the workspaces; did you mean "team-rad"\?/,
    ],
    [
      'a workspace that is there twice',
      second('workspaces: [{ name: a }, { name: a }]\n'),
      /8:35: workspaces\[1\]\.name/,
    ],
    [
      "another workspace's link",
      second('workspaces: [{ name: a, loginLink: https://h/token/landing/b }]\n'),
      /8:36: workspaces\[0\]\.loginLink is for the workspace "b", not "a"/,
    ],
    [
      'a login link that is none',
      changed('client:', 'loginLink: https://u:p@h/\nclient:'),
      /4:12: loginLink holds a user name/,
    ],
    [
      'two audiences',
      second('    audience: { dexClient: a, resource: urn:b }\n'),
      '8:15: clusters[0].audience takes exactly one of dexClient, resource and audience',
    ],
    [
      'no audience in audience',
      second('    audience: {}\n'),
      /8:15: clusters\[0\]\.audience takes exactly one/,
    ],
    [
      'a Dex client with a blank',
      second('    audience: { dexClient: a b }\n'),
      /8:28: clusters\[0\]\.audience\.dexClient/,
    ],
    [
      'a resource that is none',
      second('    audience: { resource: here }\n'),
      /8:27: .* is not an absolute address/,
    ],
    [
      'a port that is none',
      changed('dkp-auth }', 'dkp-auth, redirectPorts: [0] }'),
      /4:41: client\.redirectPorts\[0\] is not a port/,
    ],
    ['a scope with a blank', changed('dkp-auth }', 'dkp-auth, scopes: [a b] }'), /4:34: client\.scopes\[0\]/],
    [
      'a CA that is none',
      second('    ca: "-----BEGIN CERTIFICATE-----"\n'),
      /8:9: clusters\[0\]\.ca cannot be taken/,
    ],
    [
      'a private key',
      second('    ca: "-----BEGIN PRIVATE KEY-----"\n'),
      /8:9: clusters\[0\]\.ca cannot be taken: It holds a private key/,
    ],
    [
      'hidden characters',
      changed('{ id: dkp-auth }', '{ id: "a\\u202Eb" }'),
      '4:15: client.id holds characters that cannot be seen',
    ],
    [
      'an escape sequence',
      changed('{ id: dkp-auth }', '{ id: "a\\e[2Jb" }'),
      /4:15: client\.id holds characters/,
    ],
    [
      'a field that is there twice',
      changed('kind: PortalFile', 'kind: PortalFile\nkind: PortalFile'),
      '3:1: The field "kind" is there twice',
    ],
    ['an alias', changed('client:', 'a: &a b\nb: *a\nclient:'), '5:4: An alias (*) has no place here'],
    ['a tag', changed('name: one', 'name: !!js/function one'), /6:11: .*tag/i],
    ['two documents', `${small}---\n${small}`, /8:1: /],
    ['half a document', changed('{ id: dkp-auth }', '{ id: dkp-auth'), /^portal\.yaml:5:\d+: /],
    ['a tab', changed('    server', '\tserver'), /^portal\.yaml:7:1: /],
    ['nothing', '', 'portal.yaml:1:1: the whole is empty'],
    ['JSON of another kind', '[1, 2]', /1:1: the whole is not a mapping/],
    ['a merge key', changed('client:', '<<: { a: b }\nclient:'), /4:1: << is not a field/],
    [
      'a field called __proto__',
      changed('client:', '__proto__: { a: b }\nclient:'),
      /4:1: __proto__ is not a field/,
    ],
  ];
  for (const [what, text, message] of cases) {
    it(`is told by line and column: ${what}`, async () => {
      await assert.rejects(parsed(text), (error: unknown) => {
        userError('PORTAL_FILE_INVALID')(error);
        const said = (error as UserError).message;
        assertPlain(said);
        if (typeof message !== 'string') assert.match(said, message);
        else assert.equal(said, `${message.startsWith('portal') ? '' : 'portal.yaml:'}${message}.`);
        assert.match(said, /^portal\.yaml:\d+:\d+: .*\.$/);
        return true;
      });
    });
  }

  it('is told with the others, first to last, and not endlessly', async () => {
    const text = changed(
      'client:',
      `${Array.from({ length: 9 }, (_, n) => `zz${n}: 1`).join('\n')}\nclient:`,
    );
    await assert.rejects(parsed(text), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /:4:1: zz0 /);
      assert.match(error.hint ?? '', /:5:1: zz1 [\s\S]*:8:1: zz4 [\s\S]*\n4 more\./);
      assert.equal(error.exitCode, 2);
      return true;
    });
  });
});

describe('a hostile portal file', () => {
  const quickly = async (text: string) => {
    const begin = performance.now();
    await assert.rejects(parsed(text), userError('PORTAL_FILE_INVALID'));
    assert.ok(performance.now() - begin < 5000);
  };

  it('cannot blow up by aliases', () => {
    const levels = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`);
    return quickly(`a0: &a0 x\n${levels.join('\n')}\n${small}`);
  });

  it('cannot make it busy with nesting, fields or faults', async () => {
    await assert.rejects(parsed('['.repeat(100_000)), userError('PORTAL_FILE_INVALID', /nested too deeply/));
    await quickly('- '.repeat(100_000));
    await quickly(`a: ${'{b: '.repeat(50_000)}`);
    await quickly(Array.from({ length: 60_000 }, (_, n) => `field${n}: 1`).join('\n'));
    await quickly(`${small}${'  - name: one\n    server: https://one.example.com\n'.repeat(999)}`);
  });

  it('is an error for people, whatever it holds', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(small.length),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 12 }),
        async (at, length, put) => {
          const text = small.slice(0, at) + put + small.slice(at + length);
          await parsed(text).catch(error => {
            assert.ok(error instanceof UserError, String(error));
            assertPlain(error.message);
            assertPlain(error.hint ?? '');
          });
        },
      ),
      { numRuns: 300 },
    ));
});

describe('where a portal file comes from', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-lab'], identityProviders: ['corporate'] } });
  const http = createHttpClient([demo.document.ca]);
  const address = `https://127.0.0.1:${demo.document.port}/portal.yaml`;
  const folder = await temporaryFolder({ after });
  const context = { http, env: {} };

  await fs.mkdir(path.join(folder, 'sub'));
  await fs.writeFile(path.join(folder, 'sub', 'portal.yaml'), `${small}    ca: ../ca.pem\n`);
  await fs.writeFile(path.join(folder, 'ca.pem'), authority);

  function serve(reply: AnyFault | string) {
    const answer = typeof reply === 'string' ? { body: reply } : reply;
    demo.intercept(
      '/portal.yaml',
      ({ response }) => {
        const {
          status = 200,
          headers = {},
          body = '',
        } = answer as { status?: number; headers?: object; body?: string };
        response.writeHead(status, { ...headers }).end(body);
      },
      { times: 1 },
    );
  }

  it('may be a file, with certificates beside it', async () => {
    const file = await readPortalFile(path.join(folder, 'sub', 'portal.yaml'), context);
    assert.equal(file.clusters[0]?.ca, authority);
    const home = await readPortalFile('~/sub/portal.yaml', { http, env: { HOME: folder } });
    assert.equal(home.source, path.join(folder, 'sub', 'portal.yaml'));
  });

  it('says which file is missing', async () => {
    await assert.rejects(
      readPortalFile(path.join(folder, 'none.yaml'), context),
      userError('IO', /There is no portal file .*none\.yaml/),
    );
    await fs.writeFile(path.join(folder, 'lost.yaml'), `${small}    ca: lost.pem\n`);
    await assert.rejects(
      readPortalFile(path.join(folder, 'lost.yaml'), context),
      userError(
        'PORTAL_FILE_INVALID',
        /lost\.yaml:8:9: clusters\[0\]\.ca cannot be taken: There is no file .*lost\.pem/,
      ),
    );
  });

  it('may be an https address', async () => {
    serve(small);
    const file = await readPortalFile(address, context);
    assert.equal(file.source, address);
    assert.equal(file.clusters[0]?.name, 'one');
  });

  it('is an https address only', async () => {
    const never: HttpClient = {
      send: () => assert.fail('a request was sent'),
      close: async () => undefined,
    };
    for (const source of [
      'http://h/p.yaml',
      'file:///etc/passwd',
      'ftp://h/p',
      'https://u:p@h/p',
      'https://',
    ]) {
      await assert.rejects(
        readPortalFile(source, { http: never, env: {} }),
        userError('PORTAL_FILE_INVALID', /is not a plain https:\/\/ address/),
      );
    }
  });

  it('is not followed elsewhere, and must be there', async () => {
    serve({ status: 302, headers: { location: 'https://evil.example/p.yaml' } });
    await assert.rejects(
      readPortalFile(address, context),
      userError('PORTAL_FILE_INVALID', /sends elsewhere: https:\/\/evil\.example\/p\.yaml/),
    );
    serve({ status: 404 });
    await assert.rejects(readPortalFile(address, context), userError('PORTAL_FILE_INVALID', /status 404/));
  });

  it('names no file of this machine when it is fetched', async () => {
    serve(`${small}    ca: /etc/ssl/certs/ca.pem\n`);
    await assert.rejects(
      readPortalFile(address, context),
      userError(
        'PORTAL_FILE_INVALID',
        /clusters\[0\]\.ca cannot be taken: A portal file that is fetched names no files/,
      ),
    );
  });

  it('is not too large, and is text', async () => {
    serve(`#${'x'.repeat(1_000_001)}`);
    await assert.rejects(
      readPortalFile(address, context),
      userError('PORTAL_FILE_INVALID', /larger than 1 MB/),
    );
    await fs.writeFile(path.join(folder, 'large.yaml'), 'x'.repeat(1_000_001));
    await assert.rejects(
      readPortalFile(path.join(folder, 'large.yaml'), context),
      userError('IO', /larger than/),
    );
    await fs.writeFile(path.join(folder, 'bytes.yaml'), Buffer.from([0x61, 0xff, 0xfe, 0]));
    await assert.rejects(
      readPortalFile(path.join(folder, 'bytes.yaml'), context),
      userError('PORTAL_FILE_INVALID', /not a text in UTF-8/),
    );
  });
});

describe('the published schema', () => {
  const validate = new Ajv2020({ strict: true }).compile(schema);

  it('is strict JSON Schema that describes the example in the documentation', async () => {
    const guide = await fs.readFile(new URL('../../docs/administrators.md', import.meta.url), 'utf8');
    const examples = [...guide.matchAll(/```yaml\n(apiVersion: dkp-auth\/v1\n[\s\S]*?)```/g)].map(
      ([, text = '']) => text,
    );
    assert.ok(examples.length > 0);
    for (const example of examples) {
      assert.ok(validate(parse(example)), JSON.stringify(validate.errors));
      await parsed(example);
    }
  });

  it('says no to what the program refuses by it', () => {
    assert.ok(validate(parse(whole)));
    assert.ok(!validate({ ...parse(small), extra: true }));
    assert.ok(!validate(parse(stringify({ ...parse(small), clusters: [] }))));
  });
});
