import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { launcher } from '../../source/kubeconfig/launcher.ts';
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
