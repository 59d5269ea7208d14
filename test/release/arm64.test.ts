import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { version } from '../../source/version.ts';
import { cachedProfile, tokenOf } from '../helpers/cached-profile.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { temporaryHome } from '../helpers/home.ts';
import { needs } from '../helpers/shells.ts';

const root = path.join(import.meta.dirname, '..', '..');
const program = path.join(root, 'dist-exe', 'linux-arm64', 'dkp-auth');
// Where Debian puts the libraries of packages for the other architecture.
const libraries = '/usr/aarch64-linux-gnu';

/** Played by an emulator: it shows that the executable is whole and starts, and nothing of how fast it is. */
describe('the executable for Linux on arm64', needs('qemu-aarch64-static'), () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    execa('qemu-aarch64-static', ['-L', libraries, program, ...args], {
      env: { ...env, PATH: process.env['PATH'] ?? '' },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 120_000,
    });

  before(async () => {
    await execa('npm', ['run', '--silent', 'build:executable', '--', '--target', 'linux-arm64'], {
      cwd: root,
      timeout: 200_000,
    });
  });

  it('tells its version', async t => {
    const { env } = await temporaryHome(t);
    const { exitCode, stdout, stderr } = await run(['--version'], env);
    assert.deepEqual([exitCode, stdout, stderr], [0, version, '']);
  });

  it('serves a cached token, and tells the status of its profile', async t => {
    const home = await temporaryHome(t);
    const profile = await cachedProfile(home, 'prod', 'https://prod.example.com');
    const env = { ...home.env, KUBERNETES_EXEC_INFO: clientGoSays(profile) };
    const token = await run(['token', '--profile', 'prod'], env);
    assert.deepEqual([token.exitCode, token.stderr], [0, '']);
    assert.equal(JSON.parse(token.stdout).status.token, tokenOf('prod'));
    const status = await run(['status', '--json'], env);
    assert.equal(JSON.parse(status.stdout).profiles[0].needsLogin, false);
  });
});
