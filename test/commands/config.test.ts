import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import type { Setting } from '../../source/settings/kinds.ts';
import { settingKeys, settings } from '../../source/settings/schema.ts';
import { rememberedPortals, rememberPortal } from '../../source/system/settings.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertRefused } from '../helpers/plain-output.ts';
import { loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { cli, jsonOf, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

type Listed = { settings: { key: string; value: unknown; origin: string; variable: string }[] };

const config = (home: Home, args: readonly string[], env: Record<string, string> = {}) =>
  runProgram(['config', ...args], { env: { ...home.env, ...env } });

const inFile = async (home: Home) =>
  JSON.parse(await fs.readFile(home.path('config', 'settings.json'), 'utf8'));

/** A good value of each setting, other than its default. */
const samples: Readonly<Record<string, string>> = {
  browserCommand: 'firefox --new-window',
  credentialStore: 'file',
  method: '2',
  noBrowser: 'true',
  screenReader: 'true',
  proxy: 'http://proxy.example.com:3128',
  timeout: '60',
};

describe('config', () => {
  for (const key of settingKeys) {
    test(`${key}: set, told with its origin, before the default, behind the environment, and unset`, async t => {
      const home = await temporaryHome(t);
      const sample = samples[key] ?? '';
      const { variable, fallback }: Setting = settings[key];
      const told = async (env: Record<string, string> = {}) => {
        const ended = await config(home, ['list', '--json'], env);
        const found = jsonOf<Listed>(ended).settings.find(each => each.key === key);
        return [String(found?.value ?? ''), found?.origin];
      };
      assert.deepEqual(await told(), [String(fallback ?? ''), 'default']);
      assert.equal((await config(home, ['set', key, sample])).code, 0);
      assert.deepEqual(await told(), [sample, 'file']);
      assert.equal((await config(home, ['get', key])).stdout, `${sample}\n`);
      const other = sample === 'true' ? 'false' : key === 'method' ? '1' : sample.replace(/\w$/, '');
      const alternative = key === 'credentialStore' ? 'none' : other;
      assert.deepEqual(await told({ [variable]: alternative }), [alternative, 'environment']);
      assert.equal((await config(home, ['unset', key])).code, 0);
      assert.deepEqual(await told(), [String(fallback ?? ''), 'default']);
      assert.equal(await home.mode('config', 'settings.json'), '600');
    });
  }

  test('list --origin tells where each value comes from, and who comes first', async t => {
    const home = await temporaryHome(t);
    await config(home, ['set', 'timeout', '60']);
    const ended = await config(home, ['list', '--origin'], { DKP_AUTH_METHOD: '2' });
    assert.match(ended.stdout, /^timeout +60 +~\/config\/settings\.json$/m);
    assert.match(ended.stdout, /^method +2 +DKP_AUTH_METHOD$/m);
    assert.match(ended.stdout, /^credentialStore +auto +default$/m);
    assert.match(ended.stdout, /counts: a flag, the environment, ~\/config\/settings\.json, the default\./);
  });

  test('unknown keys and bad values are refused with what would be right, and nothing is written', async t => {
    const home = await temporaryHome(t);
    for (const [args, message, hint] of [
      [
        ['set', 'credential-store', 'file'],
        /There is no setting "credential-store"/,
        /Did you mean credentialStore\?/,
      ],
      [['set', 'proxi', 'x'], /There is no setting "proxi"/, /Did you mean proxy\?/],
      [['get', 'colour'], /There is no setting "colour"/, /There are: browserCommand, credentialStore, /],
      [
        ['set', 'credentialStore', 'vault'],
        /credentialStore takes auto, keyring, file or none; "vault" is not that/,
      ],
      [['set', 'timeout', '0'], /timeout takes a whole number from 1 to 86400/],
      [['set', 'timeout', ''], /timeout takes a whole number/],
      [['set', 'noBrowser', 'maybe'], /noBrowser takes true or false/],
      [['set', 'proxy', 'socks5://x'], /proxy takes the address of a proxy/],
      [['set', '__proto__', 'x'], /There is no setting "__proto__"/],
    ] as const) {
      assertRefused(await config(home, args), { exit: 2, message, hint: hint ?? /^/ });
    }
    assert.deepEqual(await home.files(), []);
    const ended = await config(home, ['list'], { DKP_AUTH_TIMEOUT: 'soon' });
    assertRefused(ended, { exit: 2, message: /DKP_AUTH_TIMEOUT takes a whole number/, hint: /^/ });
  });

  test('a bad value in the file is told by those who would use it, and set mends it', async t => {
    const home = await temporaryHome(t);
    await fs.mkdir(home.paths.config, { mode: 0o700 });
    const file = home.path('config', 'settings.json');
    await fs.writeFile(file, '{"timeout":"soon","colour":"red"}', { mode: 0o600 });
    assertRefused(await config(home, ['list']), {
      exit: 1,
      message: /has a timeout that is none/,
      hint: /config unset timeout/,
    });
    assert.equal((await config(home, ['set', 'timeout', '60'])).code, 0);
    const ended = await config(home, ['list']);
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /without effect: there is no setting "colour"/);
  });

  test('what was remembered of platforms stays when a setting is written', async t => {
    const home = await temporaryHome(t);
    const portal = { loginLink: 'https://dkp.example.com/token/landing/', lastUsed: 1 };
    await rememberPortal(home.paths, portal);
    await config(home, ['set', 'method', '2']);
    await config(home, ['unset', 'method']);
    assert.deepEqual(await rememberedPortals(home.paths), [portal]);
  });

  for (const [what, script, check] of [
    [
      'a good file counts',
      'printf \'{"method":"2"}\' > "$1"',
      async (home: Home, text: string) => {
        assert.deepEqual(await inFile(home), { method: '2' });
        assert.doesNotMatch(text, /dkp-auth:/);
      },
    ],
    [
      'a bad one does not, and is kept',
      'printf \'{"method":"3"}\' > "$1"',
      async (home: Home, text: string) => {
        assert.deepEqual(await inFile(home), { method: '1' });
        assert.match(text, /not taken over: method takes 1, 2 or token/);
        assert.match(await fs.readFile(home.path('config', 'settings.edited.json'), 'utf8'), /"3"/);
      },
    ],
    [
      'an editor that fails changes nothing',
      'exit 3',
      async (home: Home, text: string) => {
        assert.deepEqual(await inFile(home), { method: '1' });
        assert.match(text, /ended with code 3; nothing was changed/);
        assert.deepEqual(await home.files(), ['config/settings.json', 'editor']);
      },
    ],
  ] as const) {
    test(`edit: ${what}`, async t => {
      const home = await temporaryHome(t);
      await config(home, ['set', 'method', '1']);
      await fs.writeFile(home.path('editor'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const terminal = openTerminal(t, {
        command: process.execPath,
        args: [cli, 'config', 'edit'],
        env: { ...home.env, EDITOR: home.path('editor') },
      });
      await terminal.exit;
      await check(home, terminal.logicalLines().join(' '));
    });
  }

  test('edit without a terminal says what to do', async t => {
    const home = await temporaryHome(t);
    assertRefused(await config(home, ['edit']), {
      exit: 2,
      message: /no terminal/,
      hint: /config set KEY VALUE/,
    });
  });
});

describe('settings in use', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo(smallestPortal);
  });
  after(() => demo.close());

  test('a login takes from them what its flags leave open, and a flag comes first', async t => {
    const home = await temporaryHome(t);
    await config(home, ['set', 'method', '2']);
    const answers = [
      '--idp',
      'corporate',
      '--cluster',
      'kubernetes-cluster',
      '--profile',
      'prod',
      '--dry-run',
      '--json',
    ];
    const args = loginArguments(demo, ...answers);
    const method = async (more: readonly string[], env = {}) => {
      const ended = await runProgram([...args, ...more], { env: { ...home.env, ...env } });
      assert.equal(ended.code, 0, ended.stderr);
      return jsonOf<{ method: string }>(ended).method;
    };
    assert.equal(await method([]), '2');
    assert.equal(await method([], { DKP_AUTH_METHOD: '1' }), '1');
    assert.equal(await method(['--method', '2'], { DKP_AUTH_METHOD: '1' }), '2');
  });

  test('the proxy of the settings is the one that requests go through', async t => {
    const home = await temporaryHome(t);
    await config(home, ['set', 'proxy', 'http://127.0.0.1:9']);
    const args = loginArguments(
      demo,
      '--cluster',
      'kubernetes-cluster',
      '--method',
      '1',
      '--yes',
      '--dry-run',
    );
    const ended = await runProgram(args, { env: home.env });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Could not reach the proxy 127\.0\.0\.1:9/);
    const direct = await runProgram([...args, '--proxy', ''], { env: home.env });
    assert.equal(direct.code, 0, direct.stderr);
  });

  test('a browser command of the settings opens the address', async t => {
    const home = await temporaryHome(t);
    const browser = home.path('browser');
    await fs.writeFile(browser, `#!/bin/sh\nprintf '%s' "$1" > ${home.path('opened')}\n`, { mode: 0o755 });
    await config(home, ['set', 'browserCommand', browser]);
    const { document } = demo;
    const answers = [
      '--idp',
      'corporate',
      '--cluster',
      'kubernetes-cluster',
      '--method',
      '1',
      '--profile',
      'prod',
    ];
    const args = ['login', document.loginLinks.global, '--ca-file', document.caFile, ...answers];
    const program = startProgram(args, { env: home.env });
    const address = await program.address();
    await personSignsIn(program, demo, demo.user('ada'));
    assert.equal((await program.ended).code, 0);
    assert.equal(await fs.readFile(home.path('opened'), 'utf8'), address);
  });
});
