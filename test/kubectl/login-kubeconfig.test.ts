import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { type Kubeconfig, runKubectl, storedToken } from '../helpers/kubectl.ts';
import { overToken, platformKubeconfig } from '../helpers/platform-kubeconfig.ts';
import { logIn } from '../helpers/portal-login.ts';

describe('kubectl with a kubeconfig that the platform made with its cluster', async () => {
  const demo = await demoForTests();
  const { loginLinks, caFile } = demo.document;
  const home = await temporaryHome({ after });
  const entries = [{ cluster: 'red-lab' }, { cluster: 'blue-prod' }];
  const file = await platformKubeconfig(demo, home.path('made.yaml'), entries);
  const kubectl = (...args: string[]) => runKubectl([`--kubeconfig=${file}`, ...args], { env: home.env });
  const view = async () => {
    const { stdout } = await kubectl('config', 'view', '--raw', '-o', 'json');
    return JSON.parse(stdout) as Kubeconfig;
  };
  const logInTo = async (cluster: string, ...more: string[]) => {
    const context = ['--kubeconfig', file, '--context', `admin@${cluster}`];
    const args = ['login', loginLinks.global, '--ca-file', caFile, '--no-browser', ...context, ...more];
    const { code, stderr } = await logIn(demo, args, { home });
    assert.equal(code, 0, stderr);
  };
  const tokensAt = (cluster: string) => [
    ...new Set(demo.requestsTo(cluster).flatMap(({ bearer }) => bearer?.raw ?? [])),
  ];

  it('is of no use as it is', async () => {
    const { stderr } = await kubectl('get', 'pods');
    assert.match(stderr, /must be logged in|Unauthorized/);
  });

  it('has access by one context, and the other is as it was', async () => {
    const before = await view();
    await logInTo('red-lab');
    demo.forgetRequests();
    // In the namespace that the context names.
    const pods = await kubectl('get', 'pods');
    assert.equal(pods.code, 0, pods.stderr);
    assert.match(pods.stdout, /^coredns/m);
    assert.deepEqual(tokensAt('red-lab'), [await storedToken(home, 'red-lab')]);
    assert.match(
      (await kubectl('--context=admin@blue-prod', 'get', 'pods')).stderr,
      /logged in|Unauthorized/,
    );
    assert.deepEqual(tokensAt('blue-prod'), [overToken]);

    const now = await view();
    const [context] = now.contexts.filter(({ name }) => name === 'admin@red-lab');
    assert.equal(context?.context.user, 'red-lab');
    const rest = (config: Kubeconfig) => ({
      ...config,
      contexts: config.contexts.filter(({ name }) => name !== 'admin@red-lab'),
      users: config.users.filter(({ name }) => name !== 'red-lab'),
    });
    assert.deepEqual(rest(now), rest(before));
  });

  it('has access by the other with a token written out, and neither gets what is the other’s', async () => {
    await logInTo('blue-prod', '--method', 'token');
    demo.forgetRequests();
    for (const { cluster } of entries) {
      const { code, stderr } = await kubectl(`--context=admin@${cluster}`, 'get', 'pods');
      assert.equal(code, 0, stderr);
      assert.deepEqual(tokensAt(cluster), [await storedToken(home, cluster)]);
    }
    const { users } = await view();
    assert.deepEqual(users.find(({ name }) => name === 'admin')?.user, {
      token: await storedToken(home, 'blue-prod'),
    });
  });
});
