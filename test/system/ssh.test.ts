import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardCommand, isOverSsh, redirectOf } from '../../source/system/ssh.ts';

const redirect = new URL('http://127.0.0.1:18000/callback');

const cases: [string, Record<string, string>, string | undefined][] = [
  [
    'the usual port',
    { SSH_CONNECTION: '10.0.0.9 51515 10.0.0.2 22', USER: 'ada' },
    'ssh -N -L 18000:127.0.0.1:18000 ada@10.0.0.2',
  ],
  [
    'another port, over IPv6',
    { SSH_CONNECTION: 'fe80::1 51515 fe80::2 2222', USER: 'ada' },
    'ssh -N -p 2222 -L 18000:127.0.0.1:18000 ada@fe80::2',
  ],
  ['a terminal of SSH that does not say from where', { SSH_TTY: '/dev/pts/1', USER: 'ada' }, undefined],
  ['a machine of one’s own', { USER: 'ada' }, undefined],
  ['a name that a shell would take apart', { SSH_CONNECTION: 'a 1 b 22', USER: '$(id)' }, undefined],
];

for (const [where, env, command] of cases) {
  test(`${where}: ${command ?? 'no command'}`, () => assert.equal(forwardCommand(env, redirect), command));
}

test('an address without a port of its own is not one to forward', () => {
  const env = { SSH_CONNECTION: 'a 1 b 22', USER: 'ada' };
  assert.equal(forwardCommand(env, new URL('https://dkp.example.com/callback')), undefined);
});

test('SSH is known by either of its variables, and empty ones are none', () => {
  assert.equal(isOverSsh({ SSH_CONNECTION: 'a 1 b 22' }), true);
  assert.equal(isOverSsh({ SSH_TTY: '/dev/pts/0' }), true);
  assert.equal(isOverSsh({ SSH_TTY: '', SSH_CONNECTION: '' }), false);
});

test('where a browser comes back to stands in the address it begins at', () => {
  const url = new URL(`https://dkp.example.com/dex/auth?redirect_uri=${encodeURIComponent(redirect.href)}`);
  assert.equal(redirectOf(url)?.href, redirect.href);
  assert.equal(redirectOf(new URL('https://dkp.example.com/')), undefined);
  assert.equal(redirectOf(new URL('https://dkp.example.com/?redirect_uri=nothing')), undefined);
});
