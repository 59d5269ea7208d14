import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Demo } from '../../source/demo/index.ts';
import { demoForTests } from '../demo/helpers.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import {
  type Kubeconfig,
  kubectl,
  reachableClusters,
  readKubeconfig,
  runKubectl,
  signInToClusters,
  storedToken,
} from '../helpers/kubectl.ts';
import { assertNoToken } from '../helpers/plain-output.ts';

const questions = [
  [['get', 'pods', '-A'], /^NAMESPACE +NAME +READY/],
  [['get', 'namespaces'], /^kube-system +Active/m],
  [['auth', 'whoami'], /^Username +ada@corp\.example$/m],
  [['auth', 'can-i', 'list', 'pods'], /^yes$/m],
] as const;

/** Asks every question at once, through a kubeconfig, and looks for its answer. */
async function assertAnswers(home: Home, flags: readonly string[]): Promise<void> {
  const ask = async ([args, answer]: (typeof questions)[number]) => {
    const { code, stdout, stderr } = await runKubectl([...flags, ...args], { env: home.env });
    assert.equal(code, 0, `${flags.join(' ')} ${args.join(' ')}: ${stderr}`);
    assert.match(stdout, answer);
    assertNoToken(stdout, stderr);
  };
  await Promise.all(questions.map(ask));
}

/** The copies that are made before a change do not count. */
async function kubeconfigs(home: Home): Promise<string[]> {
  return (await home.files()).filter(name => /^kube\/.*\.yaml$/.test(name));
}

/** Each API server has seen its own profile's token and no other; the portal none at all. */
async function assertOwnTokensOnly(demo: Demo, home: Home, clusters: readonly string[]): Promise<void> {
  const tokens = new Map<string, string>();
  for (const cluster of clusters) tokens.set(cluster, await storedToken(home, cluster));
  assert.equal(new Set(tokens.values()).size, clusters.length, 'two profiles share a token');
  for (const cluster of clusters) {
    const seen = demo.requestsTo(cluster).flatMap(({ bearer }) => bearer?.raw ?? []);
    assert.ok(seen.length > 0, `${cluster} was never asked`);
    assert.deepEqual([...new Set(seen)], [tokens.get(cluster)], cluster);
  }
  for (const { server, bearer, path, body } of demo.requests) {
    if (server !== 'portal') continue;
    assert.equal(bearer, undefined);
    for (const token of tokens.values()) assert.ok(!path.includes(token) && !body.includes(token));
  }
}

