import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import {
  editedKubeconfig,
  type Kubeconfig,
  runKubectl,
  signInToClusters,
  storedToken,
} from '../helpers/kubectl.ts';
import { assertNoToken } from '../helpers/plain-output.ts';

describe('a profile pointed at another API server', async () => {
  const demo = await demoForTests();
  const home = await temporaryHome({ after });
  const own = demo.cluster('red-lab');
  const other = demo.cluster('blue-prod');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const file = home.path('kube', 'red-lab.yaml');
  const clusters = ['red-lab', 'blue-prod'];
  before(() => signInToClusters(demo, home, { method: '2', clusters }));

  const clusterOf = (config: Kubeconfig) => {
    const [entry] = config.clusters;
    assert.ok(entry);
    return entry.cluster;
  };
  const execOf = (config: Kubeconfig) => {
    const exec = config.users[0]?.user.exec;
    assert.ok(exec);
    return exec;
  };

  /** kubectl with an edited copy of the profile's kubeconfig, or with flags that say the same. */
  async function ask(edit: (config: Kubeconfig) => void, flags: readonly string[] = []) {
    demo.forgetRequests();
    const copy = await editedKubeconfig(file, home.path('edited.yaml'), edit);
    return runKubectl([`--kubeconfig=${copy}`, ...flags, 'get', 'pods', '-A'], { env: home.env });
  }

  async function assertRefused(
    { code, stdout, stderr }: Awaited<ReturnType<typeof ask>>,
    why: RegExp,
  ): Promise<void> {
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^dkp-auth: .*profile "red-lab"/m);
    assert.match(stderr, why);
    assert.match(stderr, /failed with exit code 4/);
    assertNoToken(stdout, stderr);
    const token = await storedToken(home, 'red-lab');
    assert.deepEqual(
      demo.requests.filter(({ bearer }) => bearer?.raw === token),
      [],
      'the token was sent',
    );
    assert.deepEqual(
      demo.requests.filter(({ server }) => server === 'portal'),
      [],
      'a login was begun for it',
    );
  }

  const edits: Record<string, { edit: (config: Kubeconfig) => void; why: RegExp }> = {
    'by its address and authority': {
      edit: config =>
        Object.assign(clusterOf(config), {
          server: other.server,
          'certificate-authority-data': base64(other.ca),
        }),
      why: /is bound to red-lab \(https:\/\/127\.0\.0\.1:\d+\), but its kubeconfig names https:/,
    },
    'by its address alone': {
      edit: config => Object.assign(clusterOf(config), { server: other.server }),
      why: /its kubeconfig names https:/,
    },
    'by a path behind its address': {
      edit: config => Object.assign(clusterOf(config), { server: `${own.server}/proxy/elsewhere` }),
      why: /its kubeconfig names https:.*\/proxy\/elsewhere/,
    },
    'by its certificate authority': {
      edit: config => Object.assign(clusterOf(config), { 'certificate-authority-data': base64(other.ca) }),
      why: /trusts another certificate authority/,
    },
    'by one authority more': {
      edit: config =>
        Object.assign(clusterOf(config), { 'certificate-authority-data': base64(own.ca + other.ca) }),
      why: /trusts another certificate authority/,
    },
    'without an authority': {
      edit: config => delete clusterOf(config)['certificate-authority-data'],
      why: /trusts another certificate authority/,
    },
    'with the check of certificates turned off': {
      edit: config => {
        delete clusterOf(config)['certificate-authority-data'];
        clusterOf(config)['insecure-skip-tls-verify'] = true;
      },
      why: /sets insecure-skip-tls-verify/,
    },
    'by the name its certificate should have': {
      edit: config => Object.assign(clusterOf(config), { 'tls-server-name': 'localhost' }),
      why: /\(tls-server-name\)/,
    },
    'without kubectl telling which cluster it is for': {
      edit: config => delete execOf(config)['provideClusterInfo'],
      why: /does not say which cluster .*[\s\S]*provideClusterInfo: true/,
    },
    'with that turned off': {
      edit: config => Object.assign(execOf(config), { provideClusterInfo: false }),
      why: /does not say which cluster/,
    },
    'with a made-up answer to that in its environment': {
      edit: config =>
        Object.assign(execOf(config), {
          provideClusterInfo: false,
          env: [{ name: 'KUBERNETES_EXEC_INFO', value: '' }],
        }),
      why: /does not say which cluster/,
    },
    "by a context with another cluster's entry": {
      edit: config => {
        const elsewhere = { server: other.server, 'certificate-authority-data': base64(other.ca) };
        config.clusters.push({ name: 'blue-prod', cluster: elsewhere });
        Object.assign(config.contexts[0]?.context ?? {}, { cluster: 'blue-prod' });
      },
      why: /its kubeconfig names https:/,
    },
  };
  for (const [how, { edit, why }] of Object.entries(edits)) {
    it(`${how} gets no token`, async () => assertRefused(await ask(edit), why));
  }

  const flags: Record<string, { flags: string[]; why: RegExp }> = {
    '--server': { flags: [`--server=${other.server}`], why: /its kubeconfig names https:/ },
    '--tls-server-name': { flags: ['--tls-server-name=localhost'], why: /\(tls-server-name\)/ },
    '--insecure-skip-tls-verify': {
      flags: ['--insecure-skip-tls-verify'],
      why: /sets insecure-skip-tls-verify/,
    },
  };
  for (const [flag, { flags: given, why }] of Object.entries(flags)) {
    it(`by the flag ${flag} gets no token`, async () => assertRefused(await ask(() => {}, given), why));
  }

  it("by a mix of two files' clusters and users gets no token", async () => {
    demo.forgetRequests();
    const env = { ...home.env, KUBECONFIG: [file, home.path('kube', 'blue-prod.yaml')].join(':') };
    const mixed = ['--user=red-lab', '--cluster=blue-prod', 'get', 'pods', '-A'];
    await assertRefused(await runKubectl(mixed, { env }), /its kubeconfig names https:/);
  });

  it("asking for another cluster's profile gets no token of that one either", async () => {
    const { code, stdout, stderr } = await ask(config =>
      Object.assign(execOf(config), { args: ['--profile', 'blue-prod'] }),
    );
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /The profile "blue-prod" is bound to blue-prod .*[\s\S]*exit code 4/);
    assert.deepEqual(
      demo.requests.filter(({ bearer }) => bearer !== undefined),
      [],
    );
  });

  it('but spelled otherwise is the same one, and answered', async () => {
    for (const server of [`${own.server}/`, own.server.replace('https:', 'HTTPS:')]) {
      const { code, stderr } = await ask(config => Object.assign(clusterOf(config), { server }));
      assert.equal(code, 0, stderr);
    }
  });

  for (const version of ['v1', 'v1beta1']) {
    it(`is answered at its own in the version that its kubeconfig asks for: ${version}`, async () => {
      const apiVersion = `client.authentication.k8s.io/${version}`;
      const { code, stderr } = await ask(config => Object.assign(execOf(config), { apiVersion }));
      assert.equal(code, 0, stderr);
      const refused = await ask(config => {
        Object.assign(execOf(config), { apiVersion });
        Object.assign(clusterOf(config), { server: other.server });
      });
      await assertRefused(refused, /its kubeconfig names https:/);
    });
  }
});
