import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { demoForTests } from '../demo/helpers.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { toOneCluster } from '../helpers/portal-file.ts';
import { needs } from '../helpers/shells.ts';

const root = path.join(import.meta.dirname, '..', '..');
const target = `linux-${process.arch}`;
const program = '/opt/dkp-auth/dkp-auth';
const cluster = 'red-prod';

/**
 * The recipe as it is, on a Debian that is made here: no registry of images is asked. buildah needs no daemon and, with
 * this isolation, no more than a user who may mount.
 */
describe('Containerfile', needs('buildah'), async () => {
  const demo = await demoForTests({ tokenLifetimeSeconds: 3600 });
  const folder = await temporaryFolder({ after });
  const storage = ['--root', path.join(folder, 'images'), '--runroot', path.join(folder, 'run')];
  const buildah = (args: readonly string[], options = {}) =>
    execa('buildah', [...storage, ...args], {
      env: { STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' },
      timeout: 300_000,
      stdin: 'ignore',
      ...options,
    });
  let container: string;

  /** In one container all the time: what a login leaves is there for the next command. */
  const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const args = ['run', '--network', 'host', ...variables, container, '--', ...words];
    return buildah(args, { reject: false, timeout: 60_000 });
  };

  before(async () => {
    await execa('npm', ['run', '--silent', 'build:executable'], { cwd: root, timeout: 200_000 });
    const base = path.join(folder, 'base');
    const { stdout: suite } = await execa('sh', ['-c', '. /etc/os-release; echo "$VERSION_CODENAME"']);
    await execa('debootstrap', ['--variant=minbase', suite, base], { timeout: 300_000 });
    const { stdout: empty } = await buildah(['from', 'scratch']);
    await buildah(['copy', '--quiet', empty, base, '/']);
    await buildah(['commit', '--quiet', '--rm', empty, 'localhost/base']);
    const context = path.join(folder, 'context');
    await fs.cp(path.join(root, 'dist-exe', target), path.join(context, 'dist-exe', target), {
      recursive: true,
    });
    const recipe = ['--file', path.join(root, 'Containerfile'), '--tag', 'dkp-auth', '--network', 'host'];
    const how = ['--build-arg', 'BASE=localhost/base', '--build-arg', `TARGET=${target}`];
    await buildah(['build', '--quiet', ...recipe, ...how, context], { reject: true });
    ({ stdout: container } = await buildah(['from', 'dkp-auth']));
    const { issuer, ca, clients } = demo.document;
    const { server, ca: serverCa, audience } = demo.cluster(cluster);
    const clusters = [{ name: cluster, server, ca: serverCa, audience: { dexClient: audience } }];
    const client = { id: clients.public };
    const file = path.join(folder, 'portal.yaml');
    await fs.writeFile(
      file,
      stringify({ apiVersion: 'dkp-auth/v1', kind: 'PortalFile', issuer, ca, client, clusters }),
    );
    await buildah(['copy', '--quiet', '--chown', '65532:65532', container, file, '/home/nonroot/']);
  });

  it("starts the program, as a user without rights, in that user's home", async () => {
    const { stdout } = await buildah(['inspect', '--type', 'image', 'dkp-auth']);
    const { config } = JSON.parse(stdout).OCIv1;
    assert.deepEqual(
      [config.Entrypoint, config.User, config.WorkingDir],
      [[program], '65532:65532', '/home/nonroot'],
    );
    const { stdout: who } = await run(['/bin/busybox', 'id', '-u']);
    assert.equal(who, '65532');
    const { version } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'));
    const told = await run([program, '--version']);
    assert.deepEqual([told.exitCode, told.stdout, told.stderr], [0, version, '']);
  });

  it("has no shell but the launcher's, no package manager and no Node", async () => {
    const { stdout } = await run([
      '/bin/busybox',
      'find',
      '/',
      '-xdev',
      '-type',
      'f',
      '-perm',
      '/111',
      '!',
      '-name',
      '*.so*',
    ]);
    const programs = stdout.split('\n').filter(file => !/^\/(proc|sys|dev|run)\//.test(file));
    assert.deepEqual(programs.sort(), ['/bin/busybox', program, `${program}-token`]);
  });

  it('logs in by device code, serves the token, and tells its status', async () => {
    const where = toOneCluster('portal.yaml', cluster);
    const login = run([
      program,
      'login',
      ...where,
      '--idp',
      'corporate',
      '--sign-in',
      'device',
      '--sign-in-now',
    ]);
    let shown = '';
    let signedIn: Promise<unknown> | undefined;
    login.stderr?.on('data', piece => {
      shown += piece;
      // The second address has the code in it.
      const address = [...shown.matchAll(/^(https:\/\/\S+)\n/gm)][1]?.[1];
      if (address !== undefined) signedIn ??= demo.signIn(address, demo.user('ada'));
    });
    const { exitCode, stderr } = await login;
    await signedIn;
    assert.equal(exitCode, 0, String(stderr));

    const info = kubectlSays({ cluster: { ...demo.cluster(cluster), hostname: '' } });
    const launched = await run([`${program}-token`, '--profile', cluster], info);
    assert.equal(launched.exitCode, 0, String(launched.stderr));
    assert.match(String(launched.stdout), /"kind": ?"ExecCredential"/);
    const status = await run([program, 'status', '--json']);
    const [profile] = JSON.parse(String(status.stdout)).profiles;
    assert.deepEqual([profile.name, profile.needsLogin], [cluster, false]);
    assert.deepEqual(profile.kubeconfigs, [
      { path: `/home/nonroot/.kube/dkp-auth/${cluster}.yaml`, context: cluster, exists: true },
    ]);
  });
});
