import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askCluster, asyncToken, claimsIn, demoForTests, originOf } from './helpers.ts';

describe('the API servers', async () => {
  const demo = await demoForTests();
  const [ada, noor, ravi, bruno] = [
    await asyncToken(demo, demo.user('ada')),
    await asyncToken(demo, demo.user('noor')),
    await asyncToken(demo, demo.user('ravi')),
    await asyncToken(demo, demo.user('bruno'), 'team-blue'),
  ];
  const status = async (cluster: string, token?: string, path = '/api/v1/pods') =>
    (await askCluster(demo, cluster, path, token)).status;

  it('show each user what she may see', async () => {
    const seen = async (token: string) =>
      Promise.all(['kubernetes-cluster', 'red-lab', 'blue-prod'].map(cluster => status(cluster, token)));
    assert.deepEqual(await seen(ada), [200, 200, 200]);
    assert.deepEqual(await seen(ravi), [403, 200, 403]);
    assert.deepEqual(await seen(bruno), [403, 403, 200]);
    assert.deepEqual(await seen(noor), [403, 403, 403]);
  });

  it('refuse as Kubernetes does', async () => {
    const forbidden = JSON.parse((await askCluster(demo, 'blue-prod', '/api/v1/pods', noor)).body);
    assert.deepEqual(forbidden, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'pods is forbidden: User "noor@corp.example" cannot list resource "pods" in API group "" at the cluster scope',
      reason: 'Forbidden',
      details: { kind: 'pods' },
      code: 403,
    });
    const unauthorized = await askCluster(demo, 'blue-prod', '/api/v1/pods');
    assert.equal(unauthorized.status, 401);
    const { message, reason } = JSON.parse(unauthorized.body);
    assert.deepEqual([message, reason], ['Unauthorized', 'Unauthorized']);
    assert.equal(await status('blue-prod', undefined, '/version'), 200);
    assert.equal(await status('blue-prod', undefined, '/healthz'), 200);
    assert.equal(await status('blue-prod', ada, '/api/v1/nonsense'), 404);
    assert.equal((await askCluster(demo, 'blue-prod', '/api/v1/namespaces/x', ada)).status, 404);
  });

  it('accept only good tokens for their own audience', async () => {
    assert.equal(await status('red-prod', ada), 401);
    const page = await demo.signIn(`${originOf(demo)}/token/login/red-prod`, demo.user('ada'));
    assert.equal(await status('red-prod', page.token), 200);
    assert.equal(await status('blue-prod', page.token), 401);
    const claims = claimsIn(ada);
    assert.equal(await status('blue-prod', demo.mint(claims)), 200);
    const wrong = [
      demo.mint(claims, 'unsigned'),
      demo.mint(claims, 'other-key'),
      demo.mint({ ...claims, iss: 'https://evil.example' }),
      demo.mint({ ...claims, exp: Number(claims['iat']) - 1 }),
      demo.mint({ ...claims, email_verified: false }),
      `${ada}x`,
      'nonsense',
    ];
    for (const token of wrong) assert.equal(await status('blue-prod', token), 401, token);
  });

  it('live under a path where their address has one', async () => {
    const { server, ca } = demo.cluster('kubernetes-cluster');
    assert.equal(new URL(server).pathname, '/dkp/api-server');
    assert.equal((await askCluster(demo, 'kubernetes-cluster', '/../../api/v1/pods', ada)).status, 404);
    assert.notEqual(demo.cluster('red-lab').ca, ca);
    await assert.rejects(askCluster(demo, 'blue-edge', '/version'), { code: 'ECONNREFUSED' });
  });

  it('answer questions about oneself', async () => {
    const post = async (resource: string, body: object, token: string) => {
      const options = {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      };
      const reply = await askCluster(demo, 'red-lab', `/apis/${resource}`, token, options);
      return JSON.parse(reply.body).status;
    };
    const { userInfo } = await post('authentication.k8s.io/v1/selfsubjectreviews', {}, noor);
    assert.deepEqual(userInfo, {
      username: 'noor@corp.example',
      groups: ['oidc:employees', 'system:authenticated'],
    });
    const can = async (token: string, verb: string, resource: string) => {
      const body = { spec: { resourceAttributes: { verb, resource } } };
      return (await post('authorization.k8s.io/v1/selfsubjectaccessreviews', body, token)).allowed;
    };
    assert.equal(await can(ravi, 'list', 'pods'), true);
    assert.equal(await can(ravi, 'delete', 'pods'), false);
    assert.equal(await can(ravi, 'get', 'secrets'), false);
    assert.equal(await can(ada, 'delete', 'pods'), true);
    assert.equal(await can(noor, 'list', 'pods'), false);
  });

  it('record who sent which token where', async () => {
    demo.forgetRequests();
    await status('blue-prod', bruno);
    const [request, ...others] = demo.requests;
    assert.equal(others.length, 0);
    assert.equal(request?.server, 'blue-prod');
    assert.equal(request?.status, 200);
    assert.equal(request?.bearer?.raw, bruno);
    assert.equal(request?.bearer?.claims?.['email'], 'bruno@blue.example');
    assert.deepEqual(demo.requestsTo('blue-prod', '/api'), [request]);
    assert.deepEqual(demo.requestsTo('portal'), []);
  });

  it('stop accepting a token when it expires', async () => {
    demo.advance(24 * 60 * 60 + 1);
    assert.equal(await status('blue-prod', ada), 401);
    const fresh = await asyncToken(demo, demo.user('ada'));
    assert.equal(await status('blue-prod', fresh), 200);
  });

  it('know the issuer’s new keys at once', async () => {
    const before = await asyncToken(demo, demo.user('ada'));
    await demo.rotateKeys();
    assert.equal(await status('blue-prod', before), 200);
    await demo.rotateKeys({ keepOld: false });
    assert.equal(await status('blue-prod', before), 401);
    assert.equal(await status('blue-prod', await asyncToken(demo, demo.user('ada'))), 200);
  });
});
