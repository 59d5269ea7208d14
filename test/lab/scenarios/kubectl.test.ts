import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { assertDone, assertIs, type Desk, deskAt, kubeconfigOf } from '../desk.ts';
import type { LabPortal } from '../document.ts';
import { portalNamed, serverNamed, userNamed } from '../harness.ts';
import { loginByPage } from '../page-paste.ts';
import { fetchFrom } from '../probe.ts';
import { setScene } from '../scene.ts';
import { servers } from '../world.ts';

type Exec = { apiVersion: string; command: string; args: string[]; provideClusterInfo?: boolean };
type Kubeconfig = {
  'current-context': string;
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec: Exec } }[];
};

const scene = setScene();
const kubectls = ['kubectl', 'kubectl-oldest'] as const;

const ours = async (desk: Desk, profile: string) =>
  parse(await readFile(desk.path('kube', `${profile}.yaml`), 'utf8')) as Kubeconfig;

/** What the platform hands out for one cluster, pointed at our plugin; with or without what the binding rests on. */
async function handedOut(
  desk: Desk,
  portal: LabPortal,
  profile: string,
  more: Partial<Exec>,
): Promise<string> {
  const ca = await readFile(portal.caFile, 'utf8');
  const address = new URL(`/token/plugin/kubeconfig?profileName=${profile}`, portal.loginLink);
  const document = parse((await fetchFrom(address.href, { ca })).body) as Kubeconfig;
  const { server } = serverNamed(scene.lab, profile);
  const cluster = document.clusters.find(each => each.cluster.server === server);
  const context = document.contexts.find(each => each.context.cluster === cluster?.name);
  const [user] = document.users;
  const [entry] = (await ours(desk, profile)).users;
  assert.ok(context && user && entry);
  assert.equal(user.user.exec.apiVersion, 'client.authentication.k8s.io/v1beta1');
  const { command, args } = entry.user.exec;
  user.user.exec = { ...user.user.exec, command, args, ...more };
  document['current-context'] = context.name;
  const file = desk.path('kube', `handed-out-${profile}.yaml`);
  await writeFile(file, stringify(document), { mode: 0o600 });
  return file;
}

test('kubectl of either minor is served at every server', async t => {
  const desk = await deskAt(t, scene.lab);
  const signsIn = { person: scene.person, user: userNamed('jane') };
  const stock = portalNamed(scene.lab, 'portal-stock');
  const isolated = portalNamed(scene.lab, 'portal-isolated');
  const flags = ['--all-clusters', '--idp', 'ldap', '--method', '2', '--yes', '--sign-in-now'];
  assertDone(await desk.login(stock, flags, { ...signsIn, times: 2 }));
  for (const name of ['isolated-a', 'isolated-b']) {
    assertDone(await loginByPage(desk, isolated, name, signsIn));
  }

  for (const { name, layout } of servers) {
    for (const tool of kubectls) {
      await t.test(`${tool} at ${name}, by the entry we write (v1)`, async () => {
        assert.equal(
          (await ours(desk, name)).users[0]?.user.exec.apiVersion,
          'client.authentication.k8s.io/v1',
        );
        assertIs(await desk.whoami([kubeconfigOf(desk, name)], { tool }), signsIn.user);
        const pods = await desk.kubectl([kubeconfigOf(desk, name), 'get', 'pods', '-A'], { tool });
        assert.deepEqual(pods, { code: 0, stdout: '', stderr: 'No resources found' });
      });

      await t.test(`${tool} at ${name}, by the entry that the platform hands out (v1beta1)`, async () => {
        const portal = layout === 'stock' ? stock : isolated;
        const file = await handedOut(desk, portal, name, { provideClusterInfo: true });
        assertIs(await desk.whoami([`--kubeconfig=${file}`], { tool }), signsIn.user);
      });

      await t.test(
        `${tool} at ${name} is refused when the entry keeps from us which cluster it is for`,
        async () => {
          const file = await handedOut(desk, layout === 'stock' ? stock : isolated, name, {});
          const result = await desk.kubectl([`--kubeconfig=${file}`, 'auth', 'whoami'], { tool });
          assert.equal(result.code, 1);
          assert.equal(result.stdout, '');
          assert.match(result.stderr, /failed with exit code 4/);
          assert.match(result.stderr, /provideClusterInfo: true/);
        },
      );
    }
  }
});
