import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { evaluated, exportLine, findShell, parseShell, quoteFor } from '../../source/system/shell.ts';
import { userError } from '../helpers/user-error.ts';

const found: readonly [string, Record<string, string>, readonly string[], NodeJS.Platform, string][] = [
  ['the parent process', { SHELL: '/bin/bash' }, ['/usr/bin/fish'], 'linux', 'fish'],
  ['a login shell', { SHELL: '/bin/bash' }, ['-zsh'], 'linux', 'zsh'],
  ['a shell with arguments', {}, ['dash', '-c', 'x'], 'linux', 'dash'],
  ['PowerShell as the parent', { SHELL: '/bin/bash' }, ['/opt/microsoft/pwsh'], 'linux', 'pwsh'],
  ['the usual shell, when the parent is none', { SHELL: '/usr/bin/fish' }, ['make'], 'linux', 'fish'],
  ['the usual shell, when the parent is not seen', { SHELL: '/bin/zsh' }, [], 'darwin', 'zsh'],
  ['sh, when the usual shell is none we know', { SHELL: '/bin/tcsh' }, [], 'linux', 'sh'],
  ['sh, when nothing is known', {}, [], 'linux', 'sh'],
  ['PowerShell on Windows', {}, [], 'win32', 'powershell'],
  ['a shell on Windows that says so', { SHELL: 'C:\\Git\\bin\\bash.exe' }, [], 'win32', 'bash'],
  ['no property of objects', { SHELL: '/bin/constructor' }, ['toString'], 'linux', 'sh'],
];

describe('the shell that reads what is printed', () => {
  for (const [what, env, parent, platform, name] of found) {
    it(`is ${what}`, () => assert.equal(findShell(env, parent, platform).name, name));
  }

  it('is one of those known', () => {
    assert.equal(parseShell('fish').language, 'fish');
    assert.throws(
      () => parseShell('cmd'),
      userError('USAGE', /--shell takes bash, zsh, sh, fish or powershell/),
    );
    assert.throws(() => parseShell('toString'), userError('USAGE'));
  });

  it('gets what it has to read in its own language', () => {
    const lines = ['sh', 'fish', 'powershell'].map(name =>
      exportLine(parseShell(name), 'KUBECONFIG', '/a b'),
    );
    assert.deepEqual(lines, [
      "export KUBECONFIG='/a b'",
      "set -gx KUBECONFIG '/a b'",
      "$env:KUBECONFIG = '/a b'",
    ]);
    assert.deepEqual(
      ['sh', 'fish', 'powershell'].map(name => evaluated(parseShell(name), 'dkp-auth use x')),
      [
        'eval "$(dkp-auth use x)"',
        'dkp-auth use x | source',
        'dkp-auth use x | Out-String | Invoke-Expression',
      ],
    );
  });

  it('quotes for PowerShell by its rules: every kind of single quote is doubled, line ends are named', () => {
    const quote = (text: string) => quoteFor(parseShell('pwsh'), text);
    assert.equal(quote('it\'s $HOME `n "x"'), "'it''s $HOME `n \"x\"'");
    assert.equal(quote('\u2018a\u2019\u201ab\u201b'), "'\u2018\u2018a\u2019\u2019\u201a\u201ab\u201b\u201b'");
    assert.equal(quote('a\r\nb'), "'a' + \"`r\" + '' + \"`n\" + 'b'");
  });

  it('quotes for sh, whatever the text is', async () => {
    for (const text of ["'", "''a'", '$(id)`id`\\', 'a\nb\n', '"', '*', '-n', '~', '!x', 'é\t ']) {
      const line = `eval "x=${'$1'}"; printf '%s.' "$x"`;
      const { stdout } = await execa('sh', ['-c', line, 'sh', quoteFor(parseShell('sh'), text)]);
      assert.equal(stdout, `${text}.`);
    }
  });
});
