import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import type { ErrorCode } from '../../source/errors.ts';
import type { ClusterAudience } from '../../source/sign-in/issuer-client.ts';
import { connectIssuer, possibleWays } from '../../source/sign-in/issuer-connection.ts';
import { audienceParameters, scopesOf } from '../../source/sign-in/request.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { type Answer, startFakeIssuer } from '../helpers/fake-issuer.ts';
import { userError } from '../helpers/user-error.ts';

const soon = () => AbortSignal.timeout(10_000);

describe('an issuer to sign in at', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-lab'] } });
  const { issuer, ca, clients } = demo.document;

  it('tells by its metadata which ways are possible, and what the others miss', async () => {
    const http = createHttpClient([ca]);
    const client = {
      issuer,
      clientId: clients.public,
      scopes: [],
      extraParameters: {},
      tokenKind: 'id-token',
    } as const;
    const ways = new Map(
      possibleWays(await connectIssuer(http, client, soon())).map(({ way, missing }) => [way, missing]),
    );
    for (const way of ['browser', 'paste', 'device'] as const) assert.equal(ways.get(way), undefined, way);
    assert.match(ways.get('password') ?? '', /does not offer password/);
    assert.match(ways.get('token-exchange') ?? '', /does not offer urn:/);
    assert.match(ways.get('client-credentials') ?? '', /does not offer client_credentials/);
    await http.close();
  });

  it('whose certificate is not trusted is named, with what to do about it', async () => {
    const http = createHttpClient([createAuthority('another').pem]);
    const client = { issuer, clientId: 'x', scopes: [], extraParameters: {}, tokenKind: 'id-token' } as const;
    const host = new URL(issuer).host.replaceAll('.', '\\.');
    await assert.rejects(
      connectIssuer(http, client, soon()),
      userError('TLS', new RegExp(`certificate of ${host}[^]*--ca-file`)),
    );
    await http.close();
  });
});

