import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeconfigDiff } from '../../source/kubeconfig/diff.ts';

const path = '/home/ada/.kube/config';
const file = (token: string, more = '') => `kind: Config
clusters:
- name: red
  cluster:
    certificate-authority-data: ${'QUJD'.repeat(30)}
    server: https://red
users:
- name: other
  user: {token: s3cret-other, extra: s3cret-extra}
- name: red
  user:
    token: ${token}
    exec:
      command: plugin
      args: [--client-secret=s3cret-arg, get]
      env:
      - {name: A, value: s3cret-env}
${more}`;

test('a diff shows what changes and no credential, of what changes and of what stands beside it', () => {
  const diff = kubeconfigDiff({
    path,
    before: file('s3cret-old'),
    after: file('s3cret-new', '- name: blue\n'),
  });
  assert.doesNotMatch(diff, /s3cret/);
  assert.match(diff, /^--- .*\n\+\+\+ .*\n@@ /);
  assert.match(diff, /^- {4}token: "\(hidden\)"$/m);
  assert.match(diff, /^\+ {4}token: "\(hidden, new\)"$/m);
  assert.match(diff, /^\+- name: blue$/m);
  assert.match(diff, /^ {5}exec:$/m);
});

test('a credential in several lines, in JSON or in an odd place is hidden too', () => {
  for (const after of [
    'users:\n- name: a\n  user:\n    token: >-\n      s3cret\n      s3cret\n    auth-provider:\n      name: oidc\n      config:\n        id-token: s3cret\n',
    JSON.stringify(
      { users: [{ name: 'a', user: { password: 's3cret', 'client-key-data': 's3cret' } }] },
      undefined,
      1,
    ),
    'clusters: [{name: a, cluster: {proxy-url: "http://me:s3cret@proxy"}}]\n',
    'users:\n- name: a\n  s3cret: s3cret\n  user: "s3cret\n    s3cret"\n'.replace('  s3cret: s3cret\n', ''),
  ]) {
    const diff = kubeconfigDiff({ path, before: undefined, after });
    assert.match(diff, /^--- \/dev\/null/);
    assert.doesNotMatch(diff, /s3cret/, after);
    assert.match(diff, /hidden/);
  }
});

test('what is no kubeconfig is not shown', () => {
  const diff = kubeconfigDiff({ path, before: 'users: {token: s3cret', after: 'users: []\n' });
  assert.match(diff, /not shown/);
  assert.doesNotMatch(diff, /s3cret/);
});

test('nothing that changes is nothing shown, and no control character is', () => {
  assert.equal(kubeconfigDiff({ path, before: 'a: 1\n', after: 'a: 1\n' }), '');
  const diff = kubeconfigDiff({
    path,
    before: '',
    after: 'users:\n- name: "a\u001b[31m\u202e"\n  user: {}\n',
  });
  assert.doesNotMatch(diff, /[\u001b\u202e]/);
});
