import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { expandPath, homeDirectory, pathsOf, tildePath } from '../../source/system/paths.ts';

const env = { HOME: '/home/ada' };

test('everything lies where the XDG specification has it, below the home directory', () => {
  assert.deepEqual(pathsOf(env), {
    config: '/home/ada/.config/dkp-auth',
    profiles: '/home/ada/.config/dkp-auth/profiles',
    state: '/home/ada/.local/state/dkp-auth',
    credentials: '/home/ada/.local/state/dkp-auth/credentials',
    callers: '/home/ada/.local/state/dkp-auth/callers',
    konvoy: '/home/ada/.local/state/dkp-auth/konvoy',
    kubeconfigs: '/home/ada/.kube/dkp-auth',
    node: '/home/ada/.local/state/dkp-auth/node',
  });
});

test("the person's XDG folders count, and this program's own variables before them", () => {
  const xdg = { ...env, XDG_CONFIG_HOME: '/x/config', XDG_STATE_HOME: '/x/state' };
  assert.equal(pathsOf(xdg).config, '/x/config/dkp-auth');
  assert.equal(pathsOf(xdg).credentials, '/x/state/dkp-auth/credentials');
  const own = { ...xdg, DKP_AUTH_CONFIG_DIR: '/c', DKP_AUTH_STATE_DIR: '/s', DKP_AUTH_KUBECONFIG_DIR: '/k' };
  assert.deepEqual(
    [pathsOf(own).profiles, pathsOf(own).credentials, pathsOf(own).kubeconfigs],
    ['/c/profiles', '/s/credentials', '/k'],
  );
});

test('relative and empty variables are ignored, so that no folder depends on where one stands', () => {
  const odd = {
    ...env,
    XDG_CONFIG_HOME: 'config',
    XDG_STATE_HOME: '',
    DKP_AUTH_CONFIG_DIR: './c',
    DKP_AUTH_STATE_DIR: '',
    DKP_AUTH_KUBECONFIG_DIR: 'k',
  };
  assert.deepEqual(pathsOf(odd), pathsOf(env));
  assert.equal(homeDirectory({ HOME: 'ada' }), os.homedir());
  assert.equal(homeDirectory({}), os.homedir());
});

test('a home directory is shortened to a tilde, and nothing that only begins like it', () => {
  assert.equal(tildePath('/home/ada/.kube/x', env), '~/.kube/x');
  assert.equal(tildePath('/home/ada', env), '~');
  assert.equal(tildePath('/home/adam/x', env), '/home/adam/x');
  assert.equal(tildePath('/etc/x', env), '/etc/x');
});

test('what a person types as a path is made absolute', () => {
  assert.equal(expandPath('~/x', env), '/home/ada/x');
  assert.equal(expandPath('~', env), '/home/ada');
  assert.equal(expandPath('/a/../b', env), '/b');
  assert.equal(expandPath('x', env), path.join(process.cwd(), 'x'));
  assert.equal(expandPath('~eve/x', env), path.join(process.cwd(), '~eve/x'));
});
