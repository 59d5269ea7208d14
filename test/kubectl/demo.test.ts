import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startDemo } from '../../source/demo/index.ts';

const run = promisify(execFile);

describe('kubectl at the demo', async () => {
  const demo = await startDemo();
  const folder = await mkdtemp(join(tmpdir(), 'demo-kubectl-'));
  after(async () => {
    await demo.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function kubectl(login: string, cluster: string, ...args: string[]) {
    const page = await demo.signIn(
      `https://127.0.0.1:${demo.document.port}/token/login/${cluster}`,
      demo.user(login),
    );
    const { server, ca } = demo.cluster(cluster);
    const file = join(folder, `${login}-${cluster}`);
    const data = Buffer.from(ca).toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'demo',
      contexts: [{ name: 'demo', context: { cluster: 'demo', user: 'demo' } }],
      clusters: [{ name: 'demo', cluster: { server, 'certificate-authority-data': data } }],
      users: [{ name: 'demo', user: { token: page.token } }],
    };
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    const options = { env: { ...process.env, HOME: folder, KUBECONFIG: file } };
    return run('kubectl', args, options).catch((error: { stdout: string; stderr: string; code: number }) => ({
      stdout: error.stdout,
      stderr: error.stderr,
      code: error.code,
    }));
  }

  it('prints pods and namespaces', async () => {
    const { stdout } = await kubectl('ada', 'kubernetes-cluster', 'get', 'pods', '-A');
    assert.match(
      stdout,
      /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\nkube-system +coredns-\S+ +1\/1 +Running +0 +3d\n/,
    );
    const namespaces = await kubectl('ravi', 'red-prod', 'get', 'namespaces');
    assert.match(namespaces.stdout, /^team-red-apps +Active +3d$/m);
  });

  it('knows who one is and what one may', async () => {
    const { stdout } = await kubectl('ravi', 'red-lab', 'auth', 'whoami');
    assert.match(stdout, /^Username +ravi@corp\.example$/m);
    assert.match(stdout, /oidc:red-developers/);
    assert.equal((await kubectl('ravi', 'red-lab', 'auth', 'can-i', 'list', 'pods')).stdout, 'yes\n');
    assert.equal((await kubectl('ravi', 'blue-prod', 'auth', 'can-i', 'list', 'pods')).stdout, 'no\n');
    assert.match((await kubectl('ada', 'red-lab', 'auth', 'can-i', '--list')).stdout, /\*\.\*/);
  });

  it('reads version and resources', async () => {
    assert.match((await kubectl('ada', 'blue-prod', 'version')).stdout, /Server Version: v1\.31\.4/);
    assert.match((await kubectl('ada', 'blue-prod', 'api-resources')).stdout, /^pods +po +v1 +true +Pod$/m);
    assert.match((await kubectl('ada', 'blue-prod', 'api-versions')).stdout, /^authorization\.k8s\.io\/v1$/m);
  });

  it('says why not', async () => {
    const { stderr } = await kubectl('noor', 'blue-prod', 'get', 'pods', '-A');
    assert.match(
      stderr,
      /Error from server \(Forbidden\): pods is forbidden: User "noor@corp\.example" cannot list/,
    );
  });
});
