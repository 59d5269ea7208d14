import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { planLogin } from '../../source/login/plan.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { openPortal } from '../../source/portal/open-portal.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import { temporaryHome } from '../helpers/home.ts';
import { checkedToken, choiceOf, loginOptions, planContext } from '../helpers/login-options.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const outputs: [string, Parameters<typeof loginOptions>, string[]][] = [
  ['Method 1', [['red', 'blue']], ['kube/dkp.example.com.yaml']],
  ['Method 1 to a file', [['red'], { output: '~/.kube/config' }], ['.kube/config']],
  ['Method 2', [['red', 'blue'], { method: '2' }], ['kube/red.yaml', 'kube/blue.yaml']],
  ['Method 2 to a folder', [['red', 'blue'], { method: '2', output: '~/x' }], ['x/red.yaml', 'x/blue.yaml']],
  ['Method 2 to a file', [['red'], { method: '2', output: '~/x.yml' }], ['x.yml']],
  ['tokens', [['red', 'blue'], { method: 'token' }], ['kube/red.yaml', 'kube/blue.yaml']],
];

for (const [what, [profiles, more], files] of outputs) {
  test(`${what} is planned to be written to ${files.join(' and ')}, and nothing is written`, async t => {
    const home = await temporaryHome(t);
    const plan = await planLogin(loginOptions(profiles, more), planContext(home));
    assert.deepEqual(
      plan.files.map(file => file.path),
      files.map(file => home.path(file)),
    );
    for (const file of plan.files) assert.equal(file.action, 'create');
    assert.deepEqual(await fs.readdir(home.folder), []);
  });
}

test('the portal of a workspace has a file of its own', async t => {
  const home = await temporaryHome(t);
  const portal = openPortal(parseLoginLink('dkp.example.com:8443/token/landing/team-red'), {
    kind: 'system',
  });
  const { files } = await planLogin(loginOptions(['red'], { portal }), planContext(home));
  assert.deepEqual(
    files.map(file => file.path),
    [home.path('kube', 'dkp.example.com-8443_team-red.yaml')],
  );
});

test('one file cannot be the output for several clusters of Method 2', async t => {
  const home = await temporaryHome(t);
  const options = loginOptions(['red', 'blue'], { method: '2', output: '~/x.yaml' });
  await assert.rejects(
    planLogin(options, planContext(home)),
    userError('USAGE', /one file, but there are 2/),
  );
});

test('a profile says which cluster, portal, way and files it is for', async t => {
  const home = await temporaryHome(t);
  const choice = choiceOf('red', { ca: 'PEM', name: 'Red' });
  const portal = openPortal(parseLoginLink('dkp.example.com'), { kind: 'authority', pem: 'CA' });
  const options = loginOptions([], { portal, choices: [choice], identityProvider: 'ldap', method: '2' });
  const { profiles } = await planLogin(options, planContext(home));
  const { server, hostname, issuer } = choice.cluster;
  assert.deepEqual(profiles, [
    {
      version: 1,
      name: 'red',
      cluster: { name: 'Red', server, ca: 'PEM', hostname },
      issuer,
      portal: { loginLink: 'https://dkp.example.com/token/landing/', ca: 'CA' },
      identityProvider: 'ldap',
      signIn: 'portal',
      kubeconfigs: [home.path('kube', 'red.yaml')],
    },
  ]);
});

test('a name that another cluster, or another installation, has is refused', async t => {
  const home = await temporaryHome(t);
  await claimProfile(home.paths, sampleProfile('red', 'https://elsewhere'));
  await assert.rejects(planLogin(loginOptions(['red']), planContext(home)), userError('PROFILE_TAKEN'));
  const { server } = choiceOf('blue').cluster;
  const other = { portal: { loginLink: 'https://other.example/token/landing/' } };
  await claimProfile(home.paths, sampleProfile('blue', server, other));
  await assert.rejects(
    planLogin(loginOptions(['blue']), planContext(home)),
    userError('PROFILE_TAKEN', /of https:\/\/other\.example/),
  );
});

test('one name for two choices is refused', async t => {
  const home = await temporaryHome(t);
  const choices = [choiceOf('red'), { ...choiceOf('blue'), profile: parseProfileName('red') }];
  await assert.rejects(
    planLogin(loginOptions([], { choices }), planContext(home)),
    userError('PROFILE_TAKEN', /given to two clusters: red and blue/),
  );
});

test('a new file starts with the first context, a file that is there keeps its own, --set-current overrules', async t => {
  const home = await temporaryHome(t);
  const current = async (more: Parameters<typeof loginOptions>[1] = {}) => {
    const options = loginOptions(['red', 'blue'], { output: '~/config', ...more });
    const { files } = await planLogin(options, planContext(home));
    return files[0]?.currentContext;
  };
  assert.equal(await current(), 'red');
  assert.equal(await current({ setCurrent: parseProfileName('blue') }), 'blue');
  await fs.writeFile(home.path('config'), 'current-context: old\n');
  assert.equal(await current(), 'old');
  assert.equal(await current({ setCurrent: parseProfileName('blue') }), 'blue');
  await fs.writeFile(home.path('config'), 'apiVersion: v1\n');
  assert.equal(await current(), undefined);
});

test('a file that is rendered holds the token of each profile, and of no other', async t => {
  const home = await temporaryHome(t);
  const options = loginOptions(['red', 'blue'], { method: 'token' });
  const { files } = await planLogin(options, planContext(home));
  const tokens = new Map(options.choices.map(({ profile }) => [profile, checkedToken(profile)]));
  for (const [index, file] of files.entries()) {
    const { users } = parse(file.render(tokens));
    assert.deepEqual(users, [
      {
        name: options.choices[index]?.profile,
        user: { token: checkedToken(options.choices[index]?.profile ?? '').token },
      },
    ]);
  }
});

test('a token kubeconfig may be changed to the plugin and back, because it is known to be ours', async t => {
  const home = await temporaryHome(t);
  const { files, profiles } = await planLogin(loginOptions(['red'], { method: 'token' }), planContext(home));
  const [file] = files;
  assert.ok(file && profiles[0]);
  await fs.mkdir(home.path('kube'));
  await fs.writeFile(file.path, file.render(new Map([[parseProfileName('red'), checkedToken('red')]])));
  const again = () => planLogin(loginOptions(['red'], { method: '2' }), planContext(home));
  await assert.rejects(
    again(),
    userError('KUBECONFIG_CONFLICT', /user "red" that this program did not write/),
  );
  await claimProfile(home.paths, profiles[0]);
  const changed = parse((await again()).files[0]?.render(new Map()) ?? '');
  assert.equal(changed.users[0].user.exec.args[1], 'red');
});