describe('real kubectl', { concurrency: true }, () => {
  describe('Method 1: one kubeconfig', { concurrency: 1 }, async () => {
    const demo = await demoForTests();
    const home = await temporaryHome({ after });
    let file = '';
    before(async () => {
      await signInToClusters(demo, home, { method: '1' });
      const [name = ''] = await kubeconfigs(home);
      file = home.path(name);
      demo.forgetRequests();
    });

    it('has a cluster, a context and a user of its own for every cluster', async () => {
      const config: Kubeconfig = await readKubeconfig(file);
      const expected = [...reachableClusters].sort();
      assert.deepEqual(config.clusters.map(({ name }) => name).sort(), expected);
      assert.deepEqual(config.users.map(({ name }) => name).sort(), expected);
      for (const { name, context } of config.contexts)
        assert.deepEqual(context, { cluster: name, user: name });
      assert.equal((await kubeconfigs(home)).length, 1);
    });

    it('answers in every context, and every API server sees the token of its own profile alone', async () => {
      demo.forgetRequests();
      for (const cluster of reachableClusters) {
        await assertAnswers(home, [`--kubeconfig=${file}`, `--context=${cluster}`]);
      }
      await assertOwnTokensOnly(demo, home, reachableClusters);
    });

    it('answers without naming a context, with the first one chosen', async () => {
      const { stdout } = await runKubectl(['config', 'current-context'], {
        env: { ...home.env, KUBECONFIG: file },
      });
      assert.equal(stdout, 'kubernetes-cluster\n');
      await assertAnswers({ ...home, env: { ...home.env, KUBECONFIG: file } }, []);
    });

    it('answers all clusters at the same moment, each with its own token', async () => {
      demo.forgetRequests();
      const asked = reachableClusters.map(cluster =>
        runKubectl([`--kubeconfig=${file}`, `--context=${cluster}`, 'get', 'pods', '-A'], { env: home.env }),
      );
      for (const { code, stderr } of await Promise.all(asked)) assert.equal(code, 0, stderr);
      await assertOwnTokensOnly(demo, home, reachableClusters);
    });
  });

  describe('Method 2: a kubeconfig per cluster', { concurrency: 1 }, async () => {
    const demo = await demoForTests();
    const home = await temporaryHome({ after });
    before(async () => {
      await signInToClusters(demo, home, { method: '2' });
      demo.forgetRequests();
    });

    it('answers through every file alone, by flag and by variable, each API server seeing its own token', async () => {
      for (const cluster of reachableClusters) {
        const file = home.path('kube', `${cluster}.yaml`);
        assert.equal((await readKubeconfig(file)).clusters.length, 1);
        await assertAnswers(home, [`--kubeconfig=${file}`]);
        const { code } = await runKubectl(['get', 'pods', '-A'], { env: { ...home.env, KUBECONFIG: file } });
        assert.equal(code, 0);
      }
      await assertOwnTokensOnly(demo, home, reachableClusters);
    });

    it('answers through all files joined in KUBECONFIG, one that is missing among them', async () => {
      demo.forgetRequests();
      const files = [...reachableClusters, 'nowhere'].map(name => home.path('kube', `${name}.yaml`));
      const env = { ...home.env, KUBECONFIG: files.join(':') };
      for (const cluster of reachableClusters) {
        const { code, stderr } = await runKubectl([`--context=${cluster}`, 'get', 'namespaces'], { env });
        assert.equal(code, 0, stderr);
      }
      await assertOwnTokensOnly(demo, home, reachableClusters);
    });
  });

  describe('the token method: a kubeconfig with a token in it', { concurrency: 1 }, async () => {
    const demo = await demoForTests();
    const home = await temporaryHome({ after });
    before(() =>
      signInToClusters(demo, home, {
        method: 'token',
        clusters: ['kubernetes-cluster', 'red-lab', 'red-prod'],
      }),
    );

    it('answers without the plugin, without Node and without anything this program stored', async () => {
      const clusters = ['kubernetes-cluster', 'red-lab', 'red-prod'];
      for (const cluster of clusters) {
        const file = home.path('kube', `${cluster}.yaml`);
        const [user] = (await readKubeconfig(file)).users;
        assert.deepEqual(Object.keys(user?.user ?? {}), ['token']);
        assert.match(await fs.readFile(file, 'utf8'), /# This token is good until \d{4}-/);
        assert.equal(await home.mode('kube', `${cluster}.yaml`), '600');
      }
      demo.forgetRequests();
      const bare = { ...home, env: { HOME: home.path('elsewhere'), PATH: home.path('nothing') } };
      for (const cluster of clusters) {
        await assertAnswers(bare, [`--kubeconfig=${home.path('kube', `${cluster}.yaml`)}`]);
      }
      await assertOwnTokensOnly(demo, home, clusters);
    });
  });

  describe('what a person may not see', async () => {
    const demo = await demoForTests();
    const clusters = ['kubernetes-cluster', 'red-lab', 'blue-prod'];
    const podsOf = async (home: Home, cluster: string) =>
      runKubectl([`--kubeconfig=${home.path('kube', `${cluster}.yaml`)}`, 'get', 'pods', '-A'], {
        env: home.env,
      });

    it('ravi sees the workspace team-red, and is told by the other clusters that he may not', async test => {
      const home = await temporaryHome(test);
      await signInToClusters(demo, home, { method: '2', user: 'ravi' });
      for (const cluster of ['red-lab', 'red-prod']) {
        const { code, stdout, stderr } = await podsOf(home, cluster);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^NAMESPACE/);
      }
      for (const cluster of ['kubernetes-cluster', 'blue-prod']) {
        const { code, stdout, stderr } = await podsOf(home, cluster);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(
          stderr,
          /^Error from server \(Forbidden\): pods is forbidden: User "ravi@corp\.example"/m,
        );
      }
    });

    it('noor is told so by every cluster, which knows her', async test => {
      const home = await temporaryHome(test);
      await signInToClusters(demo, home, { method: '2', user: 'noor', clusters });
      for (const cluster of clusters) {
        const { code, stdout, stderr } = await podsOf(home, cluster);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, /\(Forbidden\).*User "noor@corp\.example" cannot list resource "pods"/);
      }
    });
  });
});

it('the kubectl of these tests is a real one', async () => {
  const { stdout } = await runKubectl(['version', '--client', '-o', 'json'], {
    env: { HOME: '/nonexistent' },
  });
  assert.match(JSON.parse(stdout).clientVersion.gitVersion, /^v1\./, kubectl);
});
