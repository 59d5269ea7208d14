import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { handedOut, keptTokens, pathWithPlugin, writeKonvoyKubeconfig } from '../helpers/konvoy.ts';
import { editedKubeconfig, type Kubeconfig, kubectl, runKubectl } from '../helpers/kubectl.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { runProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

describe('kubectl with a kubeconfig that the platform handed out', async () => {
  const demo = await demoForTests();
  const { document } = demo;
  const home = await temporaryHome({ after });
  const env = { ...home.env, PATH: await pathWithPlugin(home) };
  const file = home.path('kubeconfig');
  before(async () => fs.writeFile(file, await handedOut(demo), { mode: 0o600 }));

  const contextOf = (cluster: string) => `--context=default-profile-${demo.cluster(cluster).clusterHostname}`;
  const ask = (flags: readonly string[], more: Record<string, string> = {}) =>
    runKubectl([...flags, 'get', 'pods', '-A'], { env: { ...env, ...more } });
  const tokensAt = (cluster: string) =>
    new Set(demo.requestsTo(cluster).flatMap(({ bearer }) => bearer?.raw ?? []));

  /** A person at a terminal, who signs in at the address that is shown; what kubectl printed. */
  async function signsIn(t: TestContext, flags: readonly string[], more: Record<string, string> = {}) {
    const answer = home.path('answer');
    const terminal = openTerminal(t, {
      command: 'sh',
      args: ['-c', '"$@" >"$ANSWER"', 'sh', kubectl, ...flags, 'get', 'pods', '-A'],
      env: { ...env, ...more, ANSWER: answer },
      columns: 120,
    });
    const isAddress = (line: string) => line.startsWith(`${document.issuer}/auth?`);
    await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
    await demo.signIn(terminal.logicalLines().find(isAddress) ?? '', demo.user('ada'));
    assert.deepEqual(await terminal.exit, { code: 0 });
    assertNoToken(terminal.rawOutput());
    return { shown: terminal.logicalLines().join('\n'), answer: await fs.readFile(answer, 'utf8') };
  }

  it('is as the platform made it: one user for all clusters, and nothing that tells them apart', async () => {
    const { users, contexts } = parse(await fs.readFile(file, 'utf8')) as Kubeconfig;
    assert.deepEqual([users.length, contexts.length], [1, document.clusters.length]);
    assert.equal(users[0]?.user.exec?.['command'], 'konvoy-async-plugin');
    assert.equal(users[0]?.user.exec?.['provideClusterInfo'], undefined);
  });

  it('says what to do where nobody can be asked', async () => {
    const { code, stdout, stderr } = await ask([`--kubeconfig=${file}`, contextOf('red-lab')]);
    assert.deepEqual([code, stdout], [1, '']);
    assertPlain(stderr);
    assert.match(stderr, /The Konvoy profile "default-profile" gives one token to \d clusters: https:/);
    assert.match(stderr, /The Konvoy profile "default-profile" needs a login\./);
    assert.match(stderr, /failed with exit code 3/);
    const [, command = ''] = /^Run in a terminal: (kubectl .*)$/m.exec(stderr) ?? [];
    const { stdout: words } = await execa('sh', ['-c', `set -- ${command}; printf '%s\\n' "$@"`]);
    assert.deepEqual(words.split('\n').slice(0, 2), ['kubectl', `--kubeconfig=${file}`]);
  });

  it('signs in at a terminal, and answers at each cluster with the token they share', async t => {
    const { answer } = await signsIn(t, [`--kubeconfig=${file}`, contextOf('red-lab')]);
    assert.match(answer, /^NAMESPACE +NAME/);
    const { code, stdout, stderr } = await ask([`--kubeconfig=${file}`, contextOf('blue-prod')]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^NAMESPACE +NAME/);
    assert.deepEqual(tokensAt('blue-prod'), tokensAt('red-lab'));
    assert.deepEqual([...(await keptTokens(home)).keys()], [null]);
  });

  it('has a token for each cluster once the kubeconfig lets kubectl name the cluster', async t => {
    demo.forgetRequests();
    const copy = await editedKubeconfig(file, home.path('mended.yaml'), ({ users: [user] }) => {
      Object.assign(user?.user.exec ?? {}, { provideClusterInfo: true });
    });
    for (const cluster of ['red-lab', 'blue-prod']) {
      const { answer, shown } = await signsIn(t, [`--kubeconfig=${copy}`, contextOf(cluster)]);
      assert.match(answer, /^NAMESPACE +NAME/);
      assert.doesNotMatch(shown, /gives one token/);
    }
    const [[red, ...more], [blue]] = [[...tokensAt('red-lab')], [...tokensAt('blue-prod')]];
    assert.deepEqual(more, []);
    assert.notEqual(red, blue);
  });

  it('is bound to its cluster where it serves one, in the file that kubectl is told to use', async t => {
    demo.forgetRequests();
    const one = await writeKonvoyKubeconfig(demo, home.path('one.yaml'), [
      { cluster: 'kubernetes-cluster', user: 'one' },
    ]);
    const two = await writeKonvoyKubeconfig(demo, home.path('two.yaml'), [
      { cluster: 'kubernetes-cluster', user: 'one' },
      { cluster: 'blue-prod', user: 'one' },
    ]);
    const context = ['--context=kubernetes-cluster'];
    await signsIn(t, context, { KUBECONFIG: one });
    const { server } = demo.cluster('kubernetes-cluster');
    assert.equal((await keptTokens(home)).get(server)?.['user'], 'one');
    assert.equal((await ask(context, { KUBECONFIG: one })).code, 0);
    assert.equal((await ask([...context, '--kubeconfig', one], { KUBECONFIG: two })).code, 0);
    // The file in the variable would bind the call to one cluster; the one that is used has two.
    const other = await ask([`--kubeconfig=${two}`, '--context=blue-prod'], { KUBECONFIG: one });
    assert.match(other.stderr, /failed with exit code 3/);
    assert.deepEqual(tokensAt('blue-prod'), new Set());
  });

  it('is found by check, mended by check --fix, and then gives each cluster its own token', async t => {
    const mended = home.path('to-mend');
    await fs.copyFile(file, mended);
    const found = await runProgram(['check', mended], { env });
    assert.equal(found.code, 1);
    assert.match(found.stdout, /default-profile/);
    const fixed = await runProgram(['check', '--fix', '--yes', mended], { env });
    assert.match(await fs.readFile(mended, 'utf8'), /dkp-auth-token/, fixed.stderr);
    demo.forgetRequests();
    for (const cluster of ['red-lab', 'blue-prod']) {
      const { answer, shown } = await signsIn(t, [`--kubeconfig=${mended}`, contextOf(cluster)]);
      assert.match(answer, /^NAMESPACE +NAME/);
      assert.doesNotMatch(shown, /konvoy-async-plugin/);
      assert.equal(tokensAt(cluster).size, 1);
    }
    assert.notDeepEqual(tokensAt('red-lab'), tokensAt('blue-prod'));
  });
});
