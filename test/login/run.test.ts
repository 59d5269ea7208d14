import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { readCredential } from '../../source/credentials/credential.ts';
import { cancelled, UserError } from '../../source/errors.ts';
import type { Choice } from '../../source/login/options.ts';
import { runLogin } from '../../source/login/run.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { claimProfile, readProfile } from '../../source/profiles/registry.ts';
import { rememberedPortals } from '../../source/system/settings.ts';
import { temporaryHome } from '../helpers/home.ts';
import { checkedToken, loginOptions, planContext } from '../helpers/login-options.ts';
import { contentsOf } from '../helpers/plain-output.ts';
import { account, sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const [red, blue] = [parseProfileName('red'), parseProfileName('blue')];

/** Signs everybody in as the cluster's own person, and remembers for whom it was asked. */
function signIns() {
  const asked: string[] = [];
  const signIn = async ({ profile }: Choice) => {
    asked.push(profile);
    return checkedToken(`person of ${profile}`);
  };
  return { asked, signIn };
}

const times = [
  ['first', ['red']],
  ['all', ['red', 'blue']],
  ['none', []],
] as const;

for (const [signInTime, expected] of times) {
  test(`signing in "${signInTime}" asks for ${expected.join(' and ') || 'nobody'}, each token kept for its profile`, async t => {
    const home = await temporaryHome(t);
    const { asked, signIn } = signIns();
    const outcome = await runLogin(
      loginOptions(['red', 'blue'], { signInTime }),
      new Map(),
      signIn,
      planContext(home),
    );
    assert.deepEqual(asked, expected);
    for (const name of [red, blue]) {
      const isExpected = expected.some(each => each === name);
      const credential = await readCredential(home.paths, name);
      assert.equal(credential?.subject, isExpected ? `person of ${name}` : undefined);
      assert.equal(credential?.server, isExpected ? `https://${name}.example.com:6443` : undefined);
      assert.equal((await readProfile(home.paths, name))?.account?.subject, credential?.subject);
    }
    assert.deepEqual(
      outcome.profiles.map(({ token, failure }) => [token !== undefined, failure]),
      [red, blue].map(name => [expected.some(each => each === name), undefined]),
    );
  });
}

test('the token method needs a token of its own for each cluster, whatever was said of the time', async t => {
  const home = await temporaryHome(t);
  const { asked, signIn } = signIns();
  const options = loginOptions(['red', 'blue'], { method: 'token', signInTime: 'none' });
  await runLogin(options, new Map(), signIn, planContext(home));
  assert.deepEqual(asked, ['red', 'blue']);
});

test('a token that was obtained before is not asked for again, and serves its own profile alone', async t => {
  const home = await temporaryHome(t);
  const { asked, signIn } = signIns();
  const obtained = new Map([[red, checkedToken('early')]]);
  await runLogin(loginOptions(['red', 'blue'], { signInTime: 'all' }), obtained, signIn, planContext(home));
  assert.deepEqual(asked, ['blue']);
  assert.equal((await readCredential(home.paths, red))?.subject, 'early');
  assert.equal((await readCredential(home.paths, blue))?.subject, 'person of blue');
});

test('a name that is taken costs nobody a login', async t => {
  const home = await temporaryHome(t);
  await claimProfile(home.paths, sampleProfile('red', 'https://elsewhere'));
  const { asked, signIn } = signIns();
  await assert.rejects(
    runLogin(loginOptions(['red']), new Map(), signIn, planContext(home)),
    userError('PROFILE_TAKEN'),
  );
  assert.deepEqual(asked, []);
});

test('a name that is taken while the person signs in is refused, and what the other one has is left alone', async t => {
  const home = await temporaryHome(t);
  const options = loginOptions(['blue', 'red']);
  const signIn = async ({ profile }: Choice) => {
    await claimProfile(home.paths, sampleProfile('red', 'https://elsewhere'));
    return checkedToken(profile);
  };
  await assert.rejects(runLogin(options, new Map(), signIn, planContext(home)), userError('PROFILE_TAKEN'));
  assert.deepEqual(await home.files(), ['config/profiles/red.json']);
  assert.equal((await readProfile(home.paths, red))?.cluster.server, 'https://elsewhere');
});

test('another account than the pinned one is refused at the store too, and nothing changes', async t => {
  const home = await temporaryHome(t);
  const pinned = sampleProfile('red', 'https://red.example.com:6443', { account: account('ada') });
  await claimProfile(home.paths, pinned);
  const kept = await contentsOf(home);
  await assert.rejects(
    runLogin(
      loginOptions(['blue', 'red']),
      new Map([[red, checkedToken('eve')]]),
      signIns().signIn,
      planContext(home),
    ),
    userError('WRONG_ACCOUNT'),
  );
  assert.deepEqual(await contentsOf(home), kept);
});

test('a login that fails or is left before its first token writes nothing', async t => {
  const home = await temporaryHome(t);
  for (const error of [
    new UserError('LOGIN_TIMEOUT', 'x'),
    cancelled(),
    new DOMException('x', 'AbortError'),
  ]) {
    const signIn = () => Promise.reject(error);
    await assert.rejects(
      runLogin(loginOptions(['red']), new Map(), signIn, planContext(home)),
      each => each === error,
    );
  }
  assert.deepEqual(await fs.readdir(home.folder), []);
});

test('what cannot be written takes back all that was begun: profiles, tokens, other kubeconfigs', async t => {
  const home = await temporaryHome(t);
  const options = loginOptions(['red'], { output: home.path(`${'x'.repeat(250)}`) });
  await assert.rejects(
    runLogin(options, new Map(), signIns().signIn, planContext(home)),
    userError('IO', /too long/),
  );
  assert.deepEqual(await home.files(), []);
});

test('a later cluster whose login fails is told of, and the others are served', async t => {
  const home = await temporaryHome(t);
  const signIn = async ({ profile }: Choice) => {
    if (profile === 'blue') throw new UserError('LOGIN_DENIED', 'no');
    return checkedToken(profile);
  };
  const options = loginOptions(['red', 'blue', 'lab'], { signInTime: 'all' });
  const { profiles } = await runLogin(options, new Map(), signIn, planContext(home));
  assert.deepEqual(
    profiles.map(({ token, failure }) => [token !== undefined, failure?.code]),
    [
      [true, undefined],
      [false, 'LOGIN_DENIED'],
      [true, undefined],
    ],
  );
});

test('the portal is remembered with the decision about its certificate, and the Node that ran for the launcher', async t => {
  const home = await temporaryHome(t);
  await runLogin(
    loginOptions(['red'], { identityProvider: 'ldap' }),
    new Map(),
    signIns().signIn,
    planContext(home),
  );
  const [portal] = await rememberedPortals(home.paths);
  assert.deepEqual(
    [portal?.loginLink, portal?.identityProvider],
    ['https://dkp.example.com/token/landing/', 'ldap'],
  );
  assert.equal(await fs.readFile(home.paths.node, 'utf8'), `${process.execPath}\n`);
});
