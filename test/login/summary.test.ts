import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import type { LoginOptions } from '../../source/login/options.ts';
import { planLogin } from '../../source/login/plan.ts';
import { nextCommands, repeatCommand, shellQuote } from '../../source/login/summary.ts';
import { localTime } from '../../source/time-text.ts';
import { temporaryHome } from '../helpers/home.ts';
import { choiceOf, loginOptions, planContext } from '../helpers/login-options.ts';
import { fc } from '../helpers/seeded.ts';

const words = (command: string) =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8', env: { HOME: '/home/ada' } })
    .split('\0')
    .slice(0, -1);

test('a shell reads every quoted argument back as it was', () => {
  const text = fc
    .oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(
        "'",
        '"',
        '$(touch x)',
        '`id`',
        '~/x',
        '~',
        'a b',
        '\n',
        '*',
        '!',
        '\\',
        '-x',
        'a;b',
        '#',
      ),
    )
    .filter(each => !each.includes('\u0000'));
  const several = fc.array(text, { minLength: 30, maxLength: 60 });
  fc.assert(
    fc.property(several, args => {
      assert.deepEqual(words(args.map(shellQuote).join(' ')), args);
    }),
    { numRuns: 20 },
  );
});

test('an argument that needs no quotes gets none', () => {
  assert.equal(
    shellQuote('https://dkp.example.com:8443/token/landing/'),
    'https://dkp.example.com:8443/token/landing/',
  );
  assert.equal(shellQuote('red-prod=red'), 'red-prod=red');
  assert.equal(shellQuote(''), "''");
});

const repeated: [string, LoginOptions, string][] = [
  ['one cluster', loginOptions(['red']), '--cluster red --method 1 --profile red'],
  [
    'two clusters',
    loginOptions(['red', 'blue']),
    '--cluster red --cluster blue --method 1 --profile red=red --profile blue=blue',
  ],
  [
    'all clusters',
    loginOptions(['red', 'blue'], { allClusters: true }),
    '--all-clusters --method 1 --profile red=red --profile blue=blue',
  ],
  [
    'a provider',
    loginOptions(['red'], { identityProvider: 'my ldap' }),
    "--idp 'my ldap' --cluster red --method 1 --profile red",
  ],
  [
    'an output',
    loginOptions(['red'], { method: '2', output: '~/x y' }),
    "--cluster red --method 2 --profile red --output '~/x y'",
  ],
  [
    'now',
    loginOptions(['red'], { signInTime: 'all' }),
    '--cluster red --method 1 --profile red --sign-in-now',
  ],
  [
    'later',
    loginOptions(['red'], { signInTime: 'none' }),
    '--cluster red --method 1 --profile red --sign-in-later',
  ],
  [
    'the page',
    loginOptions([], { choices: [{ ...choiceOf('red'), signIn: 'page' }] }),
    '--sign-in page --cluster red --method 1 --profile red',
  ],
  [
    'a name that several clusters bear',
    loginOptions([], { choices: [choiceOf('red', { nameIsUnique: false })] }),
    '--cluster https://red.example.com:6443 --method 1 --profile red',
  ],
];

for (const [what, options, flags] of repeated) {
  test(`the command that repeats a login tells ${what}`, () => {
    assert.equal(repeatCommand(options), `dkp-auth login https://dkp.example.com/token/landing/ ${flags}`);
  });
}

test('the next commands name the file, the context where it is needed, and how to switch', async t => {
  const home = await temporaryHome(t);
  const commandsFor = async (...args: Parameters<typeof loginOptions>) => {
    const options = loginOptions(...args);
    return nextCommands(await planLogin(options, planContext(home)), options, home.env);
  };
  const file = '"$HOME"/kube/dkp.example.com.yaml';
  assert.deepEqual(await commandsFor(['red', 'blue']), {
    try: `kubectl --kubeconfig=${file} get pods -A`,
    use: 'eval "$(dkp-auth use blue)"',
    switch: [
      `export KUBECONFIG=${file}`,
      'kubectl config use-context blue',
      'kubectl --context=blue get pods -A',
    ],
  });
  assert.deepEqual(await commandsFor(['red', 'blue'], { method: '2' }), {
    try: 'kubectl --kubeconfig="$HOME"/kube/red.yaml get pods -A',
    use: 'eval "$(dkp-auth use blue)"',
    switch: [
      'kubectl --kubeconfig="$HOME"/kube/blue.yaml get pods -A',
      'export KUBECONFIG="$HOME"/kube/blue.yaml',
    ],
  });
  await fs.writeFile(home.path('my config'), 'current-context: old\n');
  assert.deepEqual(await commandsFor(['red'], { output: '~/my config' }), {
    try: `kubectl --kubeconfig="$HOME"'/my config' --context=red get pods -A`,
    use: 'eval "$(dkp-auth use red)"',
    switch: [
      `export KUBECONFIG="$HOME"'/my config'`,
      'kubectl config use-context red',
      'kubectl --context=red get pods -A',
    ],
  });
});

test('the command that switches is in the language of the shell', async t => {
  const home = await temporaryHome(t);
  const options = loginOptions(['red', 'blue']);
  const plan = await planLogin(options, planContext(home));
  const inFish = nextCommands(plan, options, { ...home.env, SHELL: '/usr/bin/fish' });
  assert.equal(inFish.use, 'dkp-auth use blue | source');
});

test('a moment is told as the clock of the machine shows it', () => {
  const date = new Date(2027, 0, 5, 7, 9);
  assert.equal(localTime(date.getTime() / 1000), '2027-01-05 07:09');
});
