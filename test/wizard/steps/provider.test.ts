import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoginLink } from '../../../source/portal/login-link.ts';
import { globalLink, startWalk, walkTo } from '../../helpers/wizard.ts';

const link = parseLoginLink(globalLink);

test('many providers: one is chosen, by its name or by typing', () => {
  const walk = walkTo(startWalk(), 'provider');
  walk.type('hub');
  walk.press('enter');
  assert.equal(walk.latest('signIn')?.provider, 'github');
});

test('a provider named by flag is not asked for', () => {
  for (const identityProvider of ['github', 'GitHub', 'GITHUB']) {
    const walk = startWalk({ answers: { link, identityProvider } });
    assert.equal(walk.latest('signIn')?.provider, 'github');
    assert.deepEqual(walk.state.history, ['login']);
  }
});

test('a provider named by flag that is not there is a problem that lists those that are', () => {
  const walk = startWalk({ answers: { link, identityProvider: 'ldap' } });
  assert.equal(walk.state.step, 'provider');
  assert.equal(walk.state.problem?.code, 'UNKNOWN_IDENTITY_PROVIDER');
  assert.match(walk.state.problem?.hint ?? '', /corporate \(Corporate Directory\), github \(GitHub\)/);
  assert.equal(walk.state.providerList?.items.length, 2);
});

test('a name by flag that several providers bear is a problem, and the list is there to choose from', () => {
  const providers = [
    { id: 'one', name: 'Directory' },
    { id: 'two', name: 'Directory' },
  ];
  const walk = startWalk({ answers: { link, identityProvider: 'Directory' }, world: { providers } });
  assert.match(walk.state.problem?.message ?? '', /Several/);
  walk.press('down', 'enter');
  assert.equal(walk.latest('signIn')?.provider, 'two');
});

test('a portal that does not answer is told, and Enter asks it again', () => {
  const walk = startWalk({ answers: { link }, silent: ['connect'] });
  walk.fail();
  assert.equal(walk.state.problem?.code, 'NETWORK');
  walk.press('enter');
  assert.equal(walk.effects.filter(({ kind }) => kind === 'connect').length, 2);
});

test('the login begun to read the providers is used for the login itself, once', () => {
  const walk = walkTo(startWalk({ silent: ['signIn'] }), 'login');
  assert.equal(walk.latest('signIn')?.pending?.requestCode, 'code');
  walk.type('n');
  assert.equal(walk.latest('signIn')?.pending, undefined);
});
