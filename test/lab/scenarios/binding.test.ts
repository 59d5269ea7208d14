import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { runProgram } from '../../helpers/program.ts';
import { assertDone, assertIs, deskAt, kubeconfigOf } from '../desk.ts';
import { type LabServer, readAudit } from '../document.ts';
import { portalNamed, serverNamed, userNamed } from '../harness.ts';
import { setScene } from '../scene.ts';

type Cluster = {
  server: string;
  'certificate-authority-data': string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
};
type Kubeconfig = {
  clusters: { name: string; cluster: Cluster }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec: { provideClusterInfo: boolean } } }[];
};

const scene = setScene();

/** What came to a server from people and from programs on their behalf, known or not. */
const requestsOf = async (server: LabServer) =>
  (await readAudit(server)).filter(({ user }) => user?.username !== 'lab-admin');

const edits: readonly { how: string; edit: (own: Cluster, other: Cluster, config: Kubeconfig) => void }[] = [
  {
    how: 'the server of the other cluster',
    edit: (own, other) => Object.assign(own, { server: other.server }),
  },
  {
    how: 'the server and the authority of the other cluster',
    edit: (own, other) => Object.assign(own, other),
  },
  {
    how: 'the server of the other cluster, with no look at certificates',
    edit: (own, other) => {
      own.server = other.server;
      own['insecure-skip-tls-verify'] = true;
      Reflect.deleteProperty(own, 'certificate-authority-data');
    },
  },
  {
    how: 'the server of the other cluster, by another name',
    edit: (own, other) =>
      Object.assign(own, other, {
        server: `${other.server.replace('127.0.0.1', 'LOCALHOST')}/`,
        'tls-server-name': '127.0.0.1',
      }),
  },
  {
    how: 'the other cluster in its context',
    edit: (_own, _other, config) => {
      for (const { context } of config.contexts) context.cluster = 'stock-b';
    },
  },
  {
    how: 'the other cluster, and an entry that keeps from us which it is',
    edit: (own, other, config) => {
      Object.assign(own, other);
      for (const { user } of config.users) user.exec.provideClusterInfo = false;
    },
  },
];

test('a profile whose kubeconfig was pointed at another server gives no token, and that server hears nothing', async t => {
  const desk = await deskAt(t, scene.lab);
  const john = userNamed('john');
  const flags = ['--all-clusters', '--idp', 'ldap', '--method', '1', '--yes', '--sign-in-now'];
  const output = ['--output', desk.path('both.yaml')];
  const signsIn = { person: scene.person, user: john, times: 2 };
  assertDone(await desk.login(portalNamed(scene.lab, 'portal-stock'), [...flags, ...output], signsIn));
  const original = await readFile(desk.path('both.yaml'), 'utf8');
  const at = (context: string) => [`--kubeconfig=${desk.path('both.yaml')}`, `--context=${context}`];
  const other = serverNamed(scene.lab, 'stock-b');

  // Its log does tell of John when he does come, and of whoever comes with a token that is no good.
  assertIs(await desk.whoami(at('stock-b')), john);
  const bearer = [
    `--server=${other.server}`,
    `--certificate-authority=${other.caFile}`,
    '--token=eyJ.not.good',
  ];
  assert.equal((await desk.kubectl([...bearer, 'get', '--raw', '/api/v1/namespaces'])).code, 1);
  const control = await requestsOf(other);
  assert.ok(control.some(({ user }) => user?.username === john.email));
  assert.ok(control.some(({ responseStatus }) => responseStatus?.code === 401));

  for (const { how, edit } of edits) {
    await t.test(how, async () => {
      const config = parse(original) as Kubeconfig;
      const [own, second] = ['stock-a', 'stock-b'].map(name =>
        config.clusters.find(each => each.name === name),
      );
      assert.ok(own && second);
      edit(own.cluster, { ...second.cluster }, config);
      await writeFile(desk.path('both.yaml'), stringify(config), { mode: 0o600 });
      const before = (await requestsOf(other)).length;
      const result = await desk.kubectl([...at('stock-a'), 'get', 'pods', '--all-namespaces']);
      assert.equal(result.code, 1);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, /failed with exit code 4/);
      assert.match(
        result.stderr,
        /dkp-auth: (The profile "stock-a" is bound to stock-a|The kubeconfig does not say)/,
      );
      assert.deepEqual((await requestsOf(other)).slice(before), []);
    });
  }

  await t.test('undone, it works again', async () => {
    await writeFile(desk.path('both.yaml'), original, { mode: 0o600 });
    assertIs(await desk.whoami(at('stock-a')), john);
  });
});

test('the plugin itself exits 4 with nothing on stdout', async t => {
  const desk = await deskAt(t, scene.lab);
  const flags = ['--cluster', 'stock-a', '--method', '2', '--profile', 'mine', '--idp', 'mock'];
  const signsIn = { person: scene.person, user: userNamed('') };
  assertDone(await desk.login(portalNamed(scene.lab, 'portal-stock'), flags, signsIn));
  assertIs(await desk.whoami([kubeconfigOf(desk, 'mine')]), signsIn.user);
  const other = serverNamed(scene.lab, 'stock-b');
  const cluster = {
    server: other.server,
    'certificate-authority-data': (await readFile(other.caFile)).toString('base64'),
  };
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster },
  };
  const ended = await runProgram(['token', '--profile', 'mine'], {
    env: { ...desk.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
  });
  assert.equal(ended.code, 4);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /^dkp-auth: The profile "mine" is bound to stock-a/);
});
