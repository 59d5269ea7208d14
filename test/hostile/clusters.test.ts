import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';
import { demoForTests } from '../demo/helpers.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { answeredLogin, logIn, loginArguments } from '../helpers/portal-login.ts';
import { runProgram } from '../helpers/program.ts';

type Kubeconfig = {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: { exec: { command: string; args: string[] } } }[];
};

async function onlyKubeconfig(home: Home): Promise<Kubeconfig> {
  const [file = ''] = (await home.files()).filter(each => each.startsWith('kube/'));
  return parse(await fs.readFile(home.path(file), 'utf8'));
}

/** Replaces the Method 1 download of a portal by clusters of a test's choice, by host name. */
function download(demo: Demo, clusters: readonly { name: string; cluster: object }[]): void {
  const document = { apiVersion: 'v1', kind: 'Config', clusters, contexts: [], users: [] };
  demo.faults.set('kubeconfig', { body: JSON.stringify(document) });
}

const hostname = 'kubernetes-cluster.dkp.example';
const offline = ['--method', '1', '--sign-in-later', '--yes'];

describe('a portal that lists what it should not', async () => {
  const demo = await demoForTests({
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
  });
  const other = await demoForTests({
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
  });
  const later = loginArguments(demo, '--cluster', 'kubernetes-cluster', '--profile', 'prod', ...offline);
  const setUp = (test: Parameters<typeof temporaryHome>[0]) => {
    demo.faults.clear();
    other.faults.clear();
    return temporaryHome(test);
  };

  it('cannot bring its exec block or a second user into a kubeconfig', async test => {
    const home = await setUp(test);
    demo.faults.set('kubeconfig', 'exec-block');
    const ended = await runProgram(later, { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    const { users } = await onlyKubeconfig(home);
    assert.deepEqual(
      users.map(({ name, user }) => [name, user.exec.args]),
      [['prod', ['--profile', 'prod']]],
    );
    assert.match(users[0]?.user.exec.command ?? '', /dist\/dkp-auth-token$/);
    const all = Object.values(await contentsOf(home)).join('\n');
    assert.doesNotMatch(all, /\/bin\/sh|tricked|helper|konvoy-async-plugin/);
    assertPlain(ended.stdout + ended.stderr);
    assertNoToken(ended.stdout, ended.stderr);
  });

  it('cannot add fields of a cluster entry, only an address and a certificate authority', async test => {
    const home = await setUp(test);
    const { server } = demo.cluster('kubernetes-cluster');
    const extra = {
      'proxy-url': 'http://evil.example:3128',
      'insecure-skip-tls-verify': true,
      'tls-server-name': 'evil.example',
      'certificate-authority': '/etc/passwd',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { evil: true } }],
    };
    download(demo, [{ name: hostname, cluster: { server, ...extra } }]);
    const ended = await runProgram(loginArguments(demo, ...offline, '--cluster', 'kubernetes-cluster'), {
      env: home.env,
    });
    assert.equal(ended.code, 0, ended.stderr);
    const { clusters } = await onlyKubeconfig(home);
    assert.deepEqual(Object.keys(clusters[0]?.cluster ?? {}), ['server', 'certificate-authority-data']);
    assert.equal(clusters[0]?.cluster['server'], server);
  });

  for (const [what, server] of [
    ['without TLS', 'http://127.0.0.1:6443'],
    ['with a password in it', 'https://ada:secret@127.0.0.1:6443'],
    ['with a query', 'https://127.0.0.1:6443?next=https://evil.example'],
    ['of another scheme', 'file:///etc/passwd'],
    ['that is none', 'javascript:alert(1)'],
    ['with control characters', 'https://127.0.0.1:6443/\u001b]0;evil\u0007'],
  ] as const) {
    it(`cannot make a cluster of an address ${what}`, async test => {
      const home = await setUp(test);
      download(demo, [{ name: hostname, cluster: { server } }]);
      const ended = await runProgram(answeredLogin(demo), { env: home.env });
      assertRefused(ended, {
        exit: 1,
        message: /lists no cluster that can be used/,
        hint: /no https address/,
      });
      assert.deepEqual(await contentsOf(home), {});
    });
  }

  it('names the clusters that are left when one leads elsewhere in one list only', async test => {
    for (const point of ['providers', 'kubeconfig'] as const) {
      const home = await setUp(test);
      demo.faults.set(point, 'elsewhere');
      const ended = await runProgram(answeredLogin(demo), { env: home.env });
      assertRefused(ended, {
        exit: 2,
        message: /There is no cluster "kubernetes-cluster" at this portal/,
        hint: /It has: red-lab\./,
      });
      assert.deepEqual(await contentsOf(home), {});
    }
  });

  it('cannot move a profile to another address', async test => {
    const home = await setUp(test);
    assert.equal((await runProgram(later, { env: home.env })).code, 0);
    const before = await contentsOf(home);
    download(demo, [{ name: hostname, cluster: { server: 'https://evil.example:6443' } }]);
    const ended = await runProgram(later, { env: home.env });
    assertRefused(ended, { exit: 4, message: /"prod" is taken by the cluster kubernetes-cluster/ });
    assert.deepEqual(await contentsOf(home), before);
  });

  it("cannot take over another portal's profile by listing its address with an authority of its own", async test => {
    const home = await setUp(test);
    assert.equal((await logIn(demo, answeredLogin(demo), { home })).code, 0);
    const before = await contentsOf(home);
    const { server } = demo.cluster('kubernetes-cluster');
    const ca = Buffer.from(other.document.ca).toString('base64');
    download(other, [{ name: hostname, cluster: { server, 'certificate-authority-data': ca } }]);
    const asked = loginArguments(other, '--cluster', 'kubernetes-cluster', ...offline);
    const ended = await runProgram([...asked, '--profile', 'prod'], { env: home.env });
    assertRefused(ended, { exit: 4, message: /"prod" is taken by .* of https:\/\/127\.0\.0\.1:\d+\./ });
    assert.deepEqual(await contentsOf(home), before);

    const proposed = await runProgram(asked, { env: home.env });
    assert.equal(proposed.code, 0, proposed.stderr);
    const after = await contentsOf(home);
    for (const [file, content] of Object.entries(before)) {
      if (!file.endsWith('settings.json')) assert.equal(after[file], content, file);
    }
  });

  it('and thousands of clusters is answered in a few lines', async test => {
    const home = await setUp(test);
    const { server } = demo.cluster('red-lab');
    const clusters = Array.from({ length: 3000 }, (_, index) => `c${index}`);
    const listed = clusters.map(name => ({ name, clusterHostname: name, ca: '' }));
    demo.faults.set('providers', {
      body: JSON.stringify([{ name: 'x', url: demo.document.issuer, clusters: listed }]),
    });
    download(
      demo,
      clusters.map(name => ({ name, cluster: { server: `${server}/${name}` } })),
    );
    const ended = await runProgram(loginArguments(demo, '--method', '1', '--profile', 'x'), {
      env: home.env,
    });
    assertRefused(ended, { exit: 2, message: /still to be answered/, hint: /and 2950 more/ });
    assert.ok(ended.stderr.length < 3000, `${ended.stderr.length} characters`);
  });

  it('does not get its words into the flags to copy as shell code', async test => {
    const home = await setUp(test);
    const name = '$(touch evil); `id` \'"';
    const list = ['kubernetes-cluster', 'red-lab'].map(each => ({
      name: each === 'red-lab' ? name : each,
      clusterHostname: `${each}.dkp.example`,
      ca: '',
    }));
    demo.faults.set('providers', {
      body: JSON.stringify([{ name: 'x', url: demo.document.issuer, clusters: list }]),
    });
    const args = loginArguments(demo, '--all-clusters', '--method', '1', '--sign-in-later');
    const ended = await runProgram(args, { env: home.env });
    assertRefused(ended, {
      exit: 2,
      message: /still to be answered/,
      hint: /--profile kubernetes-cluster=NAME/,
    });
    assert.ok(ended.stderr.includes(`--profile '$(touch evil); \`id\` '\\''"=NAME'`), ended.stderr);
  });
});
