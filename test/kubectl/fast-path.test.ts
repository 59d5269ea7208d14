import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { clusterOf, userOf } from '../../source/kubeconfig/entry.ts';
import { normalizeServerUrl } from '../../source/portal/server-url.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { demoForTests } from '../demo/helpers.ts';
import { cachedProfile } from '../helpers/cached-profile.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { editedKubeconfig, runKubectl, signInToClusters, storedToken } from '../helpers/kubectl.ts';
import { cli } from '../helpers/program.ts';

const plugin = path.join(path.dirname(cli), 'dkp-auth-token');

/** Puts a Node in the remembered one's place that tells of its starts before it goes on as Node. */
async function countNodeStarts(home: Home): Promise<() => Promise<number>> {
  const log = home.path('node-starts');
  const node = home.path('counting-node');
  await writeFile(node, `#!/bin/sh\necho start >>'${log}'\nexec '${process.execPath}' "$@"\n`);
  await chmod(node, 0o755);
  await writeFile(home.paths.node, `${node}\n`, { mode: 0o600 });
  await writeFile(log, '');
  return async () => (await readFile(log, 'utf8')).split('\n').length - 1;
}

/** The kubeconfig that this program writes for a profile, its server as it stands or spelled otherwise. */
async function kubeconfigOf(home: Home, profile: Profile, spelled = profile.cluster.server): Promise<string> {
  const { name, cluster } = profile;
  const exec = { kind: 'exec', command: plugin, args: ['--profile', name] } as const;
  const entry = { profile: name, server: spelled, ca: cluster.ca, user: exec };
  const file = home.path(`${name}.yaml`);
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: clusterOf(entry) }],
    users: [{ name, user: userOf(entry) }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await writeFile(file, stringify(document), { mode: 0o600 });
  return file;
}

/** What kubectl says to its plugin, letter for letter. */
async function whatKubectlSays(home: Home, kubeconfig: string): Promise<string> {
  const spy = home.path('spy');
  const heard = home.path('heard');
  await writeFile(spy, `#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" >'${heard}'\nexit 1\n`);
  await chmod(spy, 0o755);
  const copy = await editedKubeconfig(kubeconfig, home.path('spied.yaml'), config => {
    Object.assign(config.users[0]?.user.exec ?? {}, { command: spy });
  });
  await runKubectl([`--kubeconfig=${copy}`, 'get', '--raw', '/version'], { env: home.env });
  return readFile(heard, 'utf8');
}

const demo = await demoForTests({ only: { clusters: ['red-lab'], identityProviders: ['corporate'] } });

async function withCluster(test: TestContext, server: string) {
  const home = await temporaryHome(test);
  const normalized = normalizeServerUrl(server);
  assert.ok(normalized !== undefined);
  // An authority that kubectl can read: only then does it ask its plugin.
  const profile = await cachedProfile(home, 'prod', normalized, {}, demo.cluster('red-lab').ca);
  const starts = await countNodeStarts(home);
  return { home, profile, starts };
}

describe('the first kubectl after a login', () => {
  it('is served without Node, and so is every one after it', async test => {
    const home = await temporaryHome(test);
    await signInToClusters(demo, home, { method: '2', clusters: ['red-lab'] });
    const starts = await countNodeStarts(home);
    const kubeconfig = `--kubeconfig=${home.path('kube', 'red-lab.yaml')}`;
    demo.forgetRequests();
    for (let call = 0; call < 3; call++) {
      const { code, stdout, stderr } = await runKubectl([kubeconfig, 'get', 'pods', '-A'], { env: home.env });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^NAMESPACE/);
    }
    assert.equal(await starts(), 0);
    const bearers = new Set(demo.requestsTo('red-lab').map(({ bearer }) => bearer?.raw));
    assert.deepEqual([...bearers], [await storedToken(home, 'red-lab')]);
  });

  it('is served without Node in a terminal too, where it says that it can be asked', async test => {
    const home = await temporaryHome(test);
    await signInToClusters(demo, home, { method: '2', clusters: ['red-lab'] });
    const starts = await countNodeStarts(home);
    const command = `kubectl --kubeconfig='${home.path('kube', 'red-lab.yaml')}' get pods -A`;
    const { stdout } = await execa('script', ['-qec', command, '/dev/null'], {
      env: { ...home.env, TERM: 'xterm' },
      extendEnv: false,
      timeout: 30_000,
    });
    assert.match(stdout, /NAMESPACE/);
    assert.equal(await starts(), 0);
  });
});

const servers = [
  'https://127.0.0.1:1',
  'https://127.0.0.1:1/k8s/clusters/c-m-1',
  'https://127.0.0.1:1/a&b',
  "https://127.0.0.1:1/it's",
  'https://127.0.0.1:1/"quoted"\\back',
  'https://127.0.0.1:1/<less>',
  'https://127.0.0.1:1/grün/東京',
  'https://127.0.0.1:1/$(touch)/`touch`/*',
  'https://[::1]:1/{a}|b^c',
  'https://localhost:1/a%20b%26c;d=e,f@g!h(i)*j+k',
];

describe('kubectl names the bound cluster as it was foreseen', { concurrency: 2 }, () => {
  for (const server of servers) {
    it(server, async test => {
      const { home, profile, starts } = await withCluster(test, server);
      const kubeconfig = await kubeconfigOf(home, profile);
      assert.equal(await whatKubectlSays(home, kubeconfig), clientGoSays(profile));
      const { stderr } = await runKubectl([`--kubeconfig=${kubeconfig}`, 'get', '--raw', '/version'], {
        env: home.env,
      });
      assert.match(stderr, /refused|dial tcp/);
      assert.equal(await starts(), 0);
      const traces = (await readdir(home.paths.callers)).filter(file => /\.\d+$/.test(file));
      assert.equal(traces.length, 1);
    });
  }
});

const spellings = ['https://127.0.0.1:1/', 'HTTPS://127.0.0.1:1', 'https://127.0.0.1:1/a/../'];

describe('kubectl that spells the bound server otherwise', { concurrency: 2 }, () => {
  for (const spelled of spellings) {
    it(`is served by Node once, and then without: ${spelled}`, async test => {
      const { home, profile, starts } = await withCluster(test, spelled);
      const kubeconfig = `--kubeconfig=${await kubeconfigOf(home, profile, spelled)}`;
      for (const expected of [1, 1, 1]) {
        const { stderr } = await runKubectl([kubeconfig, 'get', '--raw', '/version'], { env: home.env });
        assert.match(stderr, /refused|dial tcp/);
        assert.equal(await starts(), expected);
      }
    });
  }
});
