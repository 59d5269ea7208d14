import path from 'node:path';
import { UserError } from '../errors.ts';
import type { Environment } from './paths.ts';

/** Languages that shells read: `posix` is that of sh, bash, dash, ksh and zsh. */
export type ShellLanguage = 'posix' | 'fish' | 'powershell';

export type Shell = { readonly name: string; readonly language: ShellLanguage };

const languages: Readonly<Record<string, ShellLanguage>> = {
  sh: 'posix',
  ash: 'posix',
  bash: 'posix',
  dash: 'posix',
  ksh: 'posix',
  mksh: 'posix',
  zsh: 'posix',
  fish: 'fish',
  pwsh: 'powershell',
  powershell: 'powershell',
};

/** @throws UserError USAGE */
export function parseShell(name: string): Shell {
  const shell = shellCalled(name);
  if (shell !== undefined) return shell;
  throw new UserError('USAGE', '--shell takes bash, zsh, sh, fish or powershell.');
}

function shellCalled(name: string): Shell | undefined {
  const language = Object.hasOwn(languages, name) ? languages[name] : undefined;
  return language === undefined ? undefined : { name, language };
}

/** By the command that started it: a login shell has a dash before its name. */
function shellOf(command: string | undefined): Shell | undefined {
  const name = path.basename((command ?? '').replaceAll('\\', '/').replace(/^-/, ''));
  return shellCalled(name.replace(/\.exe$/i, '').toLowerCase());
}

/**
 * The shell that will read what is printed: the parent process where it can be seen and is one, else the person's usual
 * shell.
 * @param parent the command line of the process that started this one
 */
export function findShell(
  env: Environment,
  parent: readonly string[] = [],
  platform = process.platform,
): Shell {
  const usual = platform === 'win32' ? parseShell('powershell') : parseShell('sh');
  return shellOf(parent[0]) ?? shellOf(env['SHELL']) ?? usual;
}

/** One word of a shell's language that stands for a text, whatever is in it. */
export function quoteFor({ language }: Shell, text: string): string {
  switch (language) {
    case 'posix':
      return `'${text.replaceAll("'", "'\\''")}'`;
    case 'fish':
      // `eval (...)` joins lines by blanks, so a line end is written as what it is called.
      return `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', "'\\n'")}'`;
    case 'powershell':
      // PowerShell takes typographic quotes for straight ones.
      return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`
        .replaceAll('\r', '\' + "`r" + \'')
        .replaceAll('\n', '\' + "`n" + \'');
  }
}

/** A line that sets an environment variable for all that follows in the shell. */
export function exportLine(shell: Shell, name: string, value: string): string {
  const quoted = quoteFor(shell, value);
  switch (shell.language) {
    case 'posix':
      return `export ${name}=${quoted}`;
    case 'fish':
      return `set -gx ${name} ${quoted}`;
    case 'powershell':
      return `$env:${name} = ${quoted}`;
  }
}

/** What a person types to have a shell read the output of a command. */
export function evaluated({ language }: Shell, command: string): string {
  switch (language) {
    case 'posix':
      return `eval "$(${command})"`;
    case 'fish':
      return `${command} | source`;
    case 'powershell':
      return `${command} | Out-String | Invoke-Expression`;
  }
}
