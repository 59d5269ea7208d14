import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoForTests } from '../demo/helpers.ts';
import { download } from '../helpers/handed-out.ts';
import { temporaryHome } from '../helpers/home.ts';
import { kubectl, portalClusters, readKubeconfig, runKubectl, storedToken } from '../helpers/kubectl.ts';
import { assertNoToken } from '../helpers/plain-output.ts';
import { runProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

describe('real kubectl with a kubeconfig of the platform that check --fix mended', async () => {
  const demo = await demoForTests({ only: { clusters: [...portalClusters] } });
  const home = await temporaryHome({ after });
  const context = (cluster: string) => `--context=default-profile-${demo.cluster(cluster).clusterHostname}`;
  let file = '';

  before(async () => {
    file = await download(demo, home);
    const { code, stderr } = await runProgram(['check', '--fix', '--yes', file], { env: home.env });
    assert.equal(code, 0, stderr);
  });

  it('reads it as it read the download: the same clusters, contexts and current context', async () => {
    const again = await readKubeconfig(await download(demo, home, { file: 'again.yaml' }));
    const { stdout } = await runKubectl([`--kubeconfig=${file}`, 'config', 'view', '--raw', '-o', 'json'], {
      env: home.env,
    });
    const mended = JSON.parse(stdout) as typeof again;
    const contexts = (config: typeof again) =>
      config.contexts.map(({ name, context: { cluster } }) => [name, cluster]).sort();
    assert.deepEqual(contexts(mended), contexts(again));
    assert.deepEqual(
      mended.clusters.toSorted((a, b) => a.name.localeCompare(b.name)),
      again.clusters.toSorted((a, b) => a.name.localeCompare(b.name)),
    );
    assert.equal(mended['current-context'], again['current-context']);
  });

  it('signs in at each cluster, and each has its own token from then on', async t => {
    demo.forgetRequests();
    for (const cluster of portalClusters) {
      const terminal = openTerminal(t, {
        command: kubectl,
        args: [`--kubeconfig=${file}`, context(cluster), 'get', 'pods', '-A'],
        env: home.env,
      });
      const isAddress = (line: string) => line.startsWith('https://');
      await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
      await demo.signIn(terminal.logicalLines().find(isAddress) ?? '', demo.user('ada'));
      assert.deepEqual(await terminal.exit, { code: 0 }, terminal.logicalLines().join('\n'));
      assertNoToken(terminal.rawOutput());
    }
    for (const cluster of portalClusters) {
      const args = [`--kubeconfig=${file}`, context(cluster), 'get', 'namespaces'];
      const { code, stderr } = await runKubectl(args, { env: home.env });
      assert.equal(code, 0, stderr);
    }
    const tokens = await Promise.all(portalClusters.map(cluster => storedToken(home, cluster)));
    assert.equal(new Set(tokens).size, portalClusters.length, 'two clusters share a token');
    for (const [index, cluster] of portalClusters.entries()) {
      const seen = demo.requestsTo(cluster).flatMap(({ bearer }) => bearer?.raw ?? []);
      assert.deepEqual([...new Set(seen)], [tokens[index]], cluster);
    }
    const clean = await runProgram(['check', file], { env: home.env });
    assert.equal(clean.code, 0, clean.stdout);
  });
});
