import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { kubectl } from '../helpers/kubectl.ts';
import { toOneCluster } from '../helpers/portal-file.ts';

const root = path.join(import.meta.dirname, '..', '..');
const cluster = 'red-prod';
const tools = ['cat', 'date', 'find', 'readlink', 'sh'];

/** A root with the executable, its libraries, a shell, kubectl, and nothing else: there is no Node in it. */
async function makeRoot(folder: string): Promise<void> {
  for (const part of ['bin', 'opt', 'proc', 'dev', 'tmp', 'data']) await fs.mkdir(path.join(folder, part));
  const into = (file: string, place: string) => fs.copyFile(file, path.join(folder, place));
  const built = path.join(root, 'dist-exe', `linux-${process.arch}`);
  for (const file of ['dkp-auth', 'dkp-auth-token']) await into(path.join(built, file), `opt/${file}`);
  const { stdout: busybox } = await execa('sh', ['-c', 'command -v busybox']);
  await into(busybox, 'bin/busybox');
  await into(kubectl, 'bin/kubectl');
  for (const name of tools) await fs.symlink('busybox', path.join(folder, 'bin', name));
  await fs.symlink('../opt/dkp-auth', path.join(folder, 'bin', 'kubectl-dkp_auth'));
  for (const program of [path.join(built, 'dkp-auth'), busybox]) {
    const { stdout } = await execa('ldd', [program], { reject: false });
    for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
      await fs.mkdir(path.join(folder, path.dirname(library)), { recursive: true });
      await fs.copyFile(library, path.join(folder, library));
    }
  }
}