describe('an issuer that is not what it should be', async () => {
  const fake = await startFakeIssuer({ after });
  const configuration = '/.well-known/openid-configuration';
  const reset = () => {
    fake.metadata = {};
    fake.answers.clear();
  };

  it('is refused when its metadata is another issuer’s, and both are named', async () => {
    fake.metadata = { issuer: 'https://evil.example/dex' };
    await assert.rejects(
      fake.connect(),
      userError(
        'ISSUER_METADATA',
        /127\.0\.0\.1:\d+\/issuer names another issuer .*https:\/\/evil\.example\/dex/,
      ),
    );
    reset();
  });

  it('is refused when it is the same address in other words, for tokens are compared as text', async () => {
    fake.metadata = { issuer: fake.url.replace('/issuer', '/./issuer') };
    await assert.rejects(fake.connect(), userError('ISSUER_METADATA', /names another issuer/));
    reset();
  });

  it('is refused when only a slash at the end differs', async () => {
    fake.metadata = { issuer: `${fake.url}/` };
    await assert.rejects(fake.connect(), userError('ISSUER_METADATA', /names another issuer/));
    reset();
    await assert.rejects(
      fake.connect({ issuer: `${fake.url}/` }),
      userError('ISSUER_METADATA', /names another issuer/),
    );
  });

  it('is refused without TLS, before anything is sent', async () => {
    const before = fake.requests.length;
    for (const issuer of [fake.url.replace('https:', 'http:'), 'dkp.example.com', 'ldap://x', '']) {
      await assert.rejects(fake.connect({ issuer }), userError('USAGE', /not an https address/));
    }
    assert.equal(fake.requests.length, before);
  });

  const odd: [string, Answer, ErrorCode, RegExp][] = [
    [
      'redirects elsewhere',
      { raw: '', status: 302, headers: { location: 'https://evil.example/x' } },
      'ISSUER_METADATA',
      /redirect \(to evil\.example\), which is not followed/,
    ],
    [
      'redirects to http',
      { raw: '', status: 301, headers: { location: 'http://evil.example/' } },
      'ISSUER_METADATA',
      /redirect/,
    ],
    ['is in trouble', { raw: 'oops', status: 502 }, 'ISSUER_METADATA', /status 502/],
    [
      'answers HTML',
      { raw: '<html>', headers: { 'content-type': 'text/html' } },
      'ISSUER_METADATA',
      /does not publish/,
    ],
    ['answers 30 MB', { raw: 'x'.repeat(30_000_000) }, 'PORTAL_ANSWER', /more than 5 MB/],
    ['cuts the connection', 'cut', 'NETWORK', /the connection was cut/],
  ];
  for (const [what, answer, code, text] of odd) {
    it(`is an error in words when it ${what}`, async () => {
      fake.answers.set(configuration, answer);
      await assert.rejects(fake.connect(), userError(code, text));
      reset();
    });
  }

  it('is refused when lists in its metadata are something else', async () => {
    for (const wrong of [
      { code_challenge_methods_supported: 7 },
      { grant_types_supported: 'password' },
      { token_endpoint: {} },
      { authorization_response_iss_parameter_supported: 'yes' },
    ]) {
      fake.metadata = wrong;
      await assert.rejects(fake.connect(), userError('ISSUER_METADATA', /odd metadata/));
    }
    reset();
  });

  it('is not waited for when the person leaves', async () => {
    fake.answers.set(configuration, 'hang');
    const stop = new AbortController();
    const waiting = connectIssuer(fake.http, fake.client(), stop.signal);
    stop.abort(new DOMException('Stopped', 'AbortError'));
    await assert.rejects(waiting, { name: 'AbortError' });
    reset();
  });

  it('offers only what it names', async () => {
    const missing = async (metadata: Record<string, unknown>, more = {}) => {
      fake.metadata = metadata;
      const ways = possibleWays(await fake.connect(more));
      return Object.fromEntries(ways.map(({ way, missing }) => [way, missing ?? 'possible']));
    };
    assert.match(
      (await missing({ device_authorization_endpoint: undefined }))['device'] ?? '',
      /does not offer device codes/,
    );
    assert.match((await missing({ authorization_endpoint: undefined }))['browser'] ?? '', /no page/);
    assert.match(
      (await missing({ response_types_supported: ['id_token'] }))['paste'] ?? '',
      /authorization codes/,
    );
    assert.match(
      (await missing({ code_challenge_methods_supported: ['plain'] }))['browser'] ?? '',
      /S256 is needed/,
    );
    assert.match((await missing({ token_endpoint: undefined }))['device'] ?? '', /no token endpoint/);
    assert.match((await missing({}))['client-credentials'] ?? '', /client secret/);
    assert.equal((await missing({}, { clientSecret: 's' }))['client-credentials'], 'possible');
    reset();
  });

  it('gets a parameter of ours from nobody', async () => {
    for (const name of [
      'state',
      'nonce',
      'redirect_uri',
      'code_challenge',
      'response_type',
      'client_id',
      'scope',
      'STATE',
      'request',
    ]) {
      await assert.rejects(
        fake.connect({ extraParameters: { [name]: 'x' } }),
        userError('USAGE', new RegExp(`parameter ${name} is not one to be given`)),
      );
    }
  });
});

describe('the scopes of a login', () => {
  const client = { issuer: 'https://x', clientId: 'x', extraParameters: {}, tokenKind: 'id-token' } as const;

  it('hold openid once, those given, and the clusters’ of Dex, each once', () => {
    const clusters: ClusterAudience[] = [
      { kind: 'dex-client', client: 'red-prod' },
      { kind: 'dex-client', client: 'red-prod' },
      { kind: 'shared' },
    ];
    assert.deepEqual(scopesOf({ ...client, scopes: ['email', 'openid', 'email'] }, { clusters }), [
      'openid',
      'email',
      'audience:server:client_id:red-prod',
    ]);
  });

  it('leave clusters to a parameter where the issuer has one', () => {
    const clusters: ClusterAudience[] = [
      { kind: 'resource', resource: 'https://red.example' },
      { kind: 'resource', resource: 'https://blue.example' },
      { kind: 'audience', audience: 'green' },
    ];
    assert.deepEqual(scopesOf({ ...client, scopes: [] }, { clusters }), ['openid']);
    assert.equal(
      String(audienceParameters({ clusters })),
      'resource=https%3A%2F%2Fred.example&resource=https%3A%2F%2Fblue.example&audience=green',
    );
  });
});
