import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { launcher, launcherOf } from '../../source/kubeconfig/launcher.ts';
import { profileAskedFor } from '../../source/kubeconfig/ours.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';

test('kubeconfigs name the plugin by its full path and give it the profile, and nothing else', () => {
  const { command, args } = launcher(parseProfileName('prod.eu'));
  if (process.platform === 'win32') {
    assert.deepEqual([command, args], ['dkp-auth', ['token', '--profile', 'prod.eu']]);
  } else {
    assert.ok(path.isAbsolute(command));
    assert.equal(path.basename(command), 'dkp-auth-token');
    assert.deepEqual(args, ['--profile', 'prod.eu']);
  }
});

describe('the single executable', { skip: process.platform === 'win32' }, () => {
  const named = (executable: string, files: readonly string[], portable = false) => {
    const folder = path.dirname(executable);
    const launch = launcherOf({ folder, executable, exists: file => files.includes(file) });
    const { command, args } = launch(parseProfileName('prod'), portable);
    return [command, ...args].join(' ');
  };

  test('is called through the launcher beside it', () => {
    const files = ['/opt/dkp/dkp-auth', '/opt/dkp/dkp-auth-token'];
    assert.equal(named('/opt/dkp/dkp-auth', files), '/opt/dkp/dkp-auth-token --profile prod');
  });

  test('is called itself where the launcher is not there, or would not find it', () => {
    assert.equal(named('/usr/bin/dkp-auth', ['/usr/bin/dkp-auth']), '/usr/bin/dkp-auth token --profile prod');
    assert.equal(
      named('/usr/bin/kubectl-dkp_auth', ['/usr/bin/kubectl-dkp_auth', '/usr/bin/dkp-auth-token']),
      '/usr/bin/kubectl-dkp_auth token --profile prod',
    );
  });

  test('is called by the link of krew, which outlives an upgrade, and is known by that name', () => {
    const store = '/home/ada/.krew/store/dkp-auth/v0.1.0';
    const link = '/home/ada/.krew/bin/kubectl-dkp_auth';
    const files = [link, `${store}/dkp-auth`, `${store}/dkp-auth-token`];
    assert.equal(named(`${store}/dkp-auth`, files), `${link} token --profile prod`);
    const exec = { command: link, args: ['token', '--profile', 'prod'] };
    assert.equal(profileAskedFor({ exec }), 'prod');
    assert.equal(named(`${store}/dkp-auth`, files, true), 'dkp-auth-token --profile prod');
  });
});