describe('the executable, where there is no Node and the root cannot be written to', async () => {
  const demo = await demoForTests({ tokenLifetimeSeconds: 3600 });
  const folder = await temporaryFolder({ after });
  const place = path.join(folder, 'root');
  const work = path.join(folder, 'work');
  const kubeconfig = `/data/kube/${cluster}.yaml`;

  /** As process 1 of namespaces of its own; with the network of this machine, where the demo listens. */
  function run(args: readonly string[], env: Record<string, string> = {}, writable = true) {
    const mounts = [
      'set -eu',
      'mount --bind "$1" "$1"',
      'mount -t proc proc "$1/proc"',
      'mount --rbind /dev "$1/dev"',
      writable ? 'mount -t tmpfs tmpfs "$1/tmp"; mount --bind "$2" "$1/data"' : ':',
      'mount -o remount,bind,ro "$1"',
      'root=$1; shift 2; exec /usr/sbin/chroot "$root" "$@"',
    ].join('\n');
    const namespaces = [
      '--mount',
      '--pid',
      '--fork',
      ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
    ];
    return execa('unshare', [...namespaces, '/bin/sh', '-c', mounts, 'sh', place, work, ...args], {
      env: { PATH: '/bin:/usr/bin:/sbin:/usr/sbin', ...env },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
    });
  }
  /** There is no HOME: everything has its place by settings. */
  const placed = {
    DKP_AUTH_CONFIG_DIR: '/data/config',
    DKP_AUTH_STATE_DIR: '/data/state',
    DKP_AUTH_KUBECONFIG_DIR: '/data/kube',
  };
  const refreshes = () =>
    demo.requests.filter(({ method, path: asked }) => method === 'POST' && asked.startsWith('/dex/token'))
      .length;
  const pods = () => run(['/bin/kubectl', `--kubeconfig=${kubeconfig}`, 'get', 'pods', '-A'], placed);
  const credential = path.join(work, 'state', 'credentials', `${cluster}.json`);
  const read = async () => JSON.parse(await fs.readFile(credential, 'utf8'));
  /** Makes the stored token look as if this much of its hour were left. */
  async function leave(seconds: number): Promise<void> {
    const expiresAt = Math.floor(Date.now() / 1000) + seconds;
    await fs.writeFile(
      credential,
      JSON.stringify({ ...(await read()), expiresAt, issuedAt: expiresAt - 3600 }),
    );
  }

  before(async () => {
    await execa('npm', ['run', '--silent', 'build:executable'], { cwd: root, timeout: 200_000 });
    await fs.mkdir(place);
    await fs.mkdir(work);
    await makeRoot(place);
    const { issuer, ca, clients } = demo.document;
    const { server, ca: serverCa, audience } = demo.cluster(cluster);
    const clusters = [{ name: cluster, server, ca: serverCa, audience: { dexClient: audience } }];
    const client = { id: clients.public };
    const portalFile = { apiVersion: 'dkp-auth/v1', kind: 'PortalFile', issuer, ca, client, clusters };
    await fs.writeFile(path.join(work, 'portal.yaml'), stringify(portalFile));
  });

  it('tells its version, as process 1, with no HOME and nothing that can be written to', async () => {
    const { exitCode, stdout, stderr } = await run(['/opt/dkp-auth', '--version'], {}, false);
    const { version } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'));
    assert.deepEqual([exitCode, stdout, stderr], [0, version, '']);
  });

  it('loads no code that NODE_OPTIONS names', async () => {
    await fs.writeFile(path.join(work, 'evil.cjs'), "process.stdout.write('evil')");
    const env = { NODE_OPTIONS: '--require /data/evil.cjs' };
    const { exitCode, stdout } = await run(['/opt/dkp-auth', '--version'], env);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+$/);
  });

  it('plays the whole way against the embedded DKP, with kubectl and with no HOME', async () => {
    const { exitCode, stdout, stderr } = await run(['/opt/dkp-auth', 'demo', '--auto']);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /asked by kubectl/);
    assert.equal(stdout.match(/NAMESPACE +NAME/g)?.length, 3, stdout);
    assert.match(stdout, /refuses \(exit 4\)/);
  });

  it('logs in, and kubeconfigs name the launcher beside it', async () => {
    const where = toOneCluster('/data/portal.yaml', cluster);
    const how = ['--sign-in', 'browser', '--no-browser', '--idp', 'corporate', '--sign-in-now'];
    const login = run(['/opt/dkp-auth', 'login', ...where, ...how], placed);
    let shown = '';
    let signedIn: Promise<unknown> | undefined;
    login.stderr.on('data', piece => {
      shown += piece;
      const address = /^(https:\/\/\S+)\n/m.exec(shown)?.[1];
      if (address !== undefined) signedIn ??= demo.signIn(address, demo.user('ada'));
    });
    const { exitCode, stderr } = await login;
    await signedIn;
    assert.equal(exitCode, 0, stderr);
    // The keyring is native code, which is not in the executable.
    assert.match(stderr, /keyring/);
    assert.match(
      await fs.readFile(path.join(work, 'kube', `${cluster}.yaml`), 'utf8'),
      /command: \/opt\/dkp-auth-token/,
    );
    await assert.rejects(fs.access(path.join(work, 'state', 'node')), 'it is no Node for others');
  });

  it('serves kubectl the cached token, and asks nobody', async () => {
    await pods();
    demo.forgetRequests();
    const { exitCode, stdout, stderr } = await pods();
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(stdout, /NAMESPACE/);
    assert.equal(refreshes(), 0);
  });

  it('renews a token that is over while kubectl waits', async () => {
    await leave(-10);
    const { exitCode, stderr } = await pods();
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.equal(refreshes(), 1);
    assert.ok((await read()).expiresAt > Date.now() / 1000 + 3000);
  });

  it('renews ahead of time, by starting itself once more', async () => {
    demo.forgetRequests();
    for (const name of ['flights', 'rejections', 'callers']) {
      await fs.rm(path.join(work, 'state', name), { recursive: true, force: true });
    }
    await fs.mkdir(path.join(work, 'state', 'callers'), { mode: 0o700 });
    await leave(300);
    const { token } = await read();
    // A namespace ends with its first process: kubectl must not be that.
    const ask = `kubectl --kubeconfig=${kubeconfig} get pods -A; while grep -qF "$1" "$2"; do sleep 0.1; done`;
    for (const name of ['grep', 'sleep']) await fs.symlink('busybox', path.join(place, 'bin', name));
    const inside = ['/bin/sh', '-c', ask, 'sh', token, `/data/state/credentials/${cluster}.json`];
    const { exitCode, stderr, timedOut } = await run(inside, { ...placed, PATH: '/bin' });
    assert.deepEqual([timedOut, exitCode, stderr], [false, 0, '']);
    assert.equal(refreshes(), 1);
    assert.notEqual((await read()).token, token);
  });

  it('is kubectl dkp-auth where kubectl-dkp_auth is on PATH', async () => {
    const { exitCode, stdout, stderr } = await run(['/bin/kubectl', 'dkp-auth', 'status', '--json'], {
      ...placed,
      PATH: '/bin',
    });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      JSON.parse(stdout).profiles.map(({ name, renewal }: { name: string; renewal: string }) => [
        name,
        renewal,
      ]),
      [[cluster, 'by-itself']],
    );
  });
});
